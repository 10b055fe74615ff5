"""Curves per tenant from counters per process."""

from __future__ import annotations

import pytest

from isolation.judge.rules.series import Reading, cpu_curve, cpu_readings, io_curve, kept_from, memory_readings
from isolation.record import Sample
from unit.judge.judge_histories import MB, at_most, sampled, seconds


def test_several_processes_of_a_tenant_add_up() -> None:
    both = sampled("a", 1, seconds(0, 10), 30) + sampled("a", 2, seconds(0.01, 10.01), 20)
    assert cpu_curve(both, "a").values[-1] == pytest.approx(5.0, abs=0.01)


def test_other_tenants_do_not_count() -> None:
    samples = sampled("a", 1, seconds(0, 10), 30) + sampled("b", 2, seconds(0, 10), 90)
    assert cpu_curve(samples, "a").values[-1] == pytest.approx(3.0)


def test_time_that_a_process_used_before_the_suite_came_does_not_count() -> None:
    assert cpu_curve(sampled("a", 1, seconds(0, 10), 10, started_with=500), "a").values[-1] == pytest.approx(1.0)


def test_a_restarted_process_starts_at_zero_and_its_first_second_counts() -> None:
    samples = sampled("a", 1, seconds(0, 10), 50) + sampled("a", 2, seconds(11, 20), 50, started_with=0.5)
    assert cpu_curve(samples, "a").values[-1] == pytest.approx(10.0)


def test_a_process_that_was_found_late_does_not_bring_its_past_along() -> None:
    samples = sampled("a", 1, seconds(0, 20), 0) + sampled("a", 2, seconds(11.01, 20.01), 10, started_with=60)
    assert cpu_curve(samples, "a").values[-1] == pytest.approx(0.9, abs=0.01)


def test_a_reused_process_id_is_a_new_process() -> None:
    samples = sampled("a", 1, seconds(0, 10), 50) + sampled("a", 1, seconds(11, 20), 50)
    assert cpu_curve(samples, "a").values[-1] == pytest.approx(9.5)


def test_rates_are_means_of_the_window_that_ends_there() -> None:
    readings = cpu_readings(sampled("a", 1, seconds(0, 10), lambda t: 100 if t < 5 else 0), "a", 2)
    assert readings[0].at == 2
    assert readings[0].value == pytest.approx(100)
    assert [r.value for r in readings if r.at == 6] == [pytest.approx(50)]
    assert readings[-1].value == pytest.approx(0)


def test_memory_is_the_sum_over_the_processes_of_one_sweep() -> None:
    samples = sampled("a", 1, seconds(0, 3), memory=10 * MB) + sampled("a", 2, seconds(0.01, 3.01), memory=5 * MB)
    assert [r.value for r in memory_readings(samples, "a")] == [15 * MB] * 4


def test_a_look_in_between_does_not_take_the_value_of_the_sweep_after_it() -> None:
    samples = [*sampled("a", 1, seconds(0, 3), memory=10 * MB), Sample(3.3, "a", 1, 0, 10 * MB)]
    samples += sampled("a", 1, seconds(3.6, 6.6), memory=40 * MB)
    assert [r.value for r in memory_readings(samples, "a") if r.at < 3.5] == [10 * MB] * 5


def test_memory_never_mixes_pss_and_rss() -> None:
    some = [Sample(0, "a", 1, 0, 100, pss_bytes=60), Sample(1, "a", 1, 0, 100)]
    assert [r.value for r in memory_readings(some, "a")] == [100, 100]
    assert [r.value for r in memory_readings(some[:1], "a")] == [60]


def test_counters_that_may_not_be_read_are_left_out() -> None:
    assert len(io_curve([Sample(0, "a", 1, 0, 100)], "a").times) == 0
    assert io_curve(sampled("a", 1, seconds(0, 4), written_per_second=100), "a").values[-1] == 400


def test_calm_counts_from_the_moment_after_which_it_lasts() -> None:
    readings = [Reading(t, v) for t, v in [(0, 9), (1, 1), (2, 9), (3, 1), (4, 1)]]
    assert kept_from(readings, at_most(2)) == 3
    assert kept_from(readings[:3], at_most(2)) is None
    assert kept_from([], at_most(2)) is None
