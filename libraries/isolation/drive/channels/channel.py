"""What every channel to a platform has in common, whatever it speaks."""

from __future__ import annotations

from typing import Protocol

CLOSED_WITHOUT_A_WORD = 1006
"""The close code of a connection that ended without a close frame, as in RFC 6455."""


class Refused(Exception):
    """The platform did not let somebody in, or is not there; the sentence says what it said.

    Args:
        sentence: What happened.
        status: HTTP status of the refusal, 0 when there was none.
        headers: Its headers, in order.
    """

    def __init__(
        self, sentence: str, status: int = 0, headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
    ) -> None:
        """Keep what was said: probes compare refusals by all of it."""
        super().__init__(sentence)
        self.status = status
        self.headers = headers
        self.body = body


class Listener(Protocol):
    """Who is told what a channel receives; called from the channel's event loop, never from elsewhere."""

    def heard(self, data: bytes, at: float) -> None:
        """A message arrived (``at``: seconds, monotonic clock)."""
        ...

    def noticed(self, kind: str, data: bytes) -> None:
        """Something else arrived that a secret may travel in: ``handshake``, ``ping``, ``pong`` or ``close``."""
        ...

    def ended(self, code: int, reason: str) -> None:
        """The connection has ended; told once."""
        ...


class FrameListener(Listener, Protocol):
    """Who is also told what arrives in other forms than a message of text."""

    def received(self, frame: object, data: bytes, at: float, stream: str = "") -> None:
        """Something arrived.

        Args:
            frame: What it says, in one of the forms of ``isolation.target.interpreter.frames``.
            data: Its bytes as they came.
            at: Seconds, monotonic clock.
            stream: The request as whose answer, or in whose stream, it came; empty where that cannot be told.
        """
        ...

    def failed(self, stream: str, reason: str) -> None:
        """The request will get no answer: its own connection broke."""
        ...
