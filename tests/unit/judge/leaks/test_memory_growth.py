"""Leaks are found, by the hundred, and harmless growth is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from isolation.judge.leaks.memory_growth import (
    LEAK_LIMITS,
    CycleCount,
    LeakRule,
    ResourceLeakDetector,
    judge_cycles,
    judge_healthy_left_alone,
    judge_no_leak,
)
from isolation.record import Sample, Verdict
from isolation.settings.catalogue import Catalogue
from unit.judge.judge_histories import MB, sampled, seconds

PROMISES = Catalogue.load(Path(__file__).resolve().parents[4] / "resources" / "promises.yaml")
RULE = LeakRule.of({name: PROMISES["RI-3"].limit(name) for name in LEAK_LIMITS})
DETECTOR = ResourceLeakDetector(RULE)
Series = npt.NDArray[np.float64]
Maker = Callable[[np.random.Generator, Series], Series]
RUNS = 120
"""Of each kind; the table in the judge's docstring was made with 400."""


def drifting(rng: np.random.Generator, times: Series, spread: float = 3.0, memory: float = 0.9) -> Series:
    """Autocorrelated noise (AR(1)) of a given standard deviation in MB."""
    value, values = rng.normal(0, spread), []
    for _ in times:
        value = memory * value + rng.normal(0, spread * (1 - memory**2) ** 0.5)
        values.append(value)
    return np.array(values)


def still(rng: np.random.Generator, times: Series, spread: float = 0.3) -> Series:
    return rng.normal(0, spread, len(times))


def steps(size: float, every: float) -> Maker:
    return lambda rng, times: size * np.floor((times + rng.uniform(0, every)) / every) + still(rng, times)


def teeth(every: tuple[float, float], size: tuple[float, float]) -> Maker:
    def make(rng: np.random.Generator, times: Series) -> Series:
        period = rng.uniform(*every)
        return rng.uniform(*size) * (((times + rng.uniform(0, period)) / period) % 1) + still(rng, times, 0.5)

    return make


def rising(per_minute: float, spread: float) -> Maker:
    return lambda rng, times: per_minute / 60 * times + drifting(rng, times, spread)


def together(*makers: Maker) -> Maker:
    return lambda rng, times: sum((make(rng, times) for make in makers), np.zeros(len(times)))


def small_steps(rng: np.random.Generator, times: Series) -> Series:
    step = rng.uniform(2, 5)
    return np.floor(50 / 60 * times / step + rng.uniform()) * step + still(rng, times, 0.5)


def by_turns(rng: np.random.Generator, times: Series) -> Series:
    shifted = times + rng.uniform(0, 30)
    return 2 * (15 * np.floor(shifted / 30) + np.minimum(shifted % 30, 15)) + still(rng, times)


def warm_up(rng: np.random.Generator, times: Series) -> Series:
    return 60 * np.clip((times - rng.uniform(-5, 20)) / rng.uniform(1, 10), 0, 1) + still(rng, times, 0.5)


def bounded_cache(rng: np.random.Generator, times: Series) -> Series:
    return 40 * np.clip((times - rng.uniform(-4, 9)) / 8, 0, 1) + drifting(rng, times, 1.0, 0.5)


def mapped(rng: np.random.Generator, times: Series) -> Series:
    return np.minimum(times, rng.uniform(20, 50)) * rng.uniform(0.8, 2) + still(rng, times)


def arenas(rng: np.random.Generator, times: Series) -> Series:
    return 4 * np.minimum(np.floor((times + rng.uniform(0, 4)) / 4), 8) + still(rng, times)


def logarithmic(rng: np.random.Generator, times: Series) -> Series:
    return rng.uniform(20, 60) * np.log1p(times / rng.uniform(3, 8)) + still(rng, times)


def one_step(rng: np.random.Generator, times: Series) -> Series:
    return np.asarray(30.0 * (times > rng.uniform(0, times[-1])) + still(rng, times, 0.5))


def two_steps(rng: np.random.Generator, times: Series) -> Series:
    first, second = rng.uniform(0, times[-1], 2)
    return np.asarray(20.0 * (times > first) + 20.0 * (times > second) + still(rng, times, 0.5))


