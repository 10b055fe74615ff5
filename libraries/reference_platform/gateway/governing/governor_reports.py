"""What the gateway tells the governor."""

from __future__ import annotations

from reference_platform.gateway.ending import Ending
from reference_platform.gateway.governing.explanations import Explanations
from reference_platform.gateway.governing.reports import ActivityReport, DemandReport
from reference_platform.governor.client import GovernorClient, GovernorLost
from reference_platform.governor.messages import AgentStarted, SetQuota, ToGovernor
from reference_platform.registry.tenants import Quota, Tenant


class GovernorReports:
    """The way to the governor.

    Attributes:
        activity: Told of every job that an agent begins and ends.
        demand: Told of what tenants want.
        explanations: Why processes have ended.
    """

    def __init__(self, governor: GovernorClient, ending: Ending, default_quota: Quota) -> None:
        """Keep the way.

        Args:
            ending: Told when the governor has ended.
            default_quota: What the governor gives a tenant of which it knows nothing.
        """
        self._governor = governor
        self._ending = ending
        self._default_quota = default_quota
        self._forgotten: set[str] = set()
        self.activity = ActivityReport(self.send)
        self.demand = DemandReport(self.send)
        self.explanations = Explanations()

    def send(self, message: ToGovernor) -> None:
        """Tell the governor something; when it has ended, the gateway is about to end too."""
        try:
            self._governor.send(message)
        except GovernorLost:
            self._ending.governor_lost()

    async def attach(self, tenant: Tenant, started: AgentStarted) -> bool:
        """Put a new process under its tenant's quotas, before it works.

        Args:
            tenant: Its tenant; the governor is told the quotas that it may have forgotten.

        Returns:
            False when it has ended already.
        """
        tenant.idle_since = None
        if tenant.name in self._forgotten:
            self._forgotten.discard(tenant.name)
            if tenant.quota != self._default_quota:
                self.send(SetQuota(tenant.name, tenant.quota.cpu_percent, tenant.quota.memory_bytes))
        return await self._governor.attach(started)

    async def remove_tenant(self, name: str) -> int:
        """Let the governor forget a tenant without agents; returns how many control groups were left."""
        self._forgotten.add(name)
        return await self._governor.remove_tenant(name)
