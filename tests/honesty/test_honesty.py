"""The unchanged suites against servers that promise everything and do nothing: nothing is PASS but what they really show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from servers.liar import ROOT, write_target

TABLE: dict[str, dict[str, str | list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "may_pass.yaml").read_text(encoding="utf-8")
)
SUITES = sorted(
    str(file.relative_to(ROOT / "suites")) for file in (ROOT / "suites").rglob("*.robot") if file.stem != "__init__"
)
START, COST = "concurrent_startup/01_startup_isolation.robot", "concurrent_startup/03_performance.robot"
SHORT = [("yes_man", START), ("yes_man", "whole_run.robot"), ("canned", START), ("canned", COST)]
WHOLE = [(server, suite) for server in TABLE for suite in SUITES if (server, suite) not in SHORT]
AFTER = [pytest.param(*case, marks=pytest.mark.slow) for case in WHOLE]
OF_OURS = (
    "Traceback",
    "KeyError",
    "TypeError",
    "AttributeError",
    "IndexError",
    "ValueError",
    "AssertionError",
    "StopIteration",
)
NO_AGENTS = ("own", "first", "threads", "absent")


def run(folder: Path, suite: str, server: str, *options: str) -> list[dict[str, object]]:
    """Run one suite file against a server and give its cases back; nothing in its output is a traceback."""
    target = write_target(folder / "target.yaml", server, *options)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "robot",
            "-d",
            str(folder / "r"),
            "-v",
            f"TARGET:{target}",
            "--exitonerror",
            f"suites/{suite}",
        ],
        cwd=ROOT,
        env={**os.environ, "CONCURRENT_TEST_USERS": "5", "ISOLATION_VALIDATION_STRICT": "false"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    cases: list[dict[str, object]] = json.loads((folder / "r" / "evidence.json").read_text())["cases"]
    said = [done.stdout, done.stderr, *(str(case["message"]) for case in cases)]
    assert not [text for text in said if any(word in text for word in OF_OURS)], said
    return cases


def believed(cases: list[dict[str, object]], server: str) -> list[str]:
    """Tests and promises that are PASS and must not be."""
    allowed, found = TABLE[server], list[str]()
    for case in cases:
        passed = case["status"] == "PASS"
        for promise in case["promises"]:  # type: ignore[attr-defined]
            names = allowed.get(promise, [])
            if passed and names != "all" and not any(str(case["name"]).startswith(name) for name in names):
                found.append(f"{promise}: {case['name']}: {case['message']}")
    return found


@pytest.mark.parametrize(("server", "suite"), [*SHORT, *AFTER])
def test_nothing_passes_but_what_is_really_shown(tmp_path: Path, server: str, suite: str) -> None:
    cases = run(tmp_path, suite, server)
    assert cases
    assert believed(cases, server) == []


@pytest.mark.slow
@pytest.mark.parametrize("agents", NO_AGENTS)
def test_what_is_no_process_of_an_agent_is_none(tmp_path: Path, agents: str) -> None:
    cases = run(tmp_path, START, "yes_man", "--agents", agents)
    assert believed(cases, "yes_man") == []
