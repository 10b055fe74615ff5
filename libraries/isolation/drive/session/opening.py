"""How a session was opened, or why not; and what is kept of what passes over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.drive.channels.channel import Refused
from isolation.drive.session.link import PreparedMessage
from isolation.record import Frame
from isolation.target.interpreter import Call, Emit, Message


@dataclass(frozen=True, slots=True)
class Opening:
    """How long the phases of opening took, in seconds, and what the platform called the session.

    Attributes:
        connected_s: Steps, TCP and handshake.
        authenticated_s: From there until the platform has said that the session can be used.
        session_id: The platform's own id of the session, where it says one.
        attempts: How many tries it took.
        started_at: When the try that succeeded began (seconds, monotonic clock).
    """

    connected_s: float
    authenticated_s: float
    session_id: str
    attempts: int = 1
    started_at: float = 0.0


class OwnShortage(Exception):
    """The suite's own machine or limits kept a session from being opened: that says nothing about the platform."""


class SessionError(Exception):
    """A session could not be opened; the sentence says why.

    Attributes:
        refusal: What the platform said when it refused the handshake, or None.
        close_code: The code with which it closed the connection, or None.
        by_frame: Whether a frame said that the user is not let in; the connection may stand all the same.
    """

    def __init__(
        self, sentence: str, refusal: Refused | None = None, close_code: int | None = None, by_frame: bool = False
    ) -> None:
        """Keep what is known."""
        super().__init__(sentence)
        self.refusal = refusal
        self.close_code = close_code
        self.by_frame = by_frame


@dataclass(slots=True)
class FrameLog:
    """Every frame of every session, in order, while it is switched on."""

    on: bool = False
    frames: list[Frame] = field(default_factory=list)

    def take(self) -> list[Frame]:
        """The frames so far; the log is empty afterwards."""
        taken, self.frames = self.frames, []
        return taken


def as_bytes(outgoing: object) -> bytes:
    """What is kept of something that was sent; credentials in headers are left out."""
    if isinstance(outgoing, PreparedMessage):
        return outgoing.data
    if isinstance(outgoing, Message):
        return outgoing.as_bytes()
    if isinstance(outgoing, Call):
        return f"{outgoing.method} {outgoing.url}\n".encode() + outgoing.body
    if isinstance(outgoing, Emit):
        outgoing = {"event": outgoing.event, "data": outgoing.data}
    return json.dumps(dict(outgoing) if isinstance(outgoing, Mapping) else None, default=str).encode()
