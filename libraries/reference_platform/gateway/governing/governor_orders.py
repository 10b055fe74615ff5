"""What the governor says to the gateway, and what is done about it."""

from __future__ import annotations

import asyncio

from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.ending import Ending
from reference_platform.gateway.governing.governor_reports import GovernorReports
from reference_platform.gateway.governing.pace import Pace
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.governor.client import GovernorClient
from reference_platform.governor.messages import (
    Alert,
    Audit,
    Contain,
    FromGovernor,
    ReclaimLeases,
    Release,
    StopAgent,
    TenantUsage,
    Usage,
)
from reference_platform.registry import Registry, Tenant

REPORT_SECONDS = 0.25
#: The gateway itself writes these: when a process has really ended, and before an operator is answered.
WRITTEN_HERE = ("agent_stopped", "quota_set")
#: How long the governor keeps the group of a tenant without agents.
IDLE_SECONDS = 1.0


class GovernorOrders:
    """Follows the governor's commands, and lets it know four times a second what tenants want.

    Attributes:
        usage: The latest usage by tenant.
    """

    def __init__(
        self,
        governor: GovernorClient,
        reports: GovernorReports,
        registry: Registry,
        leases: LeaseKeeper,
        alerts: AuditLog,
        audit: AuditLog,
        pace: Pace,
        tasks: BackgroundTasks,
    ) -> None:
        """Keep what the commands are about.

        Args:
            governor: Whose commands.
            reports: The way to it.
            registry: Tenants and agents.
            leases: What is taken back on its command.
            alerts: Where its alerts go.
            audit: Where its audit entries go.
            pace: The rates of contained tenants.
            tasks: Runs what nobody waits for.
        """
        self._governor = governor
        self._reports = reports
        self._registry = registry
        self._leases = leases
        self._alerts = alerts
        self._audit = audit
        self._pace = pace
        self._tasks = tasks
        self._reporter: asyncio.Task[None] | None = None
        self._groups_left: dict[str, int] = {}
        self.usage: dict[str, TenantUsage] = {}

    async def open(self, ending: Ending) -> None:
        """Wait for the governor and start to report.

        Args:
            ending: Told when the governor ends.
        """
        await self._governor.open(self.receive, ending.governor_lost)
        self._reporter = asyncio.get_running_loop().create_task(self._report())

    async def close(self) -> None:
        """Report no more."""
        if self._reporter is not None:
            self._reporter.cancel()
        await self._governor.close()

    def receive(self, message: FromGovernor) -> None:
        """Follow a message."""
        match message:
            case Usage():
                self.usage = {entry.tenant: entry for entry in message.tenants}
            case Alert():
                _write(self._alerts, message)
            case Audit() if message.kind not in WRITTEN_HERE:
                _write(self._audit, message)
            case Contain():
                self._set_pace(message.tenant, message.factor)
            case Release():
                self._set_pace(message.tenant, None)
            case StopAgent():
                self._stop_agent(message)
            case ReclaimLeases():
                self._leases.reclaim_soon(message.tenant)
            case _:
                pass

    async def remove_tenant(self, name: str) -> None:
        """Let the governor forget a tenant without agents."""
        used = self.usage.pop(name, None)
        self._groups_left[name] = await self._reports.remove_tenant(name)
        self.usage.pop(name, None)
        tenant = self._registry.tenants.get(name)
        if tenant is not None and used is not None:
            tenant.counters.throttled += used.throttled
            tenant.counters.throttled_seconds += used.throttled_seconds
            tenant.counters.out_of_memory += used.out_of_memory

    def groups_left(self, name: str) -> int:
        """Control groups of a tenant."""
        if name in self.usage:
            return int(self._governor.mechanism.startswith("Control groups"))
        return self._groups_left.get(name, 0)

    def _set_pace(self, name: str, factor: float | None) -> None:
        tenant = self._registry.tenants.get(name)
        if tenant is not None:
            tenant.contained = factor is not None
            self._pace.change(tenant, 1.0 if factor is None else factor)

    def _stop_agent(self, message: StopAgent) -> None:
        self._reports.explanations.give(message.pid, message.reason)
        agent = self._registry.agents.get(message.agent)
        if agent is None or agent.process is None or agent.process.pid != message.pid:
            return
        self._tasks.start(agent.stop_process(message.reason))

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            self._reports.activity.flush()
            leases = self._leases.summary()
            for tenant in list(self._registry.tenants.values()):
                self._reports.demand.flush(tenant, *leases.get(tenant.name, (0, 0.0)))
                self._forget_when_idle(tenant)

    def _forget_when_idle(self, tenant: Tenant) -> None:
        """Let the governor give up the group of a tenant whose agents have been gone for a while."""
        now = asyncio.get_running_loop().time()
        if self._registry.has_agents(tenant.name):
            tenant.idle_since = None
        elif tenant.idle_since is None:
            tenant.idle_since = now
        elif now - tenant.idle_since > IDLE_SECONDS and tenant.name in self.usage and not tenant.contained:
            tenant.idle_since = now
            self._tasks.start(self.remove_tenant(tenant.name))


def _write(log: AuditLog, message: Alert | Audit) -> None:
    log.add(message.kind, message.tenant, message.agent, message.resource, dict(message.detail), message.at)
