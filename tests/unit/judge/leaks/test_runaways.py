"""Runaways, sustained usage, clean-up and operations without end."""

from __future__ import annotations

import pytest

from isolation.judge.leaks.runaways import (
    judge_cleaned_up,
    judge_operation_ends,
    judge_runaway_stopped,
    judge_sustained,
    sustained_usage,
)
from isolation.judge.rules.series import Reading
from isolation.record import Measurement, Operation, Outcome, PlatformEvent, Sample, Verdict
from unit.judge.judge_histories import alert, at_most, audit, operation, sampled, seconds

STOP = ["agent_stopped"]


def runaway(stopped_at: float, percent: float = 100) -> list[Sample]:
    return sampled("a", 1, seconds(0, 60), lambda t: percent if 10 <= t < stopped_at else 1)


def stopped(samples: list[Sample], events: list[PlatformEvent] | None = None) -> list[Measurement]:
    events = [audit("a", 25, "agent_stopped")] if events is None else events
    return judge_runaway_stopped("RI-3", samples, events, STOP, "a", 10, 20, at_most(30), 3.0)


def test_a_runaway_that_is_stopped_in_time_passes() -> None:
    effect, record = stopped(runaway(25))
    assert effect.value == pytest.approx(15, abs=1)
    assert (effect.verdict, record.verdict, record.value) == (Verdict.PASS, Verdict.PASS, 15)


def test_a_runaway_that_is_stopped_late_or_never_fails() -> None:
    assert stopped(runaway(45))[0].verdict is Verdict.FAIL
    never = stopped(runaway(99), [])
    assert [m.verdict for m in never] == [Verdict.FAIL, Verdict.FAIL]
    assert "was not stopped within 30 s" in never[0].reason


def test_a_stop_that_does_not_last_is_no_stop() -> None:
    again = sampled("a", 1, seconds(0, 60), lambda t: 100 if 10 <= t < 20 or t >= 40 else 0)
    assert stopped(again)[0].verdict is Verdict.FAIL


def test_a_runaway_that_never_ran_decides_nothing() -> None:
    assert stopped(runaway(25, percent=15))[0].verdict is Verdict.INCONCLUSIVE
    assert stopped([])[0].verdict is Verdict.FAIL


def test_sustained_usage_is_found_when_its_window_is_full() -> None:
    samples = sampled("a", 1, seconds(0, 60), 90) + sampled("b", 2, seconds(0, 60), 70)
    assert sustained_usage(samples, "a", 80, 30) == pytest.approx(30)
    assert sustained_usage(samples, "b", 80, 30) is None
    assert sustained_usage(samples, "a", 80, 300) is None


def heavy(events: list[PlatformEvent], percent: float = 95) -> Measurement:
    samples = sampled("a", 1, seconds(0, 60), percent) + sampled("b", 2, seconds(0, 60), 10)
    return judge_sustained("RI-3", samples, events, ["sustained_cpu"], at_most(80, "%"), 30, 5.0, 10.0)


def test_the_target_must_flag_every_sustained_user_and_nobody_else() -> None:
    right = alert("a", 33, "sustained_cpu")
    assert heavy([right]).verdict is Verdict.PASS
    assert heavy([]).tenants == ("a",)
    assert "never flagged" in heavy([]).reason
    assert "flagged late" in heavy([alert("a", 50, "sustained_cpu")]).reason
    wrong = heavy([right, alert("b", 33, "sustained_cpu")])
    assert (wrong.verdict, wrong.tenants) == (Verdict.FAIL, ("b",))


def test_a_tenant_near_the_limit_may_be_flagged_or_not() -> None:
    assert heavy([], 81).verdict is Verdict.INCONCLUSIVE
    assert heavy([alert("a", 33, "sustained_cpu")], 79).verdict is Verdict.INCONCLUSIVE


def test_nobody_sampled_for_a_whole_window_fails() -> None:
    assert judge_sustained("RI-3", [], [], ["sustained_cpu"], at_most(80, "%"), 30, 5.0, 10.0).verdict is Verdict.FAIL


def cleaned(counts: list[float], before: float | None = 4, tolerance: float = 0) -> Measurement:
    readings = [Reading(float(at), count) for at, count in enumerate(counts)]
    return judge_cleaned_up("RI-3", "file handles", "a", before, readings, 1.0, tolerance, at_most(3))


def test_leaked_things_must_be_gone_in_time_and_stay_gone() -> None:
    good = cleaned([4, 30, 54, 4, 4])
    assert (good.verdict, good.value) == (Verdict.PASS, 2)
    assert cleaned([4, 54, 54, 54, 54, 54, 4]).verdict is Verdict.FAIL
    still = cleaned([4, 54, 54])
    assert still.verdict is Verdict.FAIL and "still 54" in still.reason
    assert cleaned([4, 54, 4, 54]).verdict is Verdict.FAIL
    assert cleaned([4, 54, 5, 5]).verdict is Verdict.FAIL
    assert cleaned([4, 54, 5, 5], tolerance=1).verdict is Verdict.PASS


def test_a_leak_that_was_never_seen_or_not_read_decides_nothing() -> None:
    assert cleaned([4, 4, 4]).verdict is Verdict.INCONCLUSIVE
    assert "before the leak" in cleaned([4, 54, 4], before=None).reason
    assert cleaned([4, 54, 4], before=None).verdict is Verdict.INCONCLUSIVE
    assert cleaned([]).verdict is Verdict.INCONCLUSIVE


def test_an_endless_operation_must_end_with_the_time_out_code() -> None:
    ended = operation(latency=8.1, outcome=Outcome.REFUSED, code="timeout")
    assert judge_operation_ends("RI-3", [ended], "timeout", at_most(30)).verdict is Verdict.PASS
    slow = operation(latency=31, outcome=Outcome.REFUSED, code="timeout")
    assert judge_operation_ends("RI-3", [ended, slow], "timeout", at_most(30)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "bad",
    [
        operation(latency=None, outcome=Outcome.TIMED_OUT),
        operation(latency=1, outcome=Outcome.ANSWERED),
        operation(latency=1, outcome=Outcome.REFUSED, code="internal"),
        operation(latency=None, outcome=Outcome.LOST),
    ],
)
def test_any_other_end_of_an_endless_operation_fails(bad: Operation) -> None:
    ended = operation(latency=8.1, outcome=Outcome.REFUSED, code="timeout")
    found = judge_operation_ends("RI-3", [ended, bad], "timeout", at_most(30))
    assert found.verdict is Verdict.FAIL
    assert "1 of 2" in found.reason


def test_no_endless_operation_fails() -> None:
    assert judge_operation_ends("RI-3", [], "timeout", at_most(30)).verdict is Verdict.FAIL
