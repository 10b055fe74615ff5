"""Console summary, test messages and the table for the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.record import Verdict
from isolation.show.console import console_summary
from isolation.show.message import case_message, measurements_table_html
from run_samples import CATALOGUE, bad_run, dead_run, good_run, limit, measured

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


def test_the_summary_starts_with_the_verdict_and_ends_with_the_report() -> None:
    lines = console_summary(good_run(), CATALOGUE, REPORT).splitlines()
    assert lines[1] == "The tenants are isolated: all 13 promises are kept."
    assert lines[-1] == "Sign-off: results/signoff.html"
    assert sum(" PASS " in line for line in lines[3:16]) == 13


def test_the_diagnosis_comes_before_everything() -> None:
    assert (
        console_summary(dead_run(), CATALOGUE, REPORT)
        .splitlines()[1]
        .startswith("!! 100 of 100 connected, 0 of 100 answered")
    )


def test_the_summary_says_why_something_is_not_green_and_hides_secrets() -> None:
    text = console_summary(bad_run(), CATALOGUE, REPORT)
    assert "acme-05" in text and "The run left 3 things behind" in text
    assert "hunter2" not in text and "\u202e" not in text


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