LEAKS: dict[str, Maker] = {
    "30 MB/min": rising(30, 1),
    "50 MB/min": rising(50, 2),
    "60 MB/min": rising(60, 0.3),
    "small steps": small_steps,
    "10 MB each 10 s": steps(10, 10),
    "15 MB each 15 s": steps(15, 15),
    "20 MB each 20 s": steps(20, 20),
    "begins late": lambda rng, times: np.maximum(0, times - rng.uniform(5, 20)) + still(rng, times),
    "works half of the time": by_turns,
}
SLOW_LEAKS: dict[str, Maker] = {
    "30 MB each 30 s": steps(30, 30),
    "under teeth of 5 s": together(rising(50, 0.1), teeth((5, 5), (60, 60))),
    "under teeth of 20 s": together(rising(50, 0.1), teeth((20, 20), (60, 60))),
}
HEALTHY: dict[str, Maker] = {
    "white noise": lambda rng, times: rng.normal(0, 5, len(times)),
    "drifting noise": lambda rng, times: drifting(rng, times, 5),
    "one step": one_step,
    "two steps": two_steps,
    "warm-up": warm_up,
    "bounded cache": bounded_cache,
    "logarithmic cache": logarithmic,
    "quick teeth": teeth((3, 6), (60, 60)),
    "teeth of 20 s": teeth((20, 20), (60, 60)),
    "any teeth": teeth((8, 25), (20, 100)),
    "teeth of a minute": teeth((60, 60), (60, 60)),
    "mapped file": mapped,
    "arenas of threads": arenas,
}


def series(make: Maker, length: int, number: int) -> list[Sample]:
    times = np.array(seconds(0, length))
    sizes = (80 + make(np.random.default_rng(number), times)) * MB
    return [Sample(float(t), "a", 1, 0.0, int(size)) for t, size in zip(times, sizes, strict=True)]


def flagged(make: Maker, length: int) -> float:
    """Share of simulated records that the detector calls a leak."""
    return sum("a" in DETECTOR.leaking(series(make, length, number)) for number in range(RUNS)) / RUNS


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_is_found_in_nearly_all_records_of_a_minute(kind: str) -> None:
    assert flagged(LEAKS[kind], 60) >= 0.93
    assert flagged(LEAKS[kind], 120) >= 0.98


@pytest.mark.parametrize("kind", SLOW_LEAKS)
def test_a_leak_that_takes_long_to_show_is_found_in_two_minutes(kind: str) -> None:
    assert flagged(SLOW_LEAKS[kind], 120) >= 0.98


@pytest.mark.parametrize("kind", HEALTHY)
def test_healthy_memory_is_hardly_ever_called_a_leak(kind: str) -> None:
    assert flagged(HEALTHY[kind], 60) <= 0.02
    assert flagged(HEALTHY[kind], 120) <= 0.01


@pytest.mark.parametrize("kind", [*LEAKS, *HEALTHY])
def test_half_a_minute_accuses_nobody(kind: str) -> None:
    make = LEAKS.get(kind) or HEALTHY[kind]
    verdicts = {DETECTOR.judge("RI-3", series(make, 40, number), "a").verdict for number in range(20)}
    assert Verdict.FAIL not in verdicts


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_hardly_ever_passes(kind: str) -> None:
    judged = [DETECTOR.judge("RI-3", series(LEAKS[kind], 60, number), "a") for number in range(60)]
    assert sum(m.verdict is Verdict.PASS for m in judged) <= 2, [m.reason for m in judged if m.verdict is Verdict.PASS]


def growing(mb_per_minute: float, length: float = 60) -> list[Sample]:
    return sampled("acme-05", 1, seconds(0, length), memory=lambda t: (80 + mb_per_minute * t / 60) * MB)


def test_a_leaking_tenant_fails_with_its_growth() -> None:
    found = DETECTOR.judge("RI-3", growing(50), "acme-05")
    assert found.verdict is Verdict.FAIL
    assert found.value == pytest.approx(50, abs=1)
    assert found.tenants == ("acme-05",)
    assert "grew without end: 49.2 MB/min" in found.reason


def test_constant_and_shrinking_memory_pass() -> None:
    assert DETECTOR.judge("RI-3", growing(0), "acme-05").verdict is Verdict.PASS
    assert DETECTOR.judge("RI-3", growing(-40), "acme-05").verdict is Verdict.PASS


