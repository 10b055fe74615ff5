"""What the gateway and the governor tell each other: one JSON object per line, over an inherited socket."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

DemandResource = Literal["messages", "database"]


class MessageError(Exception):
    """A line is no message that this side understands."""


@dataclass(frozen=True, slots=True)
class AgentStarted:
    """A process for an agent exists and waits; answered by ``Attached``, and only then it may work.

    Attributes:
        user: The user of that tenant.
        started_ticks: The process's start time (clock ticks since boot).
    """

    agent: str
    tenant: str
    user: str
    pid: int
    started_ticks: int


@dataclass(frozen=True, slots=True)
class AgentStopping:
    """The process of an agent is about to be ended by the gateway: no quota and no box may hold up its dying."""

    agent: str
    pid: int


@dataclass(frozen=True, slots=True)
class AgentStopped:
    """The process of an agent has ended, for whatever reason.

    Attributes:
        pid: The process that ended; 0 when not known. A younger process of the same agent is not touched.
    """

    agent: str
    pid: int = 0


@dataclass(frozen=True, slots=True)
class OperationStarted:
    """An agent got something to do.

    Attributes:
        correlation_id: The operation, unique over the whole platform (put the session's id before the client's own).
        kind: What it is, such as ``cpu``.
    """

    agent: str
    tenant: str
    correlation_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class OperationEnded:
    """An operation is over.

    Attributes:
        correlation_id: The operation.
        finished: Whether the agent itself brought it to an end. False when it was given up (time-out, cancelled): a
            runaway agent has then not shown that it still gets anything done.
    """

    correlation_id: str
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Demand:
    """What a tenant wanted from a rate-limited door since the last report; sent every 0.5 to 1 s while there is any.

    Attributes:
        tenant: Who wanted it.
        resource: ``messages`` or ``database``.
        allowed: How often it went through at once.
        refused_or_delayed: How often the tenant's own limit refused or delayed it.
    """

    tenant: str
    resource: DemandResource
    allowed: int
    refused_or_delayed: int


@dataclass(frozen=True, slots=True)
class ConnectionLeases:
    """A tenant's leased database connections; sent every 0.5 to 1 s while it has any, and once with 0.

    Attributes:
        tenant: Who leased them.
        leases: How many are out.
        oldest_idle_seconds: For how long the least used one has lain unused (s).
    """

    tenant: str
    leases: int
    oldest_idle_seconds: float


@dataclass(frozen=True, slots=True)
class SetQuota:
    """The operator sets a tenant's quotas; None means no quota.

    Attributes:
        tenant: Whose quotas.
        cpu_percent: Percent of one core.
    """

    tenant: str
    cpu_percent: float | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class RemoveTenant:
    """Forget a tenant whose agents have ended; answered by ``TenantRemoved``."""

    tenant: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Let everybody go on, remove all groups, and end."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The governor is ready.

    Attributes:
        mechanism: A sentence: how quotas are enforced and what that cannot guarantee.
        group_patterns: Where the control groups of a tenant are; ``{tenant}`` stands for its id.
    """

    mechanism: str
    group_patterns: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Attached:
    """The answer to ``AgentStarted``.

    Attributes:
        attached: False when the process has ended already.
    """

    agent: str
    pid: int
    attached: bool


@dataclass(frozen=True, slots=True)
class TenantRemoved:
    """The answer to ``RemoveTenant``.

    Attributes:
        groups_left: Control groups that could not be removed because processes live in them.
    """

    tenant: str
    groups_left: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that an operator should know.

    Attributes:
        sequence: 1, 2, 3 ... over alerts.
        at: Seconds since 1970 (UTC).
        kind: Such as ``noisy_tenant``; the list is in PROTOCOL.md.
        tenant: Whom it names.
        agent: Which agent, or empty.
        resource: Which resource, or empty.
        detail: The numbers behind it.
    """

    sequence: int
    at: float
    kind: str
    tenant: str
    agent: str = ""
    resource: str = ""
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audit:
    """Something that the governor did; the same shape as ``Alert``, numbered by itself.

    Attributes:
        sequence: 1, 2, 3 ... over audit entries.
        at: Seconds since 1970 (UTC).
        kind: Such as ``contained``; the list is in PROTOCOL.md.
        tenant: To whom.
        agent: To which agent, or empty.
        resource: Because of which resource, or empty.
        detail: The numbers behind it.
    """

    sequence: int
    at: float
    kind: str
    tenant: str
    agent: str = ""
    resource: str = ""
    detail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TenantUsage:
    """What one tenant used over the last sample; the counters only grow.

    Attributes:
        cpu_percent: Percent of one core.
        memory_bytes: Resident memory of its agents (bytes).
        io_bytes_per_second: Storage traffic (bytes/s).
        handles: Open file handles of its agents.
        throttled: How often its processor quota held it back.
        throttled_seconds: For how long, altogether (s).
        out_of_memory: Processes ended because of its memory quota.
        contained: Whether it is in the penalty box.
    """

    tenant: str
    cpu_percent: float
    memory_bytes: int
    io_bytes_per_second: float
    handles: int
    throttled: int
    throttled_seconds: float
    out_of_memory: int
    contained: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage of all tenants, once per sample.

    Attributes:
        tenants: One entry per tenant that the governor knows.
    """

    tenants: list[TenantUsage]


@dataclass(frozen=True, slots=True)
class StopAgent:
    """End this agent's process.

    Attributes:
        pid: The process that is meant; a younger one of the same agent is innocent.
        reason: The word that its user is told: ``runaway``, ``memory_leak``, ``handle_leak`` or ``quota``.
    """

    agent: str
    pid: int
    reason: str


@dataclass(frozen=True, slots=True)
class Contain:
    """Lower this tenant's rates in the gateway until ``Release``.

    Attributes:
        resource: What it took too much of: ``cpu``, ``memory``, ``io``, ``database`` or ``messages``.
        factor: Which part of its usual rates it keeps (0 to 1).
    """

    tenant: str
    resource: str
    factor: float


@dataclass(frozen=True, slots=True)
class Release:
    """Give this tenant its usual rates again."""

    tenant: str


@dataclass(frozen=True, slots=True)
class ReclaimLeases:
    """Take back this tenant's database connections that lie unused."""

    tenant: str


ToGovernor = (
    AgentStarted
    | AgentStopping
    | AgentStopped
    | OperationStarted
    | OperationEnded
    | Demand
    | ConnectionLeases
    | SetQuota
    | RemoveTenant
    | Shutdown
)
FromGovernor = Hello | Attached | TenantRemoved | Alert | Audit | Usage | StopAgent | Contain | Release | ReclaimLeases
Message = ToGovernor | FromGovernor

_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in Message.__args__}


def encode(message: Message) -> bytes:
    """One message as one line.

    Args:
        message: Any message of either side.

    Returns:
        JSON in UTF-8 with a line feed at the end.
    """
    return json.dumps({"message": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Read one line.

    Args:
        line: What ``encode`` made.

    Raises:
        MessageError: The line is no message, names no known one, or its fields do not fit.
    """
    try:
        values = json.loads(line)
        kind = _KINDS[values.pop("message")]
        if kind is Usage:
            return Usage([TenantUsage(**entry) for entry in values["tenants"]])
        return kind(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MessageError(f"No message of the governor: {line[:200]!r} ({error}).") from error
