"""One WebSocket frame, or another piece of text that a tenant got to see on its connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way a frame went."""

    RECEIVED = "received"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Frame:
    """What passed over one session, byte for byte.

    Attributes:
        at: Seconds, monotonic clock.
        user: The user of that tenant.
        session: The suite's own name of the connection.
        direction: Received from or sent to the target.
        kind: ``message``, ``ping``, ``pong``, ``close`` or ``handshake``.
        data: The payload; for a close frame its code and reason, for a handshake the response headers (and body, when refused).
    """

    at: float
    tenant: str
    user: str
    session: str
    direction: Direction
    kind: str
    data: bytes
