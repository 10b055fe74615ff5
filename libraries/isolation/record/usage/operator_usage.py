"""What the operator's door says about a tenant's usage at one moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatorUsage:
    """The target's own numbers of one tenant; beside the suite's own samples, never instead of them.

    Attributes:
        at: When the suite read it (seconds, monotonic clock).
        cpu_percent: Per cent of one core.
        database_connections: Open connections to the database.
        contained: Whether the target holds the tenant back as noisy.
        io_bytes_per_second: Storage traffic.
        messages: Messages of both directions so far; only grows.
    """

    at: float
    tenant: str
    cpu_percent: float
    memory_bytes: int
    database_connections: int
    contained: bool
    io_bytes_per_second: float = 0.0
    messages: int = 0
