"""``quota_exceeded`` for memory: a process of the tenant was ended because of its memory quota."""

from __future__ import annotations

from reference_platform.governor.detection.detector import Detection
from reference_platform.governor.observation import Observation, TenantSeen


class MemoryQuotaDetector:
    """Tells whenever the out-of-memory counter of a tenant has moved: every kill is an event of its own."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def observe(self, seen: Observation) -> list[Detection]:
        """Compare the counters with what was told before."""
        found = []
        for tenant in seen.tenants.values():
            ended = [agent for agent in tenant.agents if agent.memory_bytes == 0]
            found += self.look(tenant, ended[0].agent, ended[0].pid) if ended else self.look(tenant)
        return found

    def look(self, tenant: TenantSeen, agent: str = "", pid: int = 0) -> list[Detection]:
        """Look at one tenant, between two observations too: as soon as one of its agents has ended.

        Args:
            tenant: The tenant with its present counter.
            agent: The agent that has just ended, when known.
            pid: That agent's process.
        """
        kills = tenant.out_of_memory - self._told.get(tenant.tenant, 0)
        self._told[tenant.tenant] = tenant.out_of_memory
        if kills <= 0:
            return []
        detail: dict[str, object] = {"killed": kills, "quota_bytes": tenant.memory_quota_bytes}
        return [Detection("quota_exceeded", tenant.tenant, agent, pid, "memory", detail)]

    def forget(self, tenant: str) -> None:
        """Forget a removed tenant: its counter starts at 0 when it comes back."""
        self._told.pop(tenant, None)
