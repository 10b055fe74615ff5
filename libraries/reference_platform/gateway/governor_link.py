"""What the governor says to the gateway, and what is done about it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reference_platform.gateway.reports import ActivityReport, DemandReport
from reference_platform.governor.client import GovernorLost
from reference_platform.governor.messages import (
    Alert,
    Audit,
    Contain,
    FromGovernor,
    ReclaimLeases,
    Release,
    SetQuota,
    StopAgent,
    TenantUsage,
    ToGovernor,
    Usage,
)
from reference_platform.registry.tenants import Tenant

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

REPORT_SECONDS = 0.25
#: How long to wait for the governor's explanation of a process's end.
EXPLAIN_SECONDS = 0.25
#: The gateway itself writes these: when a process has really ended, and before an operator is answered.
WRITTEN_HERE = ("agent_stopped", "quota_set")
#: How long the governor keeps the group of a tenant without agents.
IDLE_SECONDS = 1.0


class GovernorLink:
    """Follows the governor's commands and reports to it.

    Attributes:
        usage: The latest usage by tenant.
        activity: Told of every job that an agent begins and ends.
    """

    def __init__(self, platform: Platform) -> None:
        """Keep the platform."""
        self._platform = platform
        self._task: asyncio.Task[None] | None = None
        self._stops: set[asyncio.Task[None]] = set()
        self.usage: dict[str, TenantUsage] = {}
        self._groups_left: dict[str, int] = {}
        self._forgotten: set[str] = set()
        self._explanations: dict[int, asyncio.Future[str]] = {}
        self.activity = ActivityReport(self.send)
        self.demand = DemandReport(self.send)

    async def open(self) -> None:
        """Wait for the governor and start to report."""
        await self._platform.governor.open(self.receive, self._platform.governor_lost)
        self._task = asyncio.get_running_loop().create_task(self._report())

    async def close(self) -> None:
        """Report no more."""
        if self._task is not None:
            self._task.cancel()
        await self._platform.governor.close()

    def send(self, message: ToGovernor) -> None:
        """Tell the governor something; when it has ended, the gateway is about to end too."""
        try:
            self._platform.governor.send(message)
        except GovernorLost:
            self._platform.governor_lost()

    def receive(self, message: FromGovernor) -> None:
        """Follow a message."""
        match message:
            case Usage():
                self.usage = {entry.tenant: entry for entry in message.tenants}
            case Alert():
                self._platform.alerts.add(
                    message.kind, message.tenant, message.agent, message.resource, dict(message.detail), message.at
                )
            case Audit() if message.kind in WRITTEN_HERE:
                pass
            case Audit():
                self._platform.audit.add(
                    message.kind, message.tenant, message.agent, message.resource, dict(message.detail), message.at
                )
            case Contain():
                self._set_pace(message.tenant, message.factor)
            case Release():
                self._set_pace(message.tenant, None)
            case StopAgent():
                self._stop_agent(message)
            case ReclaimLeases():
                self._platform.leases.reclaim_soon(message.tenant)
            case _:
                pass

    async def remove_tenant(self, name: str) -> None:
        """Let the governor forget a tenant without agents."""
        used = self.usage.pop(name, None)
        self._forgotten.add(name)
        self._groups_left[name] = await self._platform.governor.remove_tenant(name)
        self.usage.pop(name, None)
        tenant = self._platform.registry.tenants.get(name)
        if tenant is not None and used is not None:
            tenant.counters.throttled += used.throttled
            tenant.counters.throttled_seconds += used.throttled_seconds
            tenant.counters.out_of_memory += used.out_of_memory

    def groups_left(self, name: str) -> int:
        """Control groups of a tenant."""
        if name in self.usage:
            return int(self._platform.governor.mechanism.startswith("Control groups"))
        return self._groups_left.get(name, 0)

    def agent_starting(self, tenant: Tenant) -> None:
        """Tell the governor the quotas of a tenant that it may have forgotten."""
        tenant.idle_since = None
        if tenant.name not in self._forgotten:
            return
        self._forgotten.discard(tenant.name)
        if tenant.quota != self._platform.default_quota:
            self.send(SetQuota(tenant.name, tenant.quota.cpu_percent, tenant.quota.memory_bytes))

    def _set_pace(self, name: str, factor: float | None) -> None:
        tenant = self._platform.registry.tenants.get(name)
        if tenant is not None:
            tenant.contained = factor is not None
            self._platform.set_pace(tenant, 1.0 if factor is None else factor)

    async def explain(self, pid: int) -> str:
        """Why a process has ended that nobody in the gateway has stopped: the kernel's doing is known to the governor.

        Args:
            pid: The process; the governor has been told that it ended.

        Returns:
            The governor's word, or ``crash``.
        """
        waiting = self._explanations.get(pid)
        if waiting is None:
            waiting = self._explanations[pid] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), EXPLAIN_SECONDS)
        except TimeoutError:
            return "crash"
        finally:
            self._explanations.pop(pid, None)

    def _stop_agent(self, message: StopAgent) -> None:
        explanation = self._explanations.get(message.pid)
        if explanation is not None and not explanation.done():
            explanation.set_result(message.reason)
        agent = self._platform.registry.agents.get(message.agent)
        if agent is None or agent.process is None or agent.process.pid != message.pid:
            return
        task = asyncio.get_running_loop().create_task(agent.stop_process(message.reason))
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            self.activity.flush()
            leases = self._platform.leases.summary()
            for tenant in list(self._platform.registry.tenants.values()):
                self.demand.flush(tenant, *leases.get(tenant.name, (0, 0.0)))
                self._forget_when_idle(tenant)

    def _forget_when_idle(self, tenant: Tenant) -> None:
        """Let the governor give up the group of a tenant whose agents have been gone for a while."""
        now = asyncio.get_running_loop().time()
        if any(user.agents for user in tenant.users.values()):
            tenant.idle_since = None
        elif tenant.idle_since is None:
            tenant.idle_since = now
        elif now - tenant.idle_since > IDLE_SECONDS and tenant.name in self.usage and not tenant.contained:
            tenant.idle_since = now
            self._platform.start(self.remove_tenant(tenant.name))
