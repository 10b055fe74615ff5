"""Enforcement by control groups: the kernel keeps the quotas."""

from __future__ import annotations

import sys
import time

from process_control import CgroupTree
from reference_platform.governor.enforcement.enforcer import EnforcementCounters, Enforcer
from reference_platform.governor.enforcement.penalty import Penalty

_CLOSING_SECONDS = 3.0
_IDLE_SECONDS = 0.2


class CgroupEnforcer(Enforcer):
    """One control group per tenant.

    Args:
        tree: The private groups.
        box_percent: Processor time that the boxed tenants share (percent of one core).
        penalty: What boxed processes get besides.
    """

    def __init__(self, tree: CgroupTree, box_percent: float, penalty: Penalty) -> None:
        self._tree = tree
        self._box_percent = box_percent
        self._penalty = penalty
        self._boxed: set[str] = set()

    @property
    def mechanism(self) -> str:
        """A sentence about control groups."""
        return (
            "Control groups of the kernel hold each tenant's processor time (over periods of 100 ms) and memory (the "
            f"kernel ends a process at the quota); noisy tenants share {self._box_percent:g} % of one core at idle "
            "priority. Not guaranteed: memory bandwidth and processor caches have no quota; storage traffic and "
            "fresh memory are only braked for noisy tenants, by stopping them."
        )

    def folders(self, tenant: str) -> list[str]:
        """Those of the tree, see the base class."""
        return [str(folder) for folder in self._tree.folders(tenant)]

    def set_quota(self, tenant: str, cpu_percent: float | None, memory_bytes: int | None) -> None:
        """Write both quotas, see the base class."""
        self._tree.create(tenant)
        self._tree.limit_cpu(tenant, cpu_percent)
        self._tree.limit_memory(tenant, memory_bytes)

    def attach(self, tenant: str, pid: int, started_ticks: int) -> bool:
        """Move a process into its tenant's group, see the base class."""
        attached = self._tree.attach(tenant, pid)
        if attached and tenant in self._boxed:
            self._penalty.apply([pid])
        return attached

    def detach(self, tenant: str, pid: int) -> None:
        """Forget a process, see the base class; it has left its group by itself."""
        self._penalty.forget(pid)

    def let_go(self, tenant: str, pid: int) -> None:
        """Take a process out of its group, and out of the box: a killed process needs processor time to end."""
        if tenant in self._boxed:
            self._penalty.lift([pid])
        self._tree.free(pid)

    def box(self, tenants: set[str]) -> None:
        """Confine exactly these tenants, see the base class."""
        self._tree.confine(tenants, self._box_percent)
        for tenant in tenants - self._boxed:
            self._penalty.apply(self._tree.members(tenant))
        for tenant in self._boxed - tenants:
            self._penalty.lift(self._tree.members(tenant))
        self._boxed = set(tenants)

    def counters(self, tenant: str) -> EnforcementCounters:
        """The kernel's counters, see the base class."""
        seen = self._tree.counters(tenant)
        return EnforcementCounters(seen.throttled, seen.throttled_seconds, seen.oom_kills)

    def remove(self, tenant: str) -> int:
        """Remove a tenant's group, see the base class."""
        if tenant in self._boxed:
            self.box(self._boxed - {tenant})
        return int(tenant in self._tree.groups and not self._tree.remove(tenant))

    def tick(self) -> float:
        """The kernel keeps the quotas; only the brakes of the boxed are left, see the base class."""
        return self._penalty.tick() if self._boxed else _IDLE_SECONDS

    def close(self) -> None:
        """Let the boxed go and remove all groups; agents that are just dying get a moment to leave them.

        What still holds processes then is named on standard error, and swept by the next start.
        """
        self.box(set())
        self._penalty.close()
        end = time.monotonic() + _CLOSING_SECONDS
        while not self._tree.close():
            if time.monotonic() > end:
                print(f"The governor left control groups named {self._tree.parent_name}.", file=sys.stderr)
                return
            time.sleep(0.02)
