"""Everything the gateway consists of, put together once: each part gets what it needs, and none knows this file."""

from __future__ import annotations

import asyncio

from reference_platform.agents import AgentFactory
from reference_platform.authentication import EndedRights, RevokedTokens, TokenVerifier, UserDirectory
from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.ending import Ending
from reference_platform.gateway.endpoint.addressing import Addressing
from reference_platform.gateway.endpoint.admission import Admission
from reference_platform.gateway.endpoint.dispatch import Dispatcher
from reference_platform.gateway.endpoint.tenant_endpoint import TenantEndpoint
from reference_platform.gateway.execution.agent_host import AgentHost
from reference_platform.gateway.execution.light_work import LightAnswers
from reference_platform.gateway.execution.outcomes import Outcomes
from reference_platform.gateway.execution.routing import Router
from reference_platform.gateway.execution.session_work import WorkRules
from reference_platform.gateway.governing.governor_orders import GovernorOrders
from reference_platform.gateway.governing.governor_reports import GovernorReports
from reference_platform.gateway.governing.pace import Pace
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.gateway.operations import (
    AgentOperations,
    MetricsOperations,
    SessionOperations,
    StateOperations,
    SubscriptionOperations,
    WorkOperations,
    handlers_of,
)
from reference_platform.gateway.operator_api import (
    Inspection,
    OperatorApi,
    PlatformOperations,
    RightsAdministration,
    TenantAdministration,
    operations_of,
)
from reference_platform.gateway.sessions.departure import Departure
from reference_platform.gateway.sessions.lifecycle import Lifecycle
from reference_platform.gateway.sessions.rights_ending import RightsEnding
from reference_platform.governor.client import GovernorClient
from reference_platform.handover import Handover
from reference_platform.registry import Agent, Registry
from reference_platform.state import Residue, Store
from reference_platform.state.metrics import MetricsStore


class Gateway:
    """All parts, in the order in which they need each other.

    Attributes:
        ending: Whether the gateway shall end.
        log: The log file.
        registry: Who and what is there.
    """

    def __init__(
        self,
        handover: Handover,
        store: Store,
        factory: AgentFactory,
        governor: GovernorClient,
        known_users: dict[str, str],
        metrics: MetricsStore | None,
    ) -> None:
        """Put the parts together; needs a running event loop.

        Args:
            handover: From the supervisor.
            store: What is kept.
            factory: Where processes of agents come from.
            governor: Who watches and limits them.
            known_users: User id to tenant id of every known user.
            metrics: The analytics store, if there is one.
        """
        settings = handover.settings
        self.handover = handover
        self.store, self.factory, self.governor, self.metrics = store, factory, governor, metrics

        # What everything else writes to.
        self.log = LogFile(handover.log_folder / "gateway.jsonl")
        self.alerts, self.audit = AuditLog(), AuditLog()
        self.ending = Ending(self.log)
        self.tasks = BackgroundTasks()
        self.books = Bookkeeper(store, self.log)

        # Who somebody is.
        self.directory = UserDirectory(known_users)
        self.revoked = RevokedTokens(settings.folder / "revoked.jsonl")
        self.rights = EndedRights(settings.folder / "ended-rights.jsonl")
        self.verifier = TokenVerifier(handover.jwt_secret, self.revoked, self.directory, self.rights)

        # Who and what is there, and who limits it.
        self.leases = LeaseKeeper(store, self.tasks, settings.governor.lease_idle_seconds)
        self.pace = Pace(settings)
        self.reports = GovernorReports(governor, self.ending, self.pace.default_quota)
        host = AgentHost(factory, store, self.leases, self.reports, self.audit, self.books, self.log, self.tasks)
        self.registry = Registry(
            self.pace.new_tenant,
            lambda identity, user, created_at: Agent(identity, user, created_at, host),
            settings.agents_of_a_tenant,
        )
        self.orders = GovernorOrders(
            governor, self.reports, self.registry, self.leases, self.alerts, self.audit, self.pace, self.tasks
        )

        # Sessions and their work.
        self.departure = Departure(self.registry, self.books, self.leases, store, self.log)
        self.lifecycle = Lifecycle(self.registry, self.departure, self.audit, self.books, self.log, settings)
        self.rights_ending = RightsEnding(self.rights, self.revoked, self.registry, self.lifecycle, self.audit)
        self.admission = Admission(
            store, self.registry, self.directory, self.books, settings.connection_limit, known_users
        )
        outcomes = Outcomes(self.alerts, metrics, settings.operation_timeout_seconds)
        self.rules = WorkRules(
            Router(self.registry), settings.operation_timeout_seconds, outcomes.timed_out, outcomes.finished
        )
        self.tenant_endpoint = self._tenant_endpoint()
        self.operator_api = self._operator_api()

    async def open(self) -> None:
        """Start everything that runs by itself."""
        await self.factory.open()
        await self.orders.open(self.ending)
        self.books.open()
        self.log.write("opened")

    async def close(self, leave_stores: bool) -> dict[str, Residue]:
        """Close both endpoints, then end everything.

        Args:
            leave_stores: Whether everything that this platform has made is removed from the stores.

        Returns:
            Tenant to what could not be removed.
        """
        await asyncio.gather(self.tenant_endpoint.close(), self.operator_api.close())
        await self.lifecycle.close_all()
        await self.factory.close()
        await self.orders.close()
        await self.books.close()
        left = await self.store.remove_platform() if leave_stores else {}
        if self.metrics is not None:
            if leave_stores:
                await self.metrics.remove_table()
            await self.metrics.close()
        await self.store.close()
        self.log.write("closed", left=len(left))
        self.log.close()
        return left

    def _tenant_endpoint(self) -> TenantEndpoint:
        settings = self.handover.settings
        addressing = Addressing(self.registry, self.directory)
        light = LightAnswers(self.store, self.leases, self.tasks, self.log) if settings.light else None
        handlers = handlers_of(
            AgentOperations(self.registry, addressing, self.books, self.store, self.tasks),
            WorkOperations(self.registry, addressing, self.rules, light),
            StateOperations(self.store, addressing),
            SessionOperations(self.registry, self.lifecycle, self.rights_ending, self.tasks),
            SubscriptionOperations(self.registry),
            MetricsOperations(self.metrics),
        )
        return TenantEndpoint(
            Dispatcher(handlers, settings.requests_of_a_session, self.log),
            self.verifier,
            self.registry,
            self.admission,
            self.lifecycle,
            self.audit,
            self.log,
            settings.sessions_of_a_user,
        )

    def _operator_api(self) -> OperatorApi:
        operations = operations_of(
            Inspection(
                self.registry,
                self.directory,
                self.store,
                self.factory,
                self.governor,
                self.orders,
                self.handover.processes,
            ),
            PlatformOperations(self.registry, self.governor, self.metrics, self.alerts, self.audit, self.ending),
            RightsAdministration(
                self.rights_ending,
                self.registry,
                self.directory,
                self.admission,
                self.store,
                self.metrics,
                self.books,
            ),
            TenantAdministration(
                self.registry,
                self.admission,
                self.lifecycle,
                self.store,
                self.metrics,
                self.factory,
                self.reports,
                self.orders,
                self.audit,
                self.books,
                self.handover.settings.connection_limit,
            ),
        )
        return OperatorApi(operations, self.handover.operator_credential, self.audit, self.log)
