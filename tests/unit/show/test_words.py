"""Console summary, test messages and the table for the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.record import Verdict
from isolation.show.console import console_summary, progress_line, start_lines
from isolation.show.evidence.decided import decide
from isolation.show.evidence.run import Evidence
from isolation.show.message import case_message, measurements_table_html
from unit.show.run_samples import CATALOGUE, Cases, bad_run, dead_run, good_run, limit, measured, run

REPORT = Path("results/signoff.html")
KEPT = measured("RI-3", "time until named", 33.1, limit(60, "s"), samples=5)
BROKEN = measured(
    "RI-3",
    "time until stopped",
    75,
    limit(30, "s"),
    reason="Tenant 'acme-03' was stopped after 75 s; the limit is 30 s",
)
OPEN = measured("RI-3", "slope", 20, limit(25, "MB/min"), verdict=Verdict.INCONCLUSIVE, reason="Too few samples.")


def summary(evidence: Evidence) -> str:
    return console_summary(*decide(evidence, CATALOGUE), REPORT)


def test_the_summary_starts_with_the_verdict_and_ends_with_the_report() -> None:
    lines = summary(good_run()).splitlines()
    assert lines[1] == "The tenants are isolated: all 13 promises are kept."
    assert lines[-1] == "Sign-off: results/signoff.html"
    assert sum(" PASS " in line for line in lines[3:16]) == 13


def test_the_diagnosis_comes_before_everything() -> None:
    assert summary(dead_run()).splitlines()[1].startswith("!! 100 of 100 connected, 0 of 100 answered")


def test_the_summary_says_the_worst_first_and_hides_secrets() -> None:
    text = summary(bad_run())
    assert "acme-05" in text and "The run left 3 things behind" in text
    assert "hunter2" not in text and "\u202e" not in text
    verdicts = [
        word
        for line in text.splitlines()
        for word in ("FAIL", "NOT EXAMINED", "INCONCLUSIVE", " PASS ")
        if f" {word.strip()} " in line
    ]
    assert verdicts == sorted(verdicts, key=["FAIL", "NOT EXAMINED", "INCONCLUSIVE", " PASS "].index)


def test_one_reason_for_many_tests_is_said_once() -> None:
    cases = Cases()
    for number in range(30):
        cases.add(f"test {number}", promises=("RI-1",), status="NOT EXAMINED", message="The platform died: signal 9")
    text = summary(run(cases))
    assert text.count("30 tests: The platform died: signal 9.") == 1
    assert "FAIL" not in text


def test_promises_without_a_test_take_one_line() -> None:
    cases = Cases()
    cases.add("a test", measured("RI-1", "time", 1, limit(2)))
    lines = [line for line in summary(run(cases)).splitlines() if "NOT PROVEN" in line and "Promises:" not in line]
    assert len(lines) == 1 and lines[0].startswith("        NOT PROVEN      no test ran: RI-2, RI-3,")


def test_no_control_character_of_the_target_reaches_the_terminal() -> None:
    cases = Cases()
    hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\rall is well\u202e"
    cases.add(hostile, measured("RI-1", hostile, 9, limit(1), reason=hostile), status="FAIL", message=hostile)
    evidence = run(cases)
    text = (
        summary(evidence)
        + start_lines(hostile, hostile, 1, 3.0, {hostile: [hostile]})
        + progress_line(1, 2, 3, 9, hostile)
    )
    assert not [letter for letter in text if (ord(letter) < 32 and letter != "\n") or 0x7F <= ord(letter) < 0xA0]


def test_the_first_and_the_progress_line() -> None:
    said = start_lines(
        "reference platform", "quick", 93, 281, {"the package 'clickhouse-connect' is not installed": ["CS-2"]}
    )
    assert said.splitlines() == [
        "Target reference platform, profile quick, 93 tests, a whole run took about 5 min the last time.",
        "  Not examined: CS-2: the package 'clickhouse-connect' is not installed",
    ]
    assert progress_line(12, 93, 40, 281, "A test") == "[12/93, 40 s, about 4 min left] A test"
    assert progress_line(1, 10, 8, None) == "[1/10, 8 s, about 72 s left]"
    assert progress_line(0, 10, 0, None) == "[0/10, 0 s]"
    assert progress_line(3, 0, 12, None, "A file") == "[3 done, 12 s] A file"
    assert (
        start_lines("p", "quick", 0, None, {}) == "Target p, profile quick, how long a run takes here is not known yet."
    )


def test_a_pass_names_its_key_numbers() -> None:
    assert case_message([KEPT]) == "PASS: time until named 33.1 s (≤ 60 s), 5 samples"


def test_the_worst_comes_first() -> None:
    message = case_message([KEPT, OPEN, BROKEN])
    assert message == "FAIL: Tenant 'acme-03' was stopped after 75 s; the limit is 30 s."
    assert case_message([KEPT, OPEN]) == "INCONCLUSIVE: Too few samples."


def test_nothing_measured_is_a_fail() -> None:
    assert case_message([]).startswith("FAIL")


def test_a_failed_control_is_named_as_one() -> None:
    assert case_message([BROKEN.model_copy(update={"control": True})]).startswith("FAIL of a control: ")


@pytest.mark.parametrize("field", ["metric", "reason", "unit"])
def test_the_table_escapes_everything(field: str) -> None:
    hostile = KEPT.model_copy(update={field: "<img src=x onerror=alert(1)>"})
    table = measurements_table_html([hostile])
    assert "<img" not in table and "&lt;img" in table


def test_a_number_without_a_limit_is_reported_not_passed() -> None:
    assert "PASS" not in measurements_table_html([measured("RI-3", "median", 1.0, None)])


def test_the_table_puts_the_worst_on_top_and_escapes_sources() -> None:
    evil = measured("RI-3", "m", 1, limit(2, "s", source='"><script>'))
    table = measurements_table_html([evil, BROKEN])
    assert table.index("FAIL") < table.index("PASS")
    assert "<script" not in table
