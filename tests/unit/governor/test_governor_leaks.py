"""Leak detectors on made-up series: leaks are found, healthy growth is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate

import pytest

from reference_platform.governor.detection.connection_leak import ConnectionLeakDetector
from reference_platform.governor.detection.handle_leak import HandleLeakDetector
from reference_platform.governor.detection.memory_leak import MemoryLeakDetector, leak_rate, slope, trend
from reference_platform.governor.observation import AgentSeen, TenantSeen
from reference_platform.governor.settings import GovernorSettings
from unit.governor.observed_series import memory, observation, watch

SETTINGS = GovernorSettings()
MB = 1_000_000


@pytest.mark.parametrize("megabytes_per_minute", [30, 50, 500])
def test_a_memory_leak_is_named_once_within_a_minute(megabytes_per_minute: float) -> None:
    told = watch(MemoryLeakDetector(SETTINGS), memory(lambda s: 20 * MB + s * megabytes_per_minute * MB / 60, 60))
    assert [found.agent for _, found in told] == ["a"]
    assert told[0][0] <= 30
    assert told[0][1].detail["megabytes_per_minute"] == pytest.approx(megabytes_per_minute, rel=0.05)


def test_a_leak_is_found_under_noise_and_in_steps() -> None:
    rng = random.Random(1)
    noisy = memory(lambda s: 20 * MB + s * 50 * MB / 60 + rng.uniform(0, 0.3) * MB, 60)
    assert len(watch(MemoryLeakDetector(SETTINGS), noisy)) == 1
    steps = memory(lambda s: 20 * MB + s // 2 * 2 * 50 * MB / 60, 60)
    assert len(watch(MemoryLeakDetector(SETTINGS), steps)) == 1


@pytest.mark.parametrize(
    ("name", "curve"),
    [
        ("flat", lambda s: 20 * MB),
        ("slow growth", lambda s: 20 * MB + s * 20 * MB / 60),
        ("warm-up", lambda s: 20 * MB + min(s, 5) / 5 * 60 * MB),
        ("late warm-up", lambda s: 20 * MB + min(max(s - 30, 0), 5) / 5 * 60 * MB),
        ("bounded cache", lambda s: 20 * MB + min(s, 8) / 8 * 40 * MB),
        ("slow bounded cache", lambda s: 20 * MB + min(s, 14) / 14 * 200 * MB),
        ("saw-tooth", lambda s: 20 * MB + s % 5 / 5 * 60 * MB),
        ("slow saw-tooth", lambda s: 20 * MB + s % 17 / 17 * 60 * MB),
        ("two warm-ups", lambda s: 20 * MB + (s > 10) * 50 * MB + (s > 25) * 50 * MB),
        ("fall", lambda s: 200 * MB - s * MB),
    ],
)
def test_healthy_memory_is_never_flagged(name: str, curve: Callable[[float], float]) -> None:
    assert watch(MemoryLeakDetector(SETTINGS), memory(curve, 90)) == []


def test_random_walks_without_drift_are_almost_never_flagged() -> None:
    rng, flagged = random.Random(7), 0
    for _ in range(200):
        walk = list(accumulate(rng.gauss(0, 0.5 * MB) for _ in range(61)))
        lowest = min(walk)
        flagged += bool(watch(MemoryLeakDetector(SETTINGS), memory(_follow(walk, 10 * MB - lowest), 60)))
    assert flagged <= 4


def _follow(walk: list[float], base: float) -> Callable[[float], float]:
    return lambda second: base + walk[int(second)]


def test_a_restarted_agent_is_watched_afresh() -> None:
    detector = MemoryLeakDetector(SETTINGS)
    first = [AgentSeen("a", "acme", 7, memory_bytes=s * 5 * MB) for s in range(1, 15)]
    second = [AgentSeen("a", "acme", 8, memory_bytes=90 * MB) for _ in range(40)]
    assert watch(detector, [(TenantSeen("acme", agents=(agent,)),) for agent in [*first, *second]]) == []


def test_slope_and_trend_agree_with_known_values() -> None:
    line = [(float(t), 3.0 * t) for t in range(12)]
    assert slope(line) == pytest.approx(3)
    assert trend(line) == pytest.approx((66 - 1) / (12 * 11 * 29 / 18) ** 0.5)
    assert trend([(t, -value) for t, value in line]) == 0
    assert leak_rate(line[:5], 0.0001) is None, "too few samples decide nothing"


def _handles(
    count: int, operations: int = 0, idle: float = 5, pid: int = 7, at_start: int = 5
) -> tuple[TenantSeen, ...]:
    agent = AgentSeen(
        "a", "acme", pid, handles=count, handles_at_start=at_start, operations=operations, idle_seconds=idle
    )
    return (TenantSeen("acme", agents=(agent,)),)


def test_handles_left_open_are_counted_exactly_and_told_once() -> None:
    told = watch(HandleLeakDetector(SETTINGS), [_handles(5), _handles(25), _handles(25), _handles(25)])
    assert told == []
    told = watch(HandleLeakDetector(SETTINGS), [_handles(5), _handles(25), _handles(26), _handles(40)])
    assert [(second, found.detail["handles"]) for second, found in told] == [(3, 26)]


def test_handles_in_use_are_no_leak() -> None:
    busy = [_handles(5), _handles(300, operations=1, idle=0), _handles(300, idle=1), _handles(6)]
    assert watch(HandleLeakDetector(SETTINGS), busy) == []


def test_a_new_process_has_its_own_first_count() -> None:
    assert (
        watch(
            HandleLeakDetector(SETTINGS),
            [_handles(5), _handles(40, pid=8, at_start=38), _handles(41, pid=8, at_start=38)],
        )
        == []
    )


def test_unused_leases_are_told_and_used_ones_are_not() -> None:
    def leases(count: int, idle: float) -> tuple[TenantSeen, ...]:
        return (TenantSeen("acme", leases=count, oldest_idle_seconds=idle),)

    detector = ConnectionLeakDetector(SETTINGS)
    assert watch(detector, [leases(5, 4.9), leases(5, 0.1), leases(0, 60)]) == []
    told = [detector.observe(observation(at, *leases(3, at))) for at in (6.0, 7.0, 8.0)]
    assert [len(found) for found in told] == [1, 0, 0]
