"""Histograms of the phases of a start: exact enough, mergeable, honest about their counts."""

from __future__ import annotations

import pytest

from isolation.judge.traffic.phase_times import PhaseTimes, judge_phase


def test_percentiles_are_at_most_a_tenth_of_a_percent_off() -> None:
    times = PhaseTimes(number / 1000 for number in range(1, 1001))
    assert times.count == 1000
    assert times.percentile(50) == pytest.approx(0.5, rel=1e-3)
    assert times.percentile(99) == pytest.approx(0.99, rel=1e-3)


def test_two_halves_merged_are_the_same_as_the_whole_while_their_percentiles_are_not() -> None:
    quick, slow = [0.01] * 90, [5.0] * 10
    merged = PhaseTimes.decode(PhaseTimes(quick).encoded)
    merged.add(PhaseTimes.decode(PhaseTimes(slow).encoded))
    whole = PhaseTimes(quick + slow)
    assert merged.count == whole.count == 100
    assert merged.percentile(95) == whole.percentile(95) == pytest.approx(5.0, rel=1e-3)


def test_a_phase_says_its_count_and_which_percentiles_it_cannot_support() -> None:
    found = judge_phase("CS-3", "first response", [0.1] * 99 + [1.0])
    assert found is not None
    assert (found.samples, found.limit) == (100, None)
    assert "P95 needs 200 and P99 needs 1,000 starts" in found.reason
    assert PhaseTimes.decode(str(found.details["histogram (hdr, microseconds)"])).count == 100


def test_enough_starts_need_no_reservation() -> None:
    found = judge_phase("CS-3", "connect", [0.1] * 1000)
    assert found is not None and "needs" not in found.reason


def test_a_phase_that_nobody_ended_is_not_reported() -> None:
    assert judge_phase("CS-3", "connect", []) is None
