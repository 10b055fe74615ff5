"""A busy machine excuses broken times, and nothing else."""

import pytest

from isolation.judge.rules.excuses import excused_by_foreign_load
from isolation.record import Comparison, Limit, Measurement, Verdict

MOST = Limit(value=25, unit="% of the machine", comparison=Comparison.AT_MOST, source="test")


def _measured(promise: str, unit: str, verdict: Verdict = Verdict.FAIL) -> Measurement:
    limit = Limit(value=1, unit=unit, comparison=Comparison.BELOW, source="test")
    return Measurement(
        promise=promise, metric="m", value=2, unit=unit, samples=9, limit=limit, verdict=verdict, reason="Too much."
    )


@pytest.mark.parametrize("unit", ["s", "x quiet mean", "Jain's index", "% of one core"])
def test_a_broken_time_or_share_on_a_busy_machine_is_inconclusive_and_says_why(unit: str) -> None:
    excused = excused_by_foreign_load(_measured("RI-4", unit), 60.0, MOST)
    assert excused.verdict is Verdict.INCONCLUSIVE
    assert "60 % with processes of others" in excused.reason


def test_connections_that_a_busy_machine_let_wait_accuse_nobody() -> None:
    assert (
        excused_by_foreign_load(_measured("CS-4", "connections not in time"), 90.0, MOST).verdict
        is Verdict.INCONCLUSIVE
    )
    assert excused_by_foreign_load(_measured("CS-4", "connections"), 90.0, MOST).verdict is Verdict.FAIL


def test_steps_that_a_busy_machine_kept_from_running_side_by_side_accuse_nobody() -> None:
    assert excused_by_foreign_load(_measured("AR-18", "% of flows in time"), 90.0, MOST).verdict is Verdict.INCONCLUSIVE
    assert excused_by_foreign_load(_measured("AR-18", "flows"), 90.0, MOST).verdict is Verdict.FAIL


@pytest.mark.parametrize("percent", [None, 0.0, 25.0])
def test_a_machine_of_its_own_excuses_nothing(percent: float | None) -> None:
    assert excused_by_foreign_load(_measured("RI-4", "s"), percent, MOST).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("promise", "unit"), [("CS-2", "s"), ("RI-7", "things"), ("AR-11", "%"), ("RI-6", "%"), ("RI-1", "")]
)
def test_findings_and_counts_are_never_excused(promise: str, unit: str) -> None:
    assert excused_by_foreign_load(_measured(promise, unit), 90.0, MOST).verdict is Verdict.FAIL


def test_a_pass_stays_a_pass() -> None:
    assert excused_by_foreign_load(_measured("RI-4", "s", Verdict.PASS), 90.0, MOST).verdict is Verdict.PASS
