"""Who is there and what everybody uses: turns readings of processes into observations."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from process_control import ProcessGone, ProcessReader, ProcessReading
from process_control.family import wants_cpu
from reference_platform.governor.enforcement.enforcer import Enforcer
from reference_platform.governor.messages import AgentStarted, ConnectionLeases, Demand
from reference_platform.governor.observation import AgentSeen, Observation, TenantSeen

_STALE_SECONDS = 2.5
"""A report of the gateway that is older says nothing about now."""
_WORTH_A_LOOK_PERCENT = 0.5
"""Whoever used less is not asked whether it wanted more."""
_PAGE_BYTES = 4096


@dataclass(slots=True)
class _Agent:
    started: AgentStarted
    reader: ProcessReader
    first: ProcessReading
    last: ProcessReading
    faults: int
    idle_since: float
    operations: dict[str, float] = field(default_factory=dict)
    finished: int = 0
    longest_ended: float = 0.0

    def longest(self, now: float) -> float:
        """How long the longest operation since the last look has lasted (s)."""
        return max([self.longest_ended, *(now - began for began in self.operations.values())])


@dataclass(slots=True)
class Tenant:
    """What is known about a tenant besides its agents.

    Attributes:
        cpu_quota_percent: Its processor quota (percent of one core), or None.
        contained: Whether it is in the penalty box.
        demand: Latest report per resource, and when it came.
        leases: Latest report about its leases, and when it came.
    """

    cpu_quota_percent: float | None
    memory_quota_bytes: int | None
    contained: bool = False
    demand: dict[str, tuple[float, Demand]] = field(default_factory=dict)
    leases: tuple[float, ConnectionLeases] | None = None


class Census:
    """Keeps agents and tenants, and takes observations.

    Args:
        enforcer: Asked for the throttle and out-of-memory counters.
        clock: Seconds, monotonic; replaced in tests.
    """

    def __init__(self, enforcer: Enforcer, clock: Callable[[], float] = time.monotonic) -> None:
        self._enforcer = enforcer
        self._clock = clock
        self._agents: dict[str, _Agent] = {}
        self._agent_of: dict[str, str] = {}
        self._observed_at = clock()
        self.tenants: dict[str, Tenant] = {}
        psutil.cpu_percent(None)

    def add(self, started: AgentStarted) -> bool:
        """Take in a new agent, or a new process of a known one.

        Args:
            started: The agent; its tenant is in ``tenants``.

        Returns:
            False when its process has ended.
        """
        self.remove(started.agent)
        try:
            reader = ProcessReader(started.pid, started.started_ticks)
            last, faults = reader.read(), reader.page_faults()
        except ProcessGone:
            return False
        self._agents[started.agent] = _Agent(started, reader, last, last, faults, self._clock())
        return True

    def remove(self, agent: str, pid: int = 0) -> AgentStarted | None:
        """Forget an agent.

        Args:
            pid: The process that ended; a younger one of the same agent stays. 0 for any.

        Returns:
            What was known about it, or None.
        """
        known = self._agents.get(agent)
        if known is None or pid not in (0, known.started.pid):
            return None
        del self._agents[agent]
        for operation in known.operations:
            self._agent_of.pop(operation, None)
        known.reader.close()
        return known.started

    def agent(self, agent: str, pid: int) -> AgentStarted | None:
        """What is known about an agent with that process, or None."""
        known = self._agents.get(agent)
        return known.started if known is not None and known.started.pid == pid else None

    def agents_of(self, tenant: str) -> list[AgentStarted]:
        """The agents of a tenant."""
        return [agent.started for agent in self._agents.values() if agent.started.tenant == tenant]

    def operation_started(self, agent: str, correlation_id: str) -> None:
        """An agent got something to do.

        Args:
            correlation_id: The operation.
        """
        if agent in self._agents:
            self._agents[agent].operations[correlation_id] = self._clock()
            self._agent_of[correlation_id] = agent

    def operation_ended(self, correlation_id: str, finished: bool) -> None:
        """An operation is over.

        Args:
            correlation_id: The operation.
            finished: Whether the agent itself brought it to an end.
        """
        agent = self._agents.get(self._agent_of.pop(correlation_id, ""))
        if agent is not None:
            now = self._clock()
            began = agent.operations.pop(correlation_id, now)
            agent.longest_ended = max(agent.longest_ended, now - began)
            agent.finished += finished
            agent.idle_since = now

    def report(self, message: Demand | ConnectionLeases) -> None:
        """Keep the gateway's latest report about a tenant.

        Args:
            message: The report.
        """
        tenant = self.tenants.get(message.tenant)
        if tenant is None:
            return
        if isinstance(message, Demand):
            tenant.demand[message.resource] = (self._clock(), message)
        else:
            tenant.leases = (self._clock(), message)

    def observe(self) -> Observation:
        """Read all agents.

        Returns:
            What they used since the observation before.
        """
        now = self._clock()
        seconds, self._observed_at = max(now - self._observed_at, 1e-3), now
        agents: dict[str, list[AgentSeen]] = {name: [] for name in self.tenants}
        traffic = dict.fromkeys(self.tenants, (0.0, 0.0))
        for agent in self._agents.values():
            try:
                seen, io_rate, churn_rate = _look(agent, self.tenants[agent.started.tenant].contained, now)
            except ProcessGone:
                seen, io_rate, churn_rate = (
                    AgentSeen(agent.started.agent, agent.started.tenant, agent.started.pid),
                    0,
                    0,
                )
            agents[seen.tenant].append(seen)
            before = traffic[seen.tenant]
            traffic[seen.tenant] = (before[0] + io_rate, before[1] + churn_rate)
        tenants = {name: self._tenant(name, agents[name], *traffic[name], now) for name in self.tenants}
        return Observation(now, seconds, psutil.cpu_percent(None) / 100, tenants)

    def tenant_now(self, name: str) -> TenantSeen:
        """A tenant's counters at this moment, without its agents.

        Args:
            name: A tenant in ``tenants``.
        """
        return self._tenant(name, [], 0.0, 0.0, self._clock())

    def _tenant(self, name: str, agents: list[AgentSeen], io: float, churn: float, now: float) -> TenantSeen:
        tenant, counters = self.tenants[name], self._enforcer.counters(name)
        leases = tenant.leases[1] if tenant.leases and now - tenant.leases[0] < _STALE_SECONDS else None
        return TenantSeen(
            tenant=name,
            cpu_percent=sum(agent.cpu_percent for agent in agents),
            memory_bytes=sum(agent.memory_bytes for agent in agents),
            io_bytes_per_second=io,
            churn_bytes_per_second=churn,
            handles=sum(agent.handles for agent in agents),
            cpu_quota_percent=tenant.cpu_quota_percent,
            memory_quota_bytes=tenant.memory_quota_bytes,
            throttled=counters.throttled,
            throttled_seconds=counters.throttled_seconds,
            out_of_memory=counters.out_of_memory,
            refused_share=_refused_shares(tenant, now),
            leases=leases.leases if leases else 0,
            oldest_idle_seconds=leases.oldest_idle_seconds if leases else 0.0,
            contained=tenant.contained,
            agents=tuple(agents),
        )


def _look(agent: _Agent, contained: bool, now: float) -> tuple[AgentSeen, float, float]:
    """An agent, its storage traffic and the fresh memory it took (both bytes/s)."""
    before, reading = agent.last, agent.reader.read()
    faults_before, faults = agent.faults, agent.reader.page_faults()
    agent.last, agent.faults = reading, faults
    seconds = max(reading.at - before.at, 1e-3)
    cpu_percent = (reading.cpu_seconds - before.cpu_seconds) / seconds * 100
    # A fault may bring in a huge page: then only the swing of the memory shows it.
    fresh = max((faults - faults_before) * _PAGE_BYTES, abs(reading.rss_bytes - before.rss_bytes))
    worked = cpu_percent >= _WORTH_A_LOOK_PERCENT
    seen = AgentSeen(
        agent=agent.started.agent,
        tenant=agent.started.tenant,
        pid=agent.started.pid,
        cpu_percent=cpu_percent,
        memory_bytes=reading.rss_bytes,
        handles=reading.handles or 0,
        handles_at_start=agent.first.handles or 0,
        # In the box even somebody who wants very much may get nothing at all for a while.
        wants_cpu=(contained or worked) and wants_cpu(agent.started.pid, or_is_stopped=worked),
        operations=len(agent.operations),
        finished=agent.finished,
        longest_operation_seconds=agent.longest(now),
        idle_seconds=0.0 if agent.operations else now - agent.idle_since,
    )
    agent.longest_ended = 0.0
    return seen, (_storage(reading) - _storage(before)) / seconds, fresh / seconds


def _storage(reading: ProcessReading) -> int:
    return (reading.read_bytes or 0) + (reading.written_bytes or 0)


def _refused_shares(tenant: Tenant, now: float) -> dict[str, float]:
    shares = {}
    for resource, (at, demand) in tenant.demand.items():
        wanted = demand.allowed + demand.refused_or_delayed
        if now - at < _STALE_SECONDS and wanted:
            shares[resource] = demand.refused_or_delayed / wanted
    return shares
