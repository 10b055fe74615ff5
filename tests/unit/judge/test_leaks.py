"""Leaks are found, by the hundred, and harmless growth is not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from isolation.judge.resources.leaks import CycleCount, ResourceLeakDetector, judge_cycles, judge_healthy_left_alone
from isolation.record import Comparison, Limit, Sample, Verdict
from judge_histories import MB, sampled, seconds

SLOPE = Limit(value=25, unit="MB/min", comparison=Comparison.ABOVE, source="half of the promise")
DETECTOR = ResourceLeakDetector(SLOPE)
Series = npt.NDArray[np.float64]
Maker = Callable[[np.random.Generator, Series], Series]
RUNS = 300


def drifting(rng: np.random.Generator, times: Series, spread: float = 3.0, memory: float = 0.9) -> Series:
    """Autocorrelated noise (AR(1)) of a given standard deviation in MB."""
    value, values = rng.normal(0, spread), []
    for _ in times:
        value = memory * value + rng.normal(0, spread * (1 - memory**2) ** 0.5)
        values.append(value)
    return np.array(values)


def leak(rng: np.random.Generator, times: Series) -> Series:
    return 50 / 60 * times + drifting(rng, times, 2.0)


def stepped_leak(rng: np.random.Generator, times: Series) -> Series:
    step = rng.uniform(2, 5)
    return np.floor(50 / 60 * times / step) * step + rng.normal(0, 0.5, len(times))


def warm_up(rng: np.random.Generator, times: Series) -> Series:
    begin, long = rng.uniform(-5, 20), rng.uniform(1, 10)
    return 60 * np.clip((times - begin) / long, 0, 1) + rng.normal(0, 0.5, len(times))


def bounded_cache(rng: np.random.Generator, times: Series) -> Series:
    return 40 * np.clip((times - rng.uniform(-4, 9)) / 8, 0, 1) + drifting(rng, times, 1.0, 0.5)


def saw_tooth(rng: np.random.Generator, times: Series) -> Series:
    period = rng.uniform(3, 6)
    return 60 * (((times + rng.uniform(0, period)) / period) % 1) + rng.normal(0, 0.5, len(times))


def one_step(rng: np.random.Generator, times: Series) -> Series:
    return 30.0 * (times > rng.uniform(0, 30)) + rng.normal(0, 0.5, len(times))


def white(rng: np.random.Generator, times: Series) -> Series:
    return rng.normal(0, 5, len(times))


def flagged(make: Maker, length: int) -> float:
    """Share of simulated records that the detector calls a leak."""
    rng, times = np.random.default_rng(20260101), np.array(seconds(0, length))
    count = 0
    for _ in range(RUNS):
        sizes = (80 + make(rng, times)) * MB
        samples = [Sample(float(t), "a", 1, 0.0, int(size)) for t, size in zip(times, sizes, strict=True)]
        count += "a" in DETECTOR.leaking(samples)
    return count / RUNS


@pytest.mark.parametrize("make", [leak, stepped_leak])
def test_a_leak_of_50_mb_per_minute_is_found_in_95_percent_of_30_s_records(make: Maker) -> None:
    assert flagged(make, 30) >= 0.95


@pytest.mark.parametrize("make", [white, drifting, warm_up, bounded_cache, saw_tooth, one_step])
def test_harmless_memory_is_flagged_in_at_most_3_percent_of_30_s_records(make: Maker) -> None:
    assert flagged(make, 30) <= 0.03


def growing(mb_per_minute: float, length: float = 60) -> list[Sample]:
    return sampled("acme-05", 1, seconds(0, length), memory=lambda t: (80 + mb_per_minute * t / 60) * MB)


def test_a_leaking_tenant_fails_with_its_slope() -> None:
    found = DETECTOR.judge("RI-3", growing(50), "acme-05")
    assert found.verdict is Verdict.FAIL
    assert found.value == pytest.approx(50, abs=0.5)
    assert found.tenants == ("acme-05",)
    assert "grew without end: 50 MB/min" in found.reason


def test_constant_and_shrinking_memory_pass() -> None:
    assert DETECTOR.judge("RI-3", growing(0), "acme-05").verdict is Verdict.PASS
    assert DETECTOR.judge("RI-3", growing(-40), "acme-05").verdict is Verdict.PASS


def test_a_warm_up_passes_although_its_slope_is_steep() -> None:
    warming = sampled("acme-05", 1, seconds(0, 40), memory=lambda t: (80 + 60 * min(t / 19, 1)) * MB)
    found = DETECTOR.judge("RI-3", warming, "acme-05")
    assert found.verdict is Verdict.PASS
    assert found.details["slope of second half MB/min"] == pytest.approx(0)


def test_a_steep_slope_that_is_not_certain_decides_nothing() -> None:
    strict = ResourceLeakDetector(SLOPE, level=1e-99)
    found = strict.judge("RI-3", growing(50, 31), "acme-05")
    assert found.verdict is Verdict.INCONCLUSIVE and "not certain" in found.reason
    assert strict.leaking(growing(50, 31)) == {}


def test_a_leak_over_two_processes_is_one_leak() -> None:
    half = [sampled("a", pid, seconds(pid / 100, 60), memory=lambda t: (40 + 20 * t / 60) * MB) for pid in (1, 2)]
    assert set(DETECTOR.leaking(half[0])) == set()
    assert set(DETECTOR.leaking(half[0] + half[1])) == {"a"}


def test_a_short_record_does_not_decide_and_no_record_fails() -> None:
    short = DETECTOR.judge("RI-3", growing(50, 20), "acme-05")
    assert short.verdict is Verdict.INCONCLUSIVE
    assert "21 samples" in short.reason
    assert DETECTOR.judge("RI-3", [], "acme-05").verdict is Verdict.FAIL


def cycles(*left: int, closed: int = 10) -> list[CycleCount]:
    return [CycleCount(number, 10, closed, count) for number, count in enumerate(left, 1)]


def test_flat_counts_pass_even_above_zero() -> None:
    found = judge_cycles("RI-3", "file handles", "acme-01", cycles(4, 4, 4, 4))
    assert (found.verdict, found.value, found.samples) == (Verdict.PASS, 0, 4)


@pytest.mark.parametrize("left", [(4, 5, 6, 7), (4, 4, 4, 5), (4, 6, 4, 4)])
def test_any_growth_of_a_count_is_a_leak(left: tuple[int, ...]) -> None:
    found = judge_cycles("RI-3", "file handles", "acme-01", cycles(*left))
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("acme-01",)
    assert str(left[0]) in found.reason


def test_what_was_opened_and_not_closed_is_a_leak() -> None:
    assert judge_cycles("RI-3", "connections", "", cycles(0, 0, closed=9)).verdict is Verdict.FAIL


def test_one_cycle_does_not_decide_and_nothing_opened_fails() -> None:
    assert judge_cycles("RI-3", "connections", "a", cycles(4)).verdict is Verdict.INCONCLUSIVE
    assert judge_cycles("RI-3", "connections", "a", []).verdict is Verdict.FAIL
    assert judge_cycles("RI-3", "connections", "a", [CycleCount(1, 0, 0, 0)] * 3).verdict is Verdict.FAIL


def test_the_detector_is_controlled_on_healthy_tenants() -> None:
    healthy = sampled("a", 1, seconds(0, 40)) + sampled("b", 2, seconds(0, 40))
    assert judge_healthy_left_alone("RI-3", DETECTOR, healthy, ["a", "b"]).verdict is Verdict.PASS
    sick = healthy + growing(60)
    found = judge_healthy_left_alone("RI-3", DETECTOR, sick, ["a", "b", "acme-05"])
    assert (found.verdict, found.tenants, found.control) == (Verdict.FAIL, ("acme-05",), True)
    assert judge_healthy_left_alone("RI-3", DETECTOR, healthy, ["a", "c"]).verdict is Verdict.INCONCLUSIVE
