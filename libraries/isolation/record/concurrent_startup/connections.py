"""The record of many connections that come in batches, stay while everybody talks, and are closed (CS-4, OP-1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.traffic.echoes import Echo
from isolation.record.traffic.operations import Operation
from isolation.record.traffic.received_events import ReceivedEvent


@dataclass(frozen=True, slots=True)
class Connection:
    """How one connection lived.

    Attributes:
        session: The suite's own name of it.
        opened: Whether it ever opened.
        dropped: Whether it ended before the suite asked for the end.
        close_code: The close code of its end, or None without a close frame.
    """

    session: str
    tenant: str
    opened: bool
    dropped: bool
    close_code: int | None


@dataclass(frozen=True, slots=True)
class MemoryAtScale:
    """The suite's own memory (bytes) when it drove that many tenants."""

    tenants: int
    memory_bytes: float


@experiment_record
@dataclass(slots=True)
class ConnectionsRecord:
    """What was seen.

    Attributes:
        users: How many users there were.
        final_kinds: Kinds of event that end a request.
        once_kinds: Kinds of event that occur once for each request.
        due: The events that an answered request has to have, by its kind.
        sockets_held: How many sockets, beside those from before, the kernel knew while the connections were open; None when it
            could not be read.
        sockets_left: How many of them, or of others that came since, it knew after they had been closed.
        connections: How each connection lived.
        memory: What the suite itself needed after each batch.
        operations: What the users asked for while the connections were held.
        echoes: The text of every request, and the one in its answer.
        events: Every event that any connection received, each one's in the order of arrival.
        not_told: Why events do not say which request they belong to, so that there are none here; else empty.
    """

    users: int
    final_kinds: tuple[str, ...]
    once_kinds: tuple[str, ...]
    due: dict[str, tuple[str, ...]]
    sockets_held: int | None
    sockets_left: int | None
    connections: list[Connection] = field(default_factory=list)
    memory: list[MemoryAtScale] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    echoes: list[Echo] = field(default_factory=list)
    events: list[ReceivedEvent] = field(default_factory=list)
    not_told: str = ""
