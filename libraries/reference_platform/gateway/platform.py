"""Everything the gateway consists of, put together once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from reference_platform.agents import AgentFactory, AgentIdentity
from reference_platform.authentication import Claims, RevokedTokens, TokenVerifier, UserDirectory
from reference_platform.gateway.agent_host import AgentHost
from reference_platform.gateway.bookkeeping import Bookkeeper
from reference_platform.gateway.governor_link import GovernorLink
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.gateway.lifecycle import Lifecycle
from reference_platform.gateway.limits import DatabaseTurns, Rate
from reference_platform.gateway.log import LogFile
from reference_platform.gateway.trail import AuditLog
from reference_platform.gateway.work import SessionWork, WorkRules
from reference_platform.governor.client import GovernorClient
from reference_platform.handover import RESTART_EXIT_CODE, Handover
from reference_platform.registry import Agent, Registry, Tenant, User
from reference_platform.registry.tenants import Quota
from reference_platform.state import Owner, Scope, Store
from reference_platform.state.metrics import MetricsStore

#: Progress events of a tenant towards its users.
PROGRESS_RATE = 1000.0
PROGRESS_BURST = 2000.0
#: Seconds of database work per second of a tenant.
DATABASE_SHARE = 0.2
DATABASE_TURNS = 3
#: Between the answer to `restart` and the end.
END_SECONDS = 0.05


class Platform:
    """The gateway's parts; each handler gets it and takes what it needs.

    Attributes:
        settings: What is set.
        processes: Process ids of the platform itself, by role.
        store: What is kept.
        factory: Where processes of agents come from.
        governor: Who watches and limits them.
        directory: Which tenant a user belongs to.
        registry: Who and what is there.
        alerts: What an operator should know.
        audit: What was done.
        exit_code: Set when the gateway shall end; its exit code.
    """

    def __init__(
        self,
        handover: Handover,
        store: Store,
        factory: AgentFactory,
        governor: GovernorClient,
        known_users: dict[str, str],
    ) -> None:
        """Put the parts together; needs a running event loop."""
        self.settings = handover.settings
        self.processes = handover.processes
        self._addresses = handover.addresses
        self.store = store
        self.factory = factory
        self.governor = governor
        self.directory = UserDirectory(known_users)
        self.revoked = RevokedTokens(handover.settings.folder / "revoked.jsonl")
        self.verifier = TokenVerifier(handover.jwt_secret, self.revoked, self.directory)
        self.default_quota = Quota(self.settings.governor.cpu_quota_percent, self.settings.governor.memory_quota_bytes)
        self.metrics: MetricsStore | None = None
        self.alerts = AuditLog()
        self.audit = AuditLog()
        self.log = LogFile(handover.log_folder / "gateway.jsonl")
        self.leases = LeaseKeeper(self)
        self.books = Bookkeeper(self)
        self.lifecycle = Lifecycle(self)
        self.governor_link = GovernorLink(self)
        self.registry = Registry(self._make_tenant, self._make_agent, self.settings.agents_of_a_tenant)
        self.work_rules = WorkRules(self.settings.operation_timeout_seconds, self._note_timeout, self._note_finished)
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._host = AgentHost(self)
        self._saved_users: set[str] = set(known_users)
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Start everything that runs by itself."""
        if self.settings.clickhouse:
            self.metrics, reason = await MetricsStore.open(self._addresses)
            self.log.write("analytics", reason=reason)
        await self.factory.open()
        await self.governor_link.open()
        self.books.open()
        self.log.write("opened")

    async def close(self) -> None:
        """End everything; the doors are closed already."""
        await self.lifecycle.close_all()
        await self.factory.close()
        await self.governor_link.close()
        await self.books.close()
        if self.metrics is not None:
            await self.metrics.close()
        await self.store.close()
        self.log.write("closed")
        self.log.close()

    async def prepare(self, claims: Claims) -> None:
        """Make tenant and user known to the stores; quick when they are.

        Args:
            claims: Who has come.
        """
        tenant = self.registry.tenant(claims.tenant)
        if tenant.prepared is None:
            tenant.prepared = asyncio.get_running_loop().create_task(self._prepare_tenant(tenant))
        try:
            await asyncio.shield(tenant.prepared)
        except Exception:
            tenant.prepared = None
            raise
        if claims.user not in self._saved_users:
            self._saved_users.add(claims.user)
            self.books.user_seen(Owner(claims.tenant, claims.user))

    async def forget_tenant(self, tenant: Tenant) -> None:
        """Forget a tenant that was removed from the stores."""
        self._saved_users = {user for user in self._saved_users if self.directory.tenant_of(user) != tenant.name}
        self.directory.forget_tenant(tenant.name)
        self.governor_link.demand.forget(tenant.name)
        self.registry.tenants.pop(tenant.name, None)

    async def forget_memories(self, agent: Agent) -> None:
        """Remove what an agent remembers."""
        identity = agent.identity
        async with agent.user.tenant.database.turn():
            await self.store.delete(Owner(identity.tenant, identity.user), Scope.MEMORY, identity.agent_id)

    def remove_agent_soon(self, agent: Agent, reason: str) -> None:
        """Remove an agent without waiting for it."""
        self.registry.remove(agent)
        self.books.agent_removed(agent)
        self.start(agent.remove(reason))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something run by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def set_pace(self, tenant: Tenant, factor: float) -> None:
        """Set which part of its usual rates a tenant has.

        Args:
            tenant: Which.
            factor: 0 to 1.
        """
        tenant.messages.change(self.settings.message_rate * factor, max(1.0, self.settings.message_burst * factor))
        tenant.progress.change(PROGRESS_RATE * factor, PROGRESS_BURST * factor)
        tenant.database.change(DATABASE_SHARE * factor)

    def governor_lost(self) -> None:
        """Without a governor nobody is limited: start again."""
        self.log.write("governor_lost")
        self.end(RESTART_EXIT_CODE)

    def end_soon(self, exit_code: int) -> None:
        """Let the gateway end when the answer to whoever asked for it is on its way."""
        asyncio.get_running_loop().call_later(END_SECONDS, self.end, exit_code)

    def end(self, exit_code: int) -> None:
        """Let the gateway end."""
        if not self.exit_code.done():
            self.exit_code.set_result(exit_code)

    def fault(self, where: str, error: BaseException) -> None:
        """Write down a fault of the platform."""
        self.log.fault(where, error)

    async def _prepare_tenant(self, tenant: Tenant) -> None:
        await self.store.provision_tenant(tenant.name, self.settings.connection_limit)

    def _make_tenant(self, name: str) -> Tenant:
        return Tenant(
            name=name,
            messages=Rate(self.settings.message_rate, self.settings.message_burst),
            progress=Rate(PROGRESS_RATE, PROGRESS_BURST),
            database=DatabaseTurns(DATABASE_SHARE, DATABASE_TURNS),
            quota=self.default_quota,
        )

    def _make_agent(self, identity: AgentIdentity, user: User, created_at: float) -> Agent:
        return Agent(identity, user, created_at, self._host)

    def _note_timeout(self, work: SessionWork) -> None:
        identity = work.agent.identity
        work.agent.user.tenant.counters.operations_timed_out += 1
        detail = {"seconds": self.settings.operation_timeout_seconds, "user": identity.user}
        self.alerts.add("operation_timeout", identity.tenant, identity.agent_id, detail=detail)

    def _note_finished(self, work: SessionWork, success: bool, seconds: float) -> None:
        if self.metrics is not None and success:
            identity = work.agent.identity
            self.metrics.record(Owner(identity.tenant, identity.user), work.kind, seconds * 1000)
