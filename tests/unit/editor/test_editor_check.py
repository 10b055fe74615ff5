"""The editor's check needs no platform: every mistake is one sentence with its place and what would be right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scenario_editor.check import Checked, check

ROOT = Path(__file__).resolve().parents[3]
STARTUP = ("concurrent_startup/startup", "All users connect and send their first message at the same instant", "CS-1")
LEAKS = ("resource_isolation/leak_detection", "Nine tenants leak, run away, or only look suspicious", "RI-3")
NOISE = ("resource_isolation/noisy_neighbours", "Tenants 1 to 4 make noise of four kinds and then stop", "RI-5")
QUOTAS = (
    "resource_isolation/quota_enforcement",
    "Tenants 3 and 5 try to exceed their quotas, and the same load without a quota exceeds it",
    "RI-2",
)
OWN_LEAK = (
    "resource_isolation/leak_detection",
    "Tenant 2 leaks memory beside 4 other tenants, after a rest of 5 s",
    "RI-3",
)
START = "Then each start should take less than"
SHARE = "Then all should be connected within"
LEAK = "Then the memory leak of tenant"

Subject = tuple[str, str, str]
MISTAKES: dict[str, tuple[Subject, str, tuple[str, ...]]] = {
    # name: subject, step, words of the sentence
    "no unit": (STARTUP, f"{START} 5", ("'5'", "with a unit")),
    "zero": (STARTUP, f"{START} 0 seconds", ("'0 seconds'", "more than nothing")),
    "odd unit": (STARTUP, f"{START} 5 parsecs", ("'parsecs'", "seconds")),
    "unit of something else": (STARTUP, f"{START} 5 MB", ("'5 MB'", "duration")),
    "negative": (STARTUP, f"{START} -5 seconds", ("negative",)),
    "no number": (STARTUP, f"{START} five seconds", ("'five seconds'", "duration")),
    "decimal comma": (STARTUP, f"{START} 4,5 seconds", ("'4,5'", "not a number")),
    "weaker time": (STARTUP, f"{START} 10 hours", ("weaker", "5 s", "trial")),
    "weaker share": (STARTUP, f"{SHARE} 10 seconds and at least 1 percent answered", ("weaker", "95 %")),
    "more than all": (STARTUP, f"{SHARE} 10 seconds and at least 200 percent answered", ("200 %", "100 %")),
    "share without a unit": (STARTUP, f"{SHARE} 10 seconds and at least 95 answered", ("'95'", "percent")),
    "misspelt": (STARTUP, "Then eech start should take less than 5 seconds", ("no sentence", "Each start should take less than [time]")),
    "half a sentence": (STARTUP, "Then no two users should share an agent", ("no sentence", "a session or a process")),
    "of another file": (STARTUP, "Then the endless operation should be terminated within 30 seconds", ("leak_detection.resource", "Resource")),
    "an experiment as a step": (STARTUP, STARTUP[1], ("Suite Setup",)),
    "tenant 99": (LEAKS, f"{LEAK} 99 should be reported within 60 seconds", ("no tenant 99", "1 to 9")),
    "tenant 0": (LEAKS, f"{LEAK} 0 should be reported within 60 seconds", ("no tenant 0",)),
    "tenant one": (LEAKS, f"{LEAK} one should be reported within 60 seconds", ("'one'", "number of a tenant")),
    "a kind that is none": (LEAKS, "Then the disk leak of tenant 1 should be reported within 60 seconds", ("'disk'", "memory, file descriptor, connection")),
    "three healthy ones and a stranger": (LEAKS, "Then tenants 6, 7 and 12 should not be reported", ("no tenant 12",)),
    "who did not try": (QUOTAS, "Then tenant 4 should be held to its CPU quota by its own limit", ("no tenant 4", "3 and 5")),
    "a resource that is none": (QUOTAS, "Then tenant 3 should be held to its disk quota by its own limit", ("no sentence", "quota")),
    "not noisy": (NOISE, "Then tenants 1 to 7, and no other, should be reported as noisy within 30 seconds", ("no tenant 7", "1 to 4")),
    "own leak, tenant beyond": (OWN_LEAK, f"{LEAK} 6 should be reported within 60 seconds", ("no tenant 6", "1 to 5")),
    "limit of another promise": (STARTUP, "Then 95 percent of the starts should take less than 5 s, and 99 percent less than 8 s", ("CS-1 has no limit 'p95'",)),
}  # fmt: skip
RIGHT: dict[str, tuple[Subject, str]] = {
    "stricter": (STARTUP, f"{START} 4.5 seconds"),
    "short unit": (STARTUP, f"{START} 5 secs"),
    "capitals": (STARTUP, f"{START} 5 Seconds"),
    "capital sentence": (STARTUP, "Then Each Start Should Take Less Than 5 seconds"),
    "percent sign": (STARTUP, f"{SHARE} 10 seconds and at least 95 % answered"),
    "own leak": (OWN_LEAK, f"{LEAK} 5 should be reported within 60 seconds"),
}


def scenario(
    folder: Path, subject: Subject, *steps: str, settings: str = "", test: str = "", promise: str = ""
) -> Path:
    resource, setup, stands_for = subject
    lines = [
        "*** Settings ***",
        f"Resource    {ROOT}/keywords/{resource}.resource",
        *([f"Suite Setup    {setup}"] if setup else []),
        settings,
        "*** Test Cases ***",
        test or "A claim of mine",
        *([f"    [Metadata]    Promise    {promise or stands_for}"] if stands_for or promise else []),
        *(f"    {step}" for step in steps),
    ]
    file = folder / "scenario.robot"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def only(checked: Checked, line: int, *words: str) -> None:
    """There is one mistake, in that line, and its sentence has these words."""
    assert len(checked.findings) == 1, checked.findings
    finding = checked.findings[0]
    assert all(word in finding.says for word in words), finding
    assert finding.line == line
    assert finding.says.endswith((".", "?"))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(tmp_path: Path, name: str) -> None:
    subject, step, words = MISTAKES[name]
    only(
        check(scenario(tmp_path, subject, step))
        if name != "an experiment as a step"
        else _without_claims(tmp_path, step),
        8,
        *words,
    )


def _without_claims(folder: Path, step: str) -> Checked:
    """An experiment among the steps also leaves the test without a claim, unless another step makes one."""
    return check(scenario(folder, STARTUP, step, f"{START} 5 seconds"))


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_no_mistake(tmp_path: Path, name: str) -> None:
    subject, step = RIGHT[name]
    assert check(scenario(tmp_path, subject, step)).findings == ()


def test_a_weaker_limit_may_stand_in_a_trial(tmp_path: Path) -> None:
    assert check(scenario(tmp_path, STARTUP, "[Tags]    trial", f"{START} 10 hours")).findings == ()


def test_a_claim_before_its_setup_says_which_it_needs(tmp_path: Path) -> None:
    other = f"Resource    {ROOT}/keywords/resource_isolation/recovery.resource"
    file = scenario(
        tmp_path, STARTUP, "Then nothing of them should be left within 30 seconds", settings=other, promise="RI-7"
    )
    only(check(file), 8, "another experiment", "Half of the busy tenants crash")


@pytest.mark.parametrize(
    ("subject", "words", "line"),
    [
        ((STARTUP[0], "", "CS-1"), ("Nothing is recorded", "All users connect"), 1),
        ((STARTUP[0], "All user connect and send their first message", "CS-1"), ("no sentence", "All users connect"), 3),
        ((STARTUP[0], "Each start should take less than 5 seconds", "CS-1"), ("records nothing", "All users connect"), 3),
        ((*STARTUP[:2], ""), ("names no promise", "[Metadata]"), 6),
        ((*STARTUP[:2], "RI-99"), ("no promise 'RI-99'", "did you mean"), 6),
        ((*STARTUP[:2], "five"), ("no promise 'five'",), 6),
    ],
    ids=["no setup", "misspelt setup", "a claim as setup", "no promise", "unknown promise", "no id"],
)  # fmt: skip
def test_what_is_wrong_around_the_steps(tmp_path: Path, subject: Subject, words: tuple[str, ...], line: int) -> None:
    checked = check(scenario(tmp_path, subject, f"{START} 5 seconds"))
    assert any(all(word in finding.says for word in words) for finding in checked.findings), checked.findings
    assert all(finding.line >= 1 for finding in checked.findings)
    assert line in {finding.line for finding in checked.findings} or not subject[1]


def test_a_test_without_a_claim_a_name_that_is_taken_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    only(check(scenario(tmp_path, STARTUP)), 6, "empty")
    taken = "Every user has an agent, a session and a process of their own"
    only(check(scenario(tmp_path, STARTUP, f"{START} 5 seconds", test=taken)), 6, "unique", taken)
    file = scenario(tmp_path, STARTUP, f"{START} 5 seconds", settings="Resource    ../keywords/start_up.resource")
    only(check(file), 1, "start_up.resource", "startup.resource")


def test_keywords_of_the_file_itself_are_looked_into(tmp_path: Path) -> None:
    file = scenario(tmp_path, STARTUP, "Then my claim")
    own = (
        f"{file.read_text(encoding='utf-8')}\n*** Keywords ***\nMy claim\n    Then each start should take less than 5\n"
    )
    file.write_text(own, encoding="utf-8")
    only(check(file), 12, "'5'", "with a unit")


def test_one_blank_instead_of_two_is_seen(tmp_path: Path) -> None:
    file = scenario(tmp_path, STARTUP, f"{START} 5 seconds")
    file.write_text(file.read_text(encoding="utf-8").replace("Suite Setup    All", "Suite Setup All"), encoding="utf-8")
    assert any("Suite Setup All" in finding.says for finding in check(file).findings)


def test_the_project_has_no_mistake() -> None:
    checked = check(ROOT / "suites")
    assert checked.findings == ()
    assert checked.tests > 100


def test_the_command_ends_with_0_1_or_2(tmp_path: Path) -> None:
    def ends(*files: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scenario_editor", "check", *map(str, files)]
        return subprocess.run(
            command, capture_output=True, text=True, env={"PYTHONPATH": f"{ROOT}/libraries"}, timeout=60
        )

    good = ends(scenario(tmp_path, STARTUP, f"{START} 5 seconds"))
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("no mistakes in 1 test with 1 step;")
    bad = ends(scenario(tmp_path, STARTUP, f"{START} 5"))
    assert bad.returncode == 1
    assert "scenario.robot:8: '5'" in bad.stdout
    nowhere = ends(tmp_path / "nowhere.robot")
    assert nowhere.returncode == 2
    assert "Traceback" not in nowhere.stderr
