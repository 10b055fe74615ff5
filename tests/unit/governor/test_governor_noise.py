"""The noise detector on made-up series: the noisy are named, the victims never."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reference_platform.governor.detection.noise import NoiseDetector
from reference_platform.governor.observation import AgentSeen, TenantSeen
from reference_platform.governor.settings import GovernorSettings
from unit.governor.observed_series import observation, watch

SETTINGS = GovernorSettings()


def _tenant(name: str, cpu: float = 0.0, idle: float = 0.0, **numbers: float) -> TenantSeen:
    return TenantSeen(
        name,
        cpu_percent=cpu,
        cpu_quota_percent=50,
        memory_quota_bytes=1 << 30,
        agents=(AgentSeen(name, name, cpu_percent=cpu, memory_bytes=1, idle_seconds=idle),),
        **numbers,  # type: ignore[arg-type]  # mixed numbers
    )


VICTIM = _tenant("victim", 3)


def _named(moments: Sequence[tuple[TenantSeen, ...]], busy: float = 0.5) -> set[tuple[str, str]]:
    return {(found.tenant, found.resource) for _, found in watch(NoiseDetector(SETTINGS), moments, busy)}


@pytest.mark.parametrize(
    ("resource", "noisy"),
    [
        ("cpu", _tenant("noisy", 48)),
        ("io", _tenant("noisy", 5, io_bytes_per_second=60e6)),
        ("memory", _tenant("noisy", 20, churn_bytes_per_second=900e6)),
        ("memory", _tenant("noisy", 1, memory_bytes=900 << 20)),
        ("database", TenantSeen("noisy", refused_share={"database": 0.6})),
        ("messages", TenantSeen("noisy", refused_share={"messages": 0.6})),
    ],
)
def test_each_kind_of_noise_is_named_after_three_seconds_and_once(resource: str, noisy: TenantSeen) -> None:
    told = watch(NoiseDetector(SETTINGS), [(VICTIM, noisy)] * 20)
    assert [(second, found.tenant, found.resource) for second, found in told] == [(4, "noisy", resource)]


def test_a_tenant_that_disturbs_nobody_is_not_noisy() -> None:
    assert _named([(_tenant("noisy", 48),)] * 10) == set()
    assert _named([(_tenant("noisy", 48), _tenant("asleep", 0, idle=60))] * 10) == set()


def test_short_bursts_are_no_noise() -> None:
    bursts = [(VICTIM, _tenant("bursty", 50 if second % 4 == 0 else 2)) for second in range(40)]
    assert _named(bursts) == set()
    delayed = [(VICTIM, TenantSeen("b", refused_share={"messages": float(s % 8 in (0, 1))})) for s in range(40)]
    assert _named(delayed) == set()


def test_a_victim_slowed_by_others_is_never_named() -> None:
    slowed = TenantSeen(
        "victim",
        cpu_percent=2,
        cpu_quota_percent=50,
        memory_quota_bytes=1 << 30,
        agents=(AgentSeen("v", "victim", cpu_percent=2, memory_bytes=1, wants_cpu=True, operations=3),),
    )
    noisy = [_tenant(f"noisy-{number}", 48) for number in range(4)]
    assert {tenant for tenant, _ in _named([(slowed, *noisy)] * 20, busy=1)} == {tenant.tenant for tenant in noisy}


@pytest.mark.parametrize(("count", "percent", "victims"), [(10, 17, 20), (3, 30, 1)])
def test_many_noisy_tenants_that_starve_each_other_are_still_named(count: int, percent: float, victims: int) -> None:
    noisy = [_tenant(f"noisy-{number}", percent) for number in range(count)]
    everybody = (*noisy, *(_tenant(f"victim-{number}", 1.5) for number in range(victims)))
    assert {tenant for tenant, _ in _named([everybody] * 20, busy=1)} == {tenant.tenant for tenant in noisy}
    assert _named([everybody] * 20, busy=0.8) == set(), "nobody is starved"


def test_polite_tenants_that_only_together_fill_the_machine_are_not_named() -> None:
    assert _named([tuple(_tenant(f"polite-{number}", 4) for number in range(50))] * 20, busy=1) == set()
    mixed = tuple(_tenant(f"polite-{number}", (1, 3, 12)[number % 3]) for number in range(36))
    assert _named([mixed] * 20, busy=1) == set()


def test_a_tenant_without_a_quota_may_take_all() -> None:
    free = TenantSeen("free", cpu_percent=99, agents=(AgentSeen("f", "free", memory_bytes=1),))
    assert _named([(VICTIM, free)] * 10) == set()


def test_a_new_episode_is_told_again_after_the_hold_time() -> None:
    detector, told = NoiseDetector(SETTINGS), []
    for second in range(1, 40):
        cpu = 48 if second < 8 or second > 25 else 1
        told += [second for _ in detector.observe(observation(float(second), VICTIM, _tenant("noisy", cpu)))]
    assert told == [4, 28]
