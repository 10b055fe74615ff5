"""What the gateway tells the governor about work, demand and leases: a few lines four times a second, not two per request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference_platform.agents import AgentIdentity
from reference_platform.governor.messages import (
    ConnectionLeases,
    Demand,
    DemandResource,
    OperationEnded,
    OperationStarted,
    ToGovernor,
)
from reference_platform.registry.jobs import Job
from reference_platform.registry.tenants import Tenant

Send = Callable[[ToGovernor], None]


@dataclass(slots=True)
class _Activity:
    """What an agent has done since the last report."""

    tenant: str
    running: str | None = None
    reported: str | None = None
    completed: bool = False
    given_up: bool = False
    last: str = ""


class ActivityReport:
    """Which agents work.

    The governor wants to know whether an agent has something to do and whether it gets anything done. At 2,000 requests
    a second two messages for each would cost more than the requests: what began and ended between two reports is told
    as one operation, whatever their number.
    """

    def __init__(self, send: Send) -> None:
        """Keep the way to the governor."""
        self._send = send
        self._agents: dict[str, _Activity] = {}

    def started(self, identity: AgentIdentity, job: Job) -> None:
        """An agent has begun a job."""
        activity = self._agents.get(identity.agent_id)
        if activity is None:
            activity = self._agents[identity.agent_id] = _Activity(identity.tenant)
        activity.running = job.run_id

    def ended(self, identity: AgentIdentity, job: Job, finished: bool) -> None:
        """An agent is free again.

        Args:
            job: What it did.
            finished: Whether it brought it to an end itself.
        """
        activity = self._agents.get(identity.agent_id)
        if activity is None:
            return
        activity.running = None
        activity.last = job.run_id
        activity.completed |= finished
        activity.given_up |= not finished

    def flush(self) -> None:
        """Report what has changed, and forget agents that are idle."""
        for agent, activity in list(self._agents.items()):
            self._report(agent, activity)
            if activity.running is None:
                del self._agents[agent]

    def _report(self, agent: str, activity: _Activity) -> None:
        if activity.completed or activity.given_up:
            ended = activity.reported or activity.last
            if activity.reported is None:
                self._send(OperationStarted(agent, activity.tenant, ended, "work"))
            self._send(OperationEnded(ended, activity.completed))
            activity.reported = None
            activity.completed = activity.given_up = False
        if activity.running is not None and activity.reported is None:
            self._send(OperationStarted(agent, activity.tenant, activity.running, "work"))
            activity.reported = activity.running


class DemandReport:
    """What a tenant wanted from its rates since the last report."""

    def __init__(self, send: Send) -> None:
        """Keep the way to the governor."""
        self._send = send
        self._before: dict[tuple[str, DemandResource], tuple[int, int]] = {}
        self._leasing: set[str] = set()

    def flush(self, tenant: Tenant, leases: int, oldest_idle_seconds: float) -> None:
        """Report one tenant.

        Args:
            tenant: Which.
            leases: Its leased database connections.
            oldest_idle_seconds: For how long the least used one has lain unused (s).
        """
        messages = (
            tenant.messages.taken + tenant.progress.taken,
            tenant.messages.delayed + tenant.progress.delayed,
        )
        self._demand(tenant.name, "messages", messages)
        self._demand(tenant.name, "database", (tenant.database.taken, tenant.database.delayed))
        if leases or tenant.name in self._leasing:
            self._send(ConnectionLeases(tenant.name, leases, oldest_idle_seconds))
            (self._leasing.add if leases else self._leasing.discard)(tenant.name)

    def forget(self, tenant: str) -> None:
        """Forget a tenant that was removed."""
        self._leasing.discard(tenant)
        self._before.pop((tenant, "messages"), None)
        self._before.pop((tenant, "database"), None)

    def _demand(self, tenant: str, resource: DemandResource, now: tuple[int, int]) -> None:
        before = self._before.get((tenant, resource), (0, 0))
        taken, delayed = now[0] - before[0], now[1] - before[1]
        if taken:
            self._before[tenant, resource] = now
            self._send(Demand(tenant, resource, taken - delayed, delayed))
