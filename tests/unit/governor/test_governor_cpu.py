"""Quota, runaway and sustained-use detectors on made-up series."""

from __future__ import annotations

import pytest

from reference_platform.governor.detection.cpu_quota import CpuQuotaDetector
from reference_platform.governor.detection.memory_quota import MemoryQuotaDetector
from reference_platform.governor.detection.runaway import RunawayDetector
from reference_platform.governor.detection.sustained_cpu import SustainedCpuDetector
from reference_platform.governor.observation import AgentSeen, TenantSeen
from reference_platform.governor.settings import GovernorSettings
from unit.governor.observed_series import watch

SETTINGS = GovernorSettings()


def _tenant(
    cpu: float, *, wants: bool = False, finished: int = 0, quota: float | None = 50.0, contained: bool = False
) -> tuple[TenantSeen, ...]:
    agent = AgentSeen("a", "acme", 7, cpu, 1, wants_cpu=wants, operations=1, finished=finished)
    return (TenantSeen("acme", cpu, cpu_quota_percent=quota, contained=contained, agents=(agent,)),)


def test_a_runaway_is_told_once_after_twelve_seconds() -> None:
    told = watch(RunawayDetector(SETTINGS), [_tenant(49, wants=True)] * 40)
    assert [(second, found.kind, found.pid) for second, found in told] == [(12, "runaway", 7)]


def test_a_runaway_in_the_box_is_still_a_runaway() -> None:
    free, boxed = [_tenant(49, wants=True)] * 4, [_tenant(0, wants=True, contained=True)] * 10
    assert [second for second, _ in watch(RunawayDetector(SETTINGS), [*free, *boxed])] == [12]


def test_a_busy_agent_that_finishes_things_is_no_runaway() -> None:
    series = [_tenant(49, wants=True, finished=second // 5) for second in range(60)]
    assert watch(RunawayDetector(SETTINGS), series) == []


def test_a_pause_and_light_use_are_no_runaway() -> None:
    with_pauses = [_tenant(0 if second % 10 == 0 else 49, wants=second % 10 != 0) for second in range(60)]
    assert watch(RunawayDetector(SETTINGS), with_pauses) == []
    assert watch(RunawayDetector(SETTINGS), [_tenant(0.5, wants=True)] * 60) == [], "a starved victim"
    assert watch(RunawayDetector(SETTINGS), [_tenant(10)] * 60) == []


def test_without_a_quota_a_whole_core_counts() -> None:
    assert watch(RunawayDetector(SETTINGS), [_tenant(75, quota=None)] * 30) == []
    assert len(watch(RunawayDetector(SETTINGS), [_tenant(99, quota=None)] * 30)) == 1


def test_sustained_use_of_a_core_is_told_whatever_was_finished() -> None:
    settings = GovernorSettings(sustained_seconds=20)
    told = watch(SustainedCpuDetector(settings), [_tenant(95, finished=second) for second in range(60)])
    assert [second for second, _ in told] == [21]
    with_short_pauses = [_tenant(20 if second % 10 == 0 else 99) for second in range(60)]
    assert [second for second, _ in watch(SustainedCpuDetector(settings), with_short_pauses)] == [21], (
        "a short pause hides nothing"
    )
    assert watch(SustainedCpuDetector(settings), [_tenant(70, wants=True)] * 60) == []
    assert watch(SustainedCpuDetector(settings), [*[_tenant(99)] * 15, *[_tenant(0)] * 60]) == [], "too short"


def _throttled(seconds: list[float], contained: bool = False) -> list[tuple[TenantSeen, ...]]:
    return [(TenantSeen("acme", 50, cpu_quota_percent=50, throttled_seconds=s, contained=contained),) for s in seconds]


def test_a_steadily_throttled_tenant_exceeds_its_quota_once() -> None:
    told = watch(CpuQuotaDetector(SETTINGS), _throttled([0, 0.5, 1.0, 1.5, 2.0, 2.5]))
    assert [(second, found.resource) for second, found in told] == [(3, "cpu")]


def test_a_single_burst_and_the_box_do_not_exceed_the_quota() -> None:
    assert watch(CpuQuotaDetector(SETTINGS), _throttled([0, 0.5, 0.5, 0.5, 1.0, 1.0])) == []
    assert watch(CpuQuotaDetector(SETTINGS), _throttled([0, 0.9, 1.8, 2.7], contained=True)) == []


@pytest.mark.parametrize(("memory_bytes", "agent"), [(0, "a"), (5, "")])
def test_a_memory_kill_is_told_with_the_agent_that_ended(memory_bytes: int, agent: str) -> None:
    seen = TenantSeen("acme", out_of_memory=1, agents=(AgentSeen("a", "acme", 7, memory_bytes=memory_bytes),))
    told = watch(MemoryQuotaDetector(), [(TenantSeen("acme"),), (seen,), (seen,)])
    assert [(second, found.agent) for second, found in told] == [(2, agent)]