def test_what_grew_and_stopped_passes() -> None:
    warming = sampled("acme-05", 1, seconds(0, 60), memory=lambda t: (80 + min(t, 45)) * MB)
    found = DETECTOR.judge("RI-3", warming, "acme-05")
    assert found.verdict is Verdict.PASS
    assert "grew and then stopped" in found.reason and "still for 15 s" in found.reason


def test_a_cache_that_slows_down_and_still_grows_fast_decides_nothing() -> None:
    cache = sampled("a", 1, seconds(0, 60), memory=lambda t: (80 + 40 * np.log1p(t / 5)) * MB)
    assert DETECTOR.judge("RI-3", cache, "a").verdict is Verdict.INCONCLUSIVE


def test_memory_that_grows_in_mapped_files_only_is_nobodys_leak() -> None:
    grown = [replace(one, shared_bytes=int((10 + one.at) * MB)) for one in growing(60)]
    found = DETECTOR.judge("RI-3", grown, "acme-05")
    assert found.verdict is Verdict.INCONCLUSIVE and "mapped files" in found.reason
    private = [replace(one, shared_bytes=10 * MB) for one in growing(60)]
    assert DETECTOR.judge("RI-3", private, "acme-05").verdict is Verdict.FAIL


def test_memory_that_new_threads_account_for_is_not_called_a_leak() -> None:
    with_threads = sampled("a", 1, seconds(0, 60), memory=lambda t: (80 + 4 * (t // 4)) * MB)
    assert DETECTOR.judge("RI-3", with_threads, "a").verdict is Verdict.FAIL
    counted = [replace(one, threads=2 + int(one.at // 4)) for one in with_threads]
    found = DETECTOR.judge("RI-3", counted, "a")
    assert found.verdict is Verdict.INCONCLUSIVE and "new threads" in found.reason


def test_a_leak_over_two_processes_is_one_leak() -> None:
    half = [sampled("a", pid, seconds(pid / 100, 60), memory=lambda t: (40 + 20 * t / 60) * MB) for pid in (1, 2)]
    assert set(DETECTOR.leaking(half[0])) == set()
    assert set(DETECTOR.leaking(half[0] + half[1])) == {"a"}


def test_a_short_record_does_not_decide_and_no_record_fails() -> None:
    short = DETECTOR.judge("RI-3", growing(50, 20), "acme-05")
    assert short.verdict is Verdict.INCONCLUSIVE
    assert "21 samples" in short.reason
    assert DETECTOR.judge("RI-3", [], "acme-05").verdict is Verdict.FAIL


@pytest.mark.parametrize("kind", ["15 MB each 15 s", "20 MB each 20 s", "begins late"])
def test_steep_growth_in_a_short_record_never_passes(kind: str) -> None:
    for number in range(30):
        found = DETECTOR.judge("RI-1", series(LEAKS[kind], 30, number), "a")
        grown = found.value is not None and found.value > RULE.slope.value
        assert found.verdict is (Verdict.INCONCLUSIVE if grown else Verdict.PASS), found.reason


def test_all_tenants_together_leak_when_one_does() -> None:
    calm = sampled("calm", 2, seconds(0, 60), memory=80.0 * MB)
    both = [*calm, *growing(50)]
    assert judge_no_leak("RI-1", DETECTOR, calm, ["calm"]).verdict is Verdict.PASS
    found = judge_no_leak("RI-1", DETECTOR, both, ["calm", "acme-05"])
    assert (found.verdict, found.value, found.tenants) == (Verdict.FAIL, 1.0, ("acme-05",))
    short = judge_no_leak(
        "RI-1", DETECTOR, [*sampled("calm", 2, seconds(0, 40)), *growing(50, 40)], ["calm", "acme-05"]
    )
    assert short.verdict is Verdict.INCONCLUSIVE
    assert judge_no_leak("RI-1", DETECTOR, [], ["calm"]).verdict is Verdict.FAIL


def test_growth_in_a_short_record_is_no_pass_of_the_healthy() -> None:
    found = judge_healthy_left_alone(
        "RI-1",
        ResourceLeakDetector(LeakRule.of({name: PROMISES["RI-1"].limit(name) for name in LEAK_LIMITS})),
        growing(60, 12),
        ["acme-05"],
    )
    assert found.verdict is Verdict.INCONCLUSIVE and "'acme-05'" in found.reason


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
