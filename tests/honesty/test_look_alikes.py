"""The unchanged suites against harmless variations of a clean platform: no alarm on any of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reference_platform.look_alikes import NAMES
from servers.liar import REFERENCE, ROOT

SUITES = sorted(file for file in (ROOT / "suites").rglob("*.robot") if file.stem != "__init__")
SHORT = {"other_order", "unknown_pushes"}
"""Among the normal tests; every one is with ``-m slow``, or ``poe look-alikes``."""


def target_of(folder: Path, *names: str) -> Path:
    """The reference platform's target file, with these variations."""
    target = yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))
    for name in names:
        target["launch"]["command"] += ["--look-alike", name]
    file = folder / "target.yaml"
    file.write_text(yaml.safe_dump(target, sort_keys=False, width=10_000), encoding="utf-8")
    return file


def files_of(name: str) -> list[str]:
    """The suite files that a variation might irritate."""
    beginnings = tuple(f"{ROOT / 'suites'}/{beginning}" for beginning in NAMES[name].files)
    return [str(file) for file in SUITES if str(file).startswith(beginnings)]


def alarms(folder: Path, files: list[str], *names: str) -> list[str]:
    """What a run says against a platform that has these variations."""
    command = [sys.executable, "-m", "robot", "-d", str(folder / "r"), "-v", f"TARGET:{target_of(folder, *names)}"]
    done = subprocess.run(
        [*command, "--exitonerror", *files],
        cwd=ROOT,
        env={**os.environ, "CONCURRENT_TEST_USERS": "20", "ISOLATION_VALIDATION_STRICT": "false"},
        capture_output=True,
        text=True,
        timeout=900,
    )
    cases = json.loads((folder / "r" / "evidence.json").read_text())["cases"]
    assert cases, done.stdout
    return [f"{case['name']}: {case['message']}" for case in cases if case["status"] == "FAIL" or case["not_examined"]]


def test_every_suite_file_that_is_named_is_there() -> None:
    assert len(NAMES) >= 14
    assert [name for name in NAMES if len(files_of(name)) != len(NAMES[name].files)] == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else pytest.mark.slow) for name in NAMES]
)
def test_a_harmless_look_alike_raises_no_alarm(tmp_path: Path, name: str) -> None:
    assert alarms(tmp_path, files_of(name)[: 1 if name in SHORT else None], name) == []
