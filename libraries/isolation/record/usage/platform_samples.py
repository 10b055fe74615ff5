"""What the platform as a whole used up to one moment: all of its processes together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlatformSample:
    """The platform with everything that it started, at one moment.

    Attributes:
        at: Seconds, monotonic clock.
        processes: How many processes it had.
        cpu_seconds: Processor time since the watch began, of all of them, ended ones included.
        memory_bytes: Memory of all of them (PSS where it can be read), or None in samples that did not read it.
        pool_used: Database connections of its pool that were at work, or None when it does not say.
        pool_size: Database connections that its pool may have at most, or None when it does not say.
        database_connections: Connections of clients as the database itself counts them, or None when it was not asked.
    """

    at: float
    processes: int
    cpu_seconds: float
    memory_bytes: int | None = None
    pool_used: int | None = None
    pool_size: int | None = None
    database_connections: int | None = None
