"""What the governor saw at one moment: plain data, so that every detector can be tested on made-up series."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """One agent over the last sample.

    Attributes:
        cpu_percent: Percent of one core.
        memory_bytes: Resident memory (bytes); 0 when the process has ended.
        handles: Open file handles.
        handles_at_start: Open file handles before it worked for the first time.
        wants_cpu: Whether it was at work or ready to work when looked at, also when something held it back.
        operations: Operations that it has not ended yet.
        finished: Operations that it has brought to an end itself since it started.
        longest_operation_seconds: How long the longest operation lasted (s), of those that ended since the look before or are
            not ended yet.
        idle_seconds: For how long it has had nothing to do (s); 0 while it has.
    """

    agent: str
    tenant: str
    pid: int = 0
    cpu_percent: float = 0.0
    memory_bytes: int = 0
    handles: int = 0
    handles_at_start: int = 0
    wants_cpu: bool = False
    operations: int = 0
    finished: int = 0
    longest_operation_seconds: float = 0.0
    idle_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TenantSeen:
    """One tenant over the last sample.

    Attributes:
        cpu_percent: Percent of one core, all its agents.
        memory_bytes: Resident memory of its agents (bytes).
        io_bytes_per_second: Storage traffic (bytes/s).
        churn_bytes_per_second: Fresh memory that its agents took (bytes/s).
        handles: Open file handles of its agents.
        cpu_quota_percent: Its processor quota (percent of one core), or None.
        throttled: How often its quota has held it back, ever.
        throttled_seconds: For how long, ever (s).
        out_of_memory: Processes ended because of its memory quota, ever.
        refused_share: By resource: which part of its latest demand its own limits refused or delayed (0 to 1).
        leases: Leased database connections.
        oldest_idle_seconds: For how long the least used lease has lain unused (s).
        contained: Whether it is in the penalty box.
    """

    tenant: str
    cpu_percent: float = 0.0
    memory_bytes: int = 0
    io_bytes_per_second: float = 0.0
    churn_bytes_per_second: float = 0.0
    handles: int = 0
    cpu_quota_percent: float | None = None
    memory_quota_bytes: int | None = None
    throttled: int = 0
    throttled_seconds: float = 0.0
    out_of_memory: int = 0
    refused_share: dict[str, float] = field(default_factory=dict)
    leases: int = 0
    oldest_idle_seconds: float = 0.0
    contained: bool = False
    agents: tuple[AgentSeen, ...] = ()

    @property
    def wants_cpu(self) -> bool:
        """Whether any of its agents was at work or ready to work."""
        return any(agent.wants_cpu for agent in self.agents)

    @property
    def longest_operation_seconds(self) -> float:
        """How long the longest operation of its agents lasted (s), see there."""
        return max((agent.longest_operation_seconds for agent in self.agents), default=0.0)

    @property
    def active(self) -> bool:
        """Whether it has anything to lose from others: an operation, or any work at all."""
        return self.cpu_percent >= 0.2 or any(agent.operations or agent.idle_seconds < 3 for agent in self.agents)


@dataclass(frozen=True, slots=True)
class Observation:
    """All tenants at one moment.

    Attributes:
        at: Seconds, monotonic clock.
        seconds: Time since the observation before (s).
        machine_busy: Which part of all processors was in use, by anybody (0 to 1).
        tenants: By name.
    """

    at: float
    seconds: float
    machine_busy: float
    tenants: dict[str, TenantSeen]
