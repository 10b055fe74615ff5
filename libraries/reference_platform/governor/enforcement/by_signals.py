"""Enforcement for ordinary users: processes are stopped and continued, and memory is watched."""

from __future__ import annotations

from dataclasses import dataclass, field

from process_control import BudgetLimiter, ProcessGone
from process_control.budget import TICK_SECONDS
from reference_platform.governor.enforcement.enforcer import EnforcementCounters, Enforcer
from reference_platform.governor.enforcement.memory_watch import MemoryWatch
from reference_platform.governor.enforcement.penalty import Penalty

_BOX = "/box"
"""The box's group; no tenant can have this name."""


@dataclass(slots=True)
class _Tenant:
    processes: dict[int, int] = field(default_factory=dict)
    boxed_from: EnforcementCounters | None = None
    boxed_before: EnforcementCounters = field(default_factory=EnforcementCounters)


class SignalEnforcer(Enforcer):
    """Budgets by SIGSTOP and SIGCONT, memory by a watchdog.

    Args:
        limiter: Keeps the processor budgets.
        watch: Keeps the memory quotas.
        box_percent: Processor time that the boxed tenants share (percent of one core).
        penalty: What boxed processes get besides.
    """

    def __init__(self, limiter: BudgetLimiter, watch: MemoryWatch, box_percent: float, penalty: Penalty) -> None:
        self._limiter = limiter
        self._watch = watch
        self._box_percent = box_percent
        self._penalty = penalty
        self._tenants: dict[str, _Tenant] = {}
        limiter.set_rate(_BOX, box_percent / 100)

    @property
    def mechanism(self) -> str:
        """A sentence about stopping and continuing."""
        return (
            "Agents are stopped and continued so that each tenant keeps its processor time on average (clocks are read "
            f"every {TICK_SECONDS * 1000:g} ms), and a watchdog ends the largest process of a tenant above its memory "
            f"quota; noisy tenants share {self._box_percent:g} % of one core. Not guaranteed: short excesses between "
            "two looks; memory shared between agents counts for each of them; storage traffic is only braked for "
            "noisy tenants."
        )

    def set_quota(self, tenant: str, cpu_percent: float | None, memory_bytes: int | None) -> None:
        """Set both budgets, see the base class."""
        self._tenants.setdefault(tenant, _Tenant())
        self._limiter.set_rate(tenant, None if cpu_percent is None else cpu_percent / 100)
        self._watch.set_quota(tenant, memory_bytes)

    def attach(self, tenant: str, pid: int, started_ticks: int) -> bool:
        """Put a process under its tenant's budgets, see the base class."""
        known = self._tenants[tenant]
        try:
            self._watch.add(tenant, pid, started_ticks)
        except ProcessGone:
            return False
        if not self._limiter.add(tenant if known.boxed_from is None else _BOX, pid, started_ticks):
            self._watch.discard(tenant, pid)
            return False
        known.processes[pid] = started_ticks
        if known.boxed_from is not None:
            self._penalty.apply([pid])
        return True

    def detach(self, tenant: str, pid: int) -> None:
        """Forget a process, see the base class."""
        self._limiter.discard(pid)
        self._watch.discard(tenant, pid)
        self._penalty.forget(pid)
        if tenant in self._tenants:
            self._tenants[tenant].processes.pop(pid, None)

    def box(self, tenants: set[str]) -> None:
        """Move processes between their tenants' budgets and the box's, see the base class."""
        for name, tenant in self._tenants.items():
            if name in tenants and tenant.boxed_from is None:
                tenant.boxed_from = self._box_counters()
                self._move(tenant, _BOX)
                self._penalty.apply(tenant.processes)
            elif name not in tenants and tenant.boxed_from is not None:
                tenant.boxed_before = self._throttling(name)
                tenant.boxed_from = None
                self._move(tenant, name)
                self._penalty.lift(tenant.processes)

    def counters(self, tenant: str) -> EnforcementCounters:
        """How often and how long it was stopped, in and out of the box; see the base class."""
        if tenant not in self._tenants:
            return EnforcementCounters()
        own, boxed = self._limiter.counters(tenant), self._throttling(tenant)
        return EnforcementCounters(
            own.throttled + boxed.throttled,
            own.throttled_seconds + boxed.throttled_seconds,
            self._watch.kills(tenant),
        )

    def remove(self, tenant: str) -> int:
        """Forget a tenant, see the base class; it never has control groups."""
        known = self._tenants.pop(tenant, None)
        for pid in known.processes if known else ():
            self._limiter.discard(pid)
            self._penalty.forget(pid)
        self._limiter.remove(tenant)
        self._watch.remove(tenant)
        return 0

    def tick(self) -> float:
        """Settle budgets, look at memory and at boxed storage traffic, see the base class."""
        return min(self._limiter.tick(), self._watch.tick(), self._penalty.tick())

    def close(self) -> None:
        """Let everybody go on."""
        self.box(set())
        for tenant in list(self._tenants):
            self.remove(tenant)
        self._limiter.close()
        self._penalty.close()

    def _move(self, tenant: _Tenant, group: str) -> None:
        for pid, ticks in tenant.processes.items():
            self._limiter.add(group, pid, ticks)

    def _box_counters(self) -> EnforcementCounters:
        counters = self._limiter.counters(_BOX)
        return EnforcementCounters(counters.throttled, counters.throttled_seconds)

    def _throttling(self, name: str) -> EnforcementCounters:
        """What the box did to a tenant, in its stays so far."""
        tenant = self._tenants[name]
        if tenant.boxed_from is None:
            return tenant.boxed_before
        now = self._box_counters()
        return EnforcementCounters(
            tenant.boxed_before.throttled + now.throttled - tenant.boxed_from.throttled,
            tenant.boxed_before.throttled_seconds + now.throttled_seconds - tenant.boxed_from.throttled_seconds,
        )
