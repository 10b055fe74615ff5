"""Reactions and the penalty box with stand-ins for enforcement."""

from __future__ import annotations

import pytest

from reference_platform.governor.containment import Containment
from reference_platform.governor.detection.detector import Detection
from reference_platform.governor.detection.noise_rules import all_rules
from reference_platform.governor.enforcement.enforcer import EnforcementCounters, Enforcer
from reference_platform.governor.journal import Journal
from reference_platform.governor.messages import Alert, Audit, Contain, FromGovernor, ReclaimLeases, Release, StopAgent
from reference_platform.governor.observation import AgentSeen, TenantSeen
from reference_platform.governor.reactions import Reactions
from reference_platform.governor.settings import GovernorSettings
from unit.governor.observed_series import observation

SETTINGS = GovernorSettings()


class _Recorder(Enforcer):
    """Remembers who was in the box."""

    mechanism = "none"

    def __init__(self) -> None:
        self.boxes: list[set[str]] = []

    def set_quota(self, tenant: str, cpu_percent: float | None, memory_bytes: int | None) -> None:
        """Nothing."""

    def attach(self, tenant: str, pid: int, started_ticks: int) -> bool:
        """Nothing."""
        return True

    def detach(self, tenant: str, pid: int) -> None:
        """Nothing."""

    def box(self, tenants: set[str]) -> None:
        """Remember."""
        self.boxes.append(set(tenants))

    def counters(self, tenant: str) -> EnforcementCounters:
        """Nothing."""
        return EnforcementCounters()

    def remove(self, tenant: str) -> int:
        """Nothing."""
        return 0

    def tick(self) -> float:
        """Nothing."""
        return 1.0

    def close(self) -> None:
        """Nothing."""


class _World:
    def __init__(self) -> None:
        self.sent: list[FromGovernor] = []
        self.enforcer = _Recorder()
        journal = Journal(self.sent.append)
        rules = all_rules(SETTINGS)
        self.containment = Containment(SETTINGS, self.enforcer, rules, journal, self.sent.append)
        self.reactions = Reactions(self.containment, journal, self.sent.append)

    def noise(self, tenant: str, at: float, resource: str = "cpu") -> None:
        self.reactions.react(Detection("noisy_tenant", tenant, resource=resource), at)

    def look(self, at: float, wants: bool, tenant: str = "noisy") -> None:
        agent = AgentSeen("a", tenant, wants_cpu=wants, memory_bytes=1)
        self.containment.review(observation(at, TenantSeen(tenant, cpu_quota_percent=50, agents=(agent,))))


def test_noise_is_told_contained_and_written_down() -> None:
    world = _World()
    world.noise("noisy", 10)
    assert [type(message) for message in world.sent] == [Alert, Contain, Audit]
    assert world.enforcer.boxes == [{"noisy"}]


def test_a_second_resource_lengthens_the_stay_and_the_same_one_is_not_told_twice() -> None:
    world = _World()
    world.noise("noisy", 10)
    world.noise("noisy", 11, "messages")
    world.noise("noisy", 12, "messages")
    contains = [message for message in world.sent if isinstance(message, Contain)]
    assert [message.resource for message in contains] == ["cpu", "messages"]
    assert world.enforcer.boxes == [{"noisy"}]


def test_whoever_still_wants_the_processor_stays() -> None:
    world = _World()
    world.noise("noisy", 0)
    for second in range(1, 60):
        world.look(second, wants=True)
    assert world.containment.contained == {"noisy"}


def test_a_quiet_tenant_is_released_after_the_hold_time_and_a_single_look_at_work_does_not_matter() -> None:
    world = _World()
    world.noise("noisy", 0)
    for second in range(1, 11):
        world.look(second, wants=second in (1, 5))
    assert world.containment.contained == {"noisy"}
    world.look(11, wants=False)
    assert world.containment.contained == set() and Release("noisy") in world.sent
    released = [message for message in world.sent if isinstance(message, Audit)][-1]
    assert released.kind == "released" and released.detail["quiet_seconds"] == 10
    assert world.enforcer.boxes == [{"noisy"}, set()]


def test_bursts_between_looks_keep_a_tenant_in_the_box_and_short_requests_do_not() -> None:
    for seconds, stays in ((0.7, True), (0.3, False)):
        world = _World()
        world.noise("noisy", 0)
        for second in range(1, 40):
            lasted = seconds if second % 4 == 0 else 0.0
            agent = AgentSeen("a", "noisy", longest_operation_seconds=lasted)
            seen = TenantSeen("noisy", agents=(agent,))
            world.containment.review(observation(float(second), seen))
        assert ("noisy" in world.containment.contained) is stays


@pytest.mark.parametrize(
    ("seen", "stays"),
    [
        (TenantSeen("noisy", cpu_percent=9.0), True),
        (TenantSeen("noisy", cpu_percent=2.0), False),
        (TenantSeen("noisy", churn_bytes_per_second=10e6), True),
        (TenantSeen("noisy", churn_bytes_per_second=1e6), False),
    ],
)
def test_whoever_takes_much_of_the_box_stays_and_everyday_requests_do_not_keep_anybody(
    seen: TenantSeen, stays: bool
) -> None:
    world = _World()
    world.noise("noisy", 0)
    for second in range(1, 30):
        world.containment.review(observation(float(second), seen))
    assert ("noisy" in world.containment.contained) is stays


def test_refused_demand_keeps_a_tenant_contained() -> None:
    world = _World()
    world.noise("noisy", 0, "messages")
    for second in range(1, 30):
        tenant = TenantSeen("noisy", refused_share={"messages": 0.5})
        world.containment.review(observation(float(second), tenant))
    assert world.containment.contained == {"noisy"}


def test_a_tenant_that_is_gone_leaves_the_box() -> None:
    world = _World()
    world.noise("noisy", 0)
    world.look(1, wants=True, tenant="other")
    assert world.containment.contained == set()


def test_leaks_and_runaways_end_their_agent_with_the_right_reason() -> None:
    for kind, reason in (("memory_leak", "memory_leak"), ("handle_leak", "handle_leak"), ("runaway", "runaway")):
        world = _World()
        world.reactions.react(Detection(kind, "acme", "a", 7), 1)
        alert, stop, audit = world.sent
        assert isinstance(alert, Alert) and isinstance(audit, Audit)
        assert (alert.kind, stop, audit.kind) == (kind, StopAgent("a", 7, reason), "agent_stopped")


def test_leaked_leases_are_reclaimed_and_excess_alone_is_only_told() -> None:
    world = _World()
    world.reactions.react(Detection("connection_leak", "acme"), 1)
    assert ReclaimLeases("acme") in world.sent
    world = _World()
    world.reactions.react(Detection("sustained_cpu", "acme"), 1)
    world.reactions.react(Detection("quota_exceeded", "acme", resource="cpu"), 1)
    assert [(type(message), getattr(message, "sequence", 0)) for message in world.sent] == [(Alert, 1), (Alert, 2)]
