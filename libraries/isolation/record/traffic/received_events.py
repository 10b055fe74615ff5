"""One event that a session received, without what it says: enough to follow where it went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One event that a session received.

    Attributes:
        session: The suite's own name of the connection.
        user: The user of that tenant.
        correlation_id: The operation that the event says it belongs to, or empty.
        sequence: The session's own number of the frame, from 1 on; 0 when the target does not number.
        kind: What it is, such as ``agent_started``.
        at: When it arrived (seconds, monotonic clock).
        agent: The agent that it names, or empty.
    """

    session: str
    tenant: str
    user: str
    correlation_id: str
    sequence: int
    kind: str
    at: float
    agent: str = ""
