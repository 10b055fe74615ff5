"""Enforcement for ordinary users: processes are stopped and continued, and memory is watched."""

from __future__ import annotations

from dataclasses import dataclass, field

from process_control import BudgetLimiter, ProcessGone
from process_control.budget import TICK_SECONDS
from reference_platform.governor.enforcement.enforcer import EnforcementCounters, Enforcer
from reference_platform.governor.enforcement.memory_watch import MemoryWatch
from reference_platform.governor.enforcement.penalty import Penalty


@dataclass(slots=True)
class _Tenant:
    cpu_percent: float | None = None
    processes: set[int] = field(default_factory=set)


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
        self._boxed: set[str] = set()

    @property
    def mechanism(self) -> str:
        """A sentence about stopping and continuing."""
        return (
            "Agents are stopped and continued so that each tenant keeps its processor time on average (clocks are read "
            f"every {TICK_SECONDS * 1000:g} ms), and a watchdog ends the largest process of a tenant above its memory "
            f"quota; noisy tenants share {self._box_percent:g} % of one core. Not guaranteed: short excesses between "
            "two looks; memory shared between agents counts for each of them; storage traffic and fresh memory "
            "are only braked for noisy tenants."
        )

    def set_quota(self, tenant: str, cpu_percent: float | None, memory_bytes: int | None) -> None:
        """Set both budgets, see the base class."""
        self._tenants.setdefault(tenant, _Tenant()).cpu_percent = cpu_percent
        self._set_rate(tenant)
        self._watch.set_quota(tenant, memory_bytes)

    def attach(self, tenant: str, pid: int, started_ticks: int) -> bool:
        """Put a process under its tenant's budgets, see the base class."""
        try:
            self._watch.add(tenant, pid, started_ticks)
        except ProcessGone:
            return False
        if not self._limiter.add(tenant, pid, started_ticks):
            self._watch.discard(tenant, pid)
            return False
        self._tenants[tenant].processes.add(pid)
        if tenant in self._boxed:
            self._penalty.apply([pid])
        return True

    def detach(self, tenant: str, pid: int) -> None:
        """Forget a process, see the base class."""
        self._limiter.discard(pid)
        self._watch.discard(tenant, pid)
        self._penalty.forget(pid)
        if tenant in self._tenants:
            self._tenants[tenant].processes.discard(pid)

    def box(self, tenants: set[str]) -> None:
        """Divide the box's budget evenly among exactly these tenants, see the base class.

        An even part for each, and not one budget for all: whoever still burns then cannot stop those who became quiet.
        """
        arrived, left = tenants - self._boxed, self._boxed - tenants
        self._boxed = set(tenants)
        for tenant in tenants | left:
            self._set_rate(tenant)
        for tenant in arrived:
            self._penalty.apply(self._tenants[tenant].processes)
        for tenant in left:
            self._penalty.lift(self._tenants[tenant].processes)

    def counters(self, tenant: str) -> EnforcementCounters:
        """How often and how long it was stopped, in and out of the box; see the base class."""
        own = self._limiter.counters(tenant)
        return EnforcementCounters(own.throttled, own.throttled_seconds, self._watch.kills(tenant))

    def remove(self, tenant: str) -> int:
        """Forget a tenant, see the base class; it never has control groups."""
        if tenant in self._boxed:
            self.box(self._boxed - {tenant})
        known = self._tenants.pop(tenant, None)
        for pid in known.processes if known else ():
            self._penalty.forget(pid)
        self._limiter.remove(tenant)
        self._watch.remove(tenant)
        return 0

    def tick(self) -> float:
        """Settle budgets, look at memory and at the brakes of the boxed, see the base class."""
        return min(self._limiter.tick(), self._watch.tick(), self._penalty.tick())

    def close(self) -> None:
        """Let everybody go on."""
        self.box(set())
        for tenant in list(self._tenants):
            self.remove(tenant)
        self._limiter.close()
        self._penalty.close()

    def _set_rate(self, tenant: str) -> None:
        percent = self._tenants[tenant].cpu_percent
        if tenant in self._boxed:
            percent = self._box_percent / len(self._boxed)
        self._limiter.set_rate(tenant, None if percent is None else percent / 100)
