"""Each witness of a quota, heard on good and bad histories."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from isolation.judge.resources.quotas import (
    Excess,
    judge_control,
    judge_effect,
    judge_other_counters,
    judge_own_counter,
    judge_quota,
    max_window_usage,
)
from isolation.record import Measurement, PlatformEvent, Sample, Verdict
from isolation.record.measurements import worst
from isolation.record.resource_isolation.quotas import CounterReading
from unit.judge.judge_histories import MB, above, alert, at_least, at_most, by_metric, sampled, seconds

OVERSHOOT = at_most(1.05, "x quota")
NEAR = at_least(0.5, "x quota")
STRONG = above(1.0, "x quota")
BURNER = Excess("acme-03", "cpu", 50.0, started_at=100.0, active_from=105.0, ended_at=130.0)
HUNGRY = Excess("acme-03", "memory", 100.0 * MB, started_at=100.0, active_from=100.0, ended_at=130.0)
QUIET = [CounterReading("acme-03", "throttled", 10, 60), CounterReading("acme-04", "throttled", 3, 3)]


def burned(percent: float = 50.0, before: float = 100.0) -> list[Sample]:
    """A burner at `before` until enforcement begins and at `percent` afterwards, beside a modest neighbour."""
    burner = sampled("acme-03", 1, seconds(100, 130), lambda t: before if t < 105 else percent)
    return burner + sampled("acme-04", 2, seconds(100, 130), 5)


def judged(
    samples: list[Sample] | None = None,
    counters: list[CounterReading] | None = None,
    events: list[PlatformEvent] | None = None,
    excess: Excess = BURNER,
    control: Measurement | None = None,
) -> list[Measurement]:
    return judge_quota(
        "RI-2",
        excess,
        burned() if samples is None else samples,
        control
        or judge_control(
            "RI-2", replace(BURNER, tenant="free"), sampled("free", 9, seconds(100, 130), 97), STRONG, 5.0
        ),
        QUIET if counters is None else counters,
        ["acme-03"],
        [alert("acme-03", 106, "quota_exceeded", "cpu")] if events is None else events,
        ["quota_exceeded"],
        OVERSHOOT,
        at_most(60),
        at_most(60),
        NEAR,
        5.0,
    )


def test_a_quota_that_holds_passes_every_witness() -> None:
    assert worst(judged()) is Verdict.PASS
    assert "'acme-03' used 50 % of a core" in by_metric(judged(), "usage under the quota").reason


def test_usage_above_the_quota_fails_and_names_the_tenant() -> None:
    found = judge_effect("RI-2", BURNER, burned(53.5), OVERSHOOT, NEAR, 5.0)
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("acme-03",)
    assert "53.5 %" in found.reason and "1.05 x quota" in found.reason


def test_one_bad_window_in_a_good_record_is_found() -> None:
    samples = sampled("acme-03", 1, seconds(100, 130), lambda t: 100 if 115 < t < 120 else 40)
    assert judge_effect("RI-2", BURNER, samples, OVERSHOOT, NEAR, 5.0).value == pytest.approx(2.0)


def test_usage_before_enforcement_does_not_count_but_without_enforcement_everything_does() -> None:
    assert judge_effect("RI-2", BURNER, burned(), OVERSHOOT, NEAR, 5.0).verdict is Verdict.PASS
    never = replace(BURNER, active_from=None)
    assert judge_effect("RI-2", never, burned(), OVERSHOOT, NEAR, 5.0).verdict is Verdict.FAIL
    assert by_metric(judged(excess=never), "enforced").verdict is Verdict.FAIL


def test_a_quota_that_held_without_a_word_was_in_force_and_only_the_report_is_missing() -> None:
    no_evidence = replace(BURNER, active_from=None)
    found = judged(burned(50, 50), events=[], excess=no_evidence)
    assert by_metric(found, "enforced").verdict is Verdict.PASS
    assert by_metric(found, "reported").verdict is Verdict.FAIL
    assert by_metric(judged(burned(90, 90), events=[], excess=no_evidence), "enforced").verdict is Verdict.FAIL
    unmoved = [replace(counter, after=counter.before) for counter in QUIET]
    assert by_metric(judged(burned(50, 50), unmoved, [], no_evidence), "enforced").verdict is Verdict.FAIL


def test_enforcement_that_comes_too_late_fails() -> None:
    late = by_metric(judged(excess=replace(BURNER, active_from=161.0)), "enforced")
    assert late.verdict is Verdict.FAIL
    assert "61 s" in late.reason


def test_a_tenant_that_splits_its_work_over_processes_is_still_held_to_one_quota() -> None:
    samples = sampled("acme-03", 1, seconds(105, 130), 40) + sampled("acme-03", 2, seconds(105.01, 130.01), 40)
    assert judge_effect("RI-2", BURNER, samples, OVERSHOOT, NEAR, 5.0).value == pytest.approx(1.6, abs=0.01)


def test_a_burner_that_restarts_its_process_cannot_hide() -> None:
    samples: list[Sample] = []
    for number in range(12):
        begin = 105.0 + 2 * number
        samples += sampled("acme-03", 10 + number, [begin + 1, begin + 2], 100, started_with=1.0)
    found = judge_effect("RI-2", BURNER, samples, OVERSHOOT, NEAR, 5.0)
    assert found.value == pytest.approx(2.0)


def test_uneven_samples_do_not_change_the_highest_window() -> None:
    rng = random.Random(7)
    times = sorted({105.0, 130.0, *(rng.uniform(105, 130) for _ in range(60))})
    found = max_window_usage(sampled("a", 1, times, 50), "a", 5)
    assert found is not None
    assert found.percent == pytest.approx(50)


def test_the_highest_window_lies_where_the_usage_was() -> None:
    found = max_window_usage(sampled("a", 1, seconds(0, 30, 0.5), lambda t: 100 if 10 < t < 15 else 0), "a", 5)
    assert found is not None
    assert found.percent == pytest.approx(100)
    assert [found.start, found.end] == pytest.approx([10, 15])


def test_a_record_shorter_than_a_window_does_not_decide_and_no_record_fails() -> None:
    short = [s for s in burned() if s.at < 108]
    assert judge_effect("RI-2", BURNER, short, OVERSHOOT, NEAR, 5.0).verdict is Verdict.INCONCLUSIVE
    assert judge_effect("RI-2", BURNER, [], OVERSHOOT, NEAR, 5.0).verdict is Verdict.FAIL


def test_memory_that_no_sample_saw_near_the_quota_decides_nothing() -> None:
    newcomer = sampled("acme-03", 1, [100.3], memory=4 * MB)
    found = judge_effect("RI-2", HUNGRY, newcomer, OVERSHOOT, NEAR, 5.0)
    assert (found.verdict, found.samples) == (Verdict.INCONCLUSIVE, 1)
    assert "not one of 1 sample saw it near its quota" in found.reason


def test_memory_is_held_to_its_quota_at_every_sweep() -> None:
    good = sampled("acme-03", 1, seconds(100, 130), memory=104 * MB)
    bad = sampled("acme-03", 1, seconds(100, 130), memory=lambda t: 180 * MB if t == 117 else 60 * MB)
    assert judge_effect("RI-2", HUNGRY, good, OVERSHOOT, NEAR, 5.0).verdict is Verdict.PASS
    found = judge_effect("RI-2", HUNGRY, bad, OVERSHOOT, NEAR, 5.0)
    assert found.verdict is Verdict.FAIL
    assert "180 MB of memory (RSS)" in found.reason


def test_a_quota_without_its_own_cause_fails() -> None:
    idle = [CounterReading("acme-03", "throttled", 10, 10), QUIET[1]]
    assert judge_own_counter("RI-2", "acme-03", idle).verdict is Verdict.FAIL
    assert judge_own_counter("RI-2", "acme-03", [QUIET[1]]).verdict is Verdict.FAIL
    assert judge_own_counter("RI-2", "acme-03", QUIET).verdict is Verdict.PASS


def test_an_innocent_tenant_that_was_throttled_is_named() -> None:
    found = judge_other_counters("RI-2", [QUIET[0], CounterReading("acme-04", "throttled", 3, 9)], ["acme-03"])
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("acme-04",)
    assert "throttled of 'acme-04' 3 -> 9" in found.reason
    assert judge_other_counters("RI-2", QUIET[:1], ["acme-03"]).verdict is Verdict.FAIL


def test_a_counter_that_restarted_has_moved_by_what_it_shows() -> None:
    assert CounterReading("a", "oom_kill", 5, 2).moved == 2


def test_an_excess_without_an_alert_fails() -> None:
    assert by_metric(judged(events=[]), "was reported").verdict is Verdict.FAIL
    other = [alert("acme-03", 106, "quota_exceeded", "memory")]
    assert by_metric(judged(events=other), "was reported").verdict is Verdict.FAIL


def test_an_alert_that_names_another_tenant_fails() -> None:
    events = [alert("acme-03", 106, "quota_exceeded", "cpu"), alert("acme-04", 107, "quota_exceeded", "cpu")]
    found = by_metric(judged(events=events), "another tenant")
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("acme-04",)


def test_a_burner_too_weak_makes_the_whole_inconclusive_not_green() -> None:
    weak = judge_control("RI-2", replace(BURNER, tenant="free"), sampled("free", 9, seconds(100, 130), 30), STRONG, 5.0)
    assert weak.control and weak.verdict is Verdict.INCONCLUSIVE
    assert "too weak" in weak.reason
    idle = [CounterReading("acme-03", "throttled", 10, 10), QUIET[1]]
    found = judged(burned(30, 30), idle, [], replace(BURNER, active_from=None), weak)
    assert worst(found) is Verdict.INCONCLUSIVE
    assert worst(judged(control=weak)) is Verdict.INCONCLUSIVE


def test_a_weak_control_does_not_excuse_what_was_seen() -> None:
    weak = judge_control("RI-2", replace(BURNER, tenant="free"), sampled("free", 9, seconds(100, 130), 30), STRONG, 5.0)
    assert worst(judged(burned(80), control=weak)) is Verdict.FAIL


def test_a_control_without_samples_is_inconclusive() -> None:
    assert judge_control("RI-2", BURNER, [], STRONG, 5.0).verdict is Verdict.INCONCLUSIVE
    fed = sampled("acme-03", 1, seconds(100, 130), memory=150 * MB)
    assert judge_control("RI-2", HUNGRY, fed, STRONG, 5.0).verdict is Verdict.PASS
