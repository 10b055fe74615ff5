"""Mistakes that people make who edit scenarios: each is one sentence with its place, and none of them accuses the platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
START = "Then each start should take less than"
SHARE = "Then all should be connected within"
MISTAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # name: promise, step, words of the sentence
    "no unit": ("CS-1", f"{START} 5", ("'5'", "with a unit", "'30 s'")),
    "zero": ("CS-1", f"{START} 0 seconds", ("'0 seconds'", "more than nothing")),
    "odd unit": ("CS-1", f"{START} 5 parsecs", ("'parsecs'", "seconds")),
    "unit of something else": ("CS-1", f"{START} 5 MB", ("'5 MB'", "duration")),
    "negative": ("CS-1", f"{START} -5 seconds", ("negative",)),
    "no number": ("CS-1", f"{START} five seconds", ("'five seconds'", "duration")),
    "decimal comma": ("CS-1", f"{START} 4,5 seconds", ("'4,5'", "not a number")),
    "weaker time": ("CS-1", f"{START} 10 hours", ("weaker", "5 s", "trial")),
    "weaker share": ("CS-1", f"{SHARE} 10 seconds and at least 1 percent answered", ("weaker", "95 %", "trial")),
    "weaker connect": ("CS-1", f"{SHARE} 1 hour and at least 95 percent answered", ("weaker", "10 s")),
    "more than all": ("CS-1", f"{SHARE} 10 seconds and at least 200 percent answered", ("200 %", "100 %")),
    "share of nothing": ("CS-1", f"{SHARE} 10 seconds and at least 0 percent answered", ("more than nothing",)),
    "share without a unit": ("CS-1", f"{SHARE} 10 seconds and at least 95 answered", ("'95'", "percent")),
    "swapped percentiles": (
        "CS-3",
        "Then 95 percent of the starts should take less than 8 seconds, and 99 percent less than 5 seconds",
        ("weaker", "p95"),
    ),
    "misspelt": ("CS-1", "Then eech start should take less than 5 seconds", ("no sentence", "Each start should take")),
    "half a sentence": ("CS-1", "Then no two users should share an agent", ("no sentence", "a session or a process")),
    "of another file": ("CS-1", "Then the endless operation should be terminated within 30 seconds", ("no sentence",)),
    "no promise": ("", f"{START} 5 seconds", ("names no promise", "[Metadata]")),
    "unknown promise": ("RI-99", f"{START} 5 seconds", ("no promise 'RI-99'", "[Metadata]")),
    "no id at all": ("five", f"{START} 5 seconds", ("no promise 'five'",)),
    "promise without that limit": ("RI-3", f"{START} 5 seconds", ("RI-3 has no limit 'start'", "leak named")),
    "no claim": ("CS-1", "Log    nothing", ("makes no claim",)),
    "unknown keyword": ("CS-1", "Sleep Well    5", ("no sentence 'Sleep Well'",)),
}
RIGHT: dict[str, tuple[str, str]] = {
    "stricter": ("CS-1", f"{START} 4.5 seconds"),
    "short unit": ("CS-1", f"{START} 5 secs"),
    "capitals": ("CS-1", f"{START} 5 Seconds"),
    "capital sentence": ("CS-1", "Then Each Start Should Take Less Than 5 seconds"),
    "percent sign": ("CS-1", f"{SHARE} 10 seconds and at least 95 % answered"),
}


def scenario() -> str:
    lines = [
        "*** Settings ***",
        f"Resource    {ROOT}/keywords/concurrent_startup/startup.resource",
        "Suite Setup    All users connect and send their first message at the same instant",
        "",
        "*** Test Cases ***",
    ]
    for name, (promise, step, *_) in {**MISTAKES, **RIGHT}.items():
        lines += [name, *([f"    [Metadata]    Promise    {promise}"] if promise else []), f"    {step}"]
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    folder = tmp_path_factory.mktemp("mistakes")
    file = folder / "scenario.robot"
    file.write_text(scenario(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "robot", "-d", str(folder / "results"), "--exitonerror", str(file)],
        cwd=ROOT,
        env={**os.environ, "CONCURRENT_TEST_USERS": "3"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 254, done.stdout
    evidence = json.loads((folder / "results" / "evidence.json").read_text())
    assert "broken:" not in done.stdout
    assert "Isolation is broken" not in json.dumps(evidence)
    return {case["name"]: case for case in evidence["cases"]}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_and_accuses_nobody(results: dict[str, dict[str, object]], name: str) -> None:
    case = results[name]
    message = str(case["message"])
    assert case["status"] == "SKIP"
    assert case["not_examined"]
    assert "scenario.robot:" in message
    assert all(word in message for word in MISTAKES[name][2]), message
    assert "Error" not in message


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_examined(results: dict[str, dict[str, object]], name: str) -> None:
    assert results[name]["status"] == "PASS", results[name]["message"]
