"""Processes that are named for a tenant and do not work are found out."""

from __future__ import annotations

from isolation.judge.resources.burn import judge_burn
from isolation.judge.resources.quotas import Excess, judge_effect
from isolation.record import Sample, Verdict
from unit.judge.judge_histories import MB, at_least, at_most, sampled, seconds

PART = at_least(0.5, "x asked")


def test_processes_that_burn_what_was_asked_for_pass() -> None:
    samples = [s for n in (1, 2) for s in sampled(f"t-{n}", n, seconds(0, 10), percent=40)]
    found = judge_burn("RI-1", samples, {"t-1": 4.0, "t-2": 4.0}, PART)
    assert found.verdict is Verdict.PASS and found.control


def test_dummies_are_named_and_accuse_nobody() -> None:
    samples = [*sampled("t-1", 1, seconds(0, 10), percent=40), *sampled("t-2", 2, seconds(0, 10), percent=0.1)]
    found = judge_burn("RI-1", samples, {"t-1": 4.0, "t-2": 4.0, "t-3": 1.0}, PART)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert set(found.tenants) == {"t-2", "t-3"}


def test_work_in_children_counts() -> None:
    samples = [*sampled("t-1", 1, seconds(0, 10), percent=0.1), *sampled("t-1", 7, seconds(0, 10), percent=50)]
    assert judge_burn("RI-1", samples, {"t-1": 5.0}, PART).verdict is Verdict.PASS


def test_where_nobody_worked_nothing_is_shown() -> None:
    assert judge_burn("RI-1", sampled("t", 1, seconds(0, 5)), {}, PART).verdict is not Verdict.PASS


def test_a_peak_between_two_samples_is_seen_by_the_high_water_mark() -> None:
    excess = Excess("t", "memory", 256.0 * MB, 0.0, None, 10.0)
    low = [
        Sample(float(t), "t", 1, 0.1 * t, 60 * MB, pss_bytes=40 * MB, peak_rss_bytes=(60 if t < 5 else 420) * MB)
        for t in range(10)
    ]
    found = judge_effect("RI-2", excess, low, at_most(1.05, "x quota"), at_least(0.5, "x quota"), 5.0)
    assert found.verdict is Verdict.FAIL
    assert found.value == 400 / 256  # what is shared with others is taken off
    assert "high-water mark" in found.reason


def test_a_peak_from_before_does_not_count() -> None:
    excess = Excess("t", "memory", 256.0 * MB, 0.0, None, 10.0)
    old = [Sample(float(t), "t", 1, 0.1 * t, 200 * MB, pss_bytes=180 * MB, peak_rss_bytes=900 * MB) for t in range(10)]
    assert (
        judge_effect("RI-2", excess, old, at_most(1.05, "x quota"), at_least(0.5, "x quota"), 5.0).verdict
        is Verdict.PASS
    )
