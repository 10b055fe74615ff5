"""What the client has to send now and then so that a session lives: every so often, or when a frame asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isolation.target.interpreter.conditions import compile_when
from isolation.target.model import Beat


class Heartbeat:
    """The beat of one session.

    Args:
        beat: What the target file says.
        say: Sends a frame, with placeholders.
    """

    __slots__ = ("_asks", "_beat", "_say", "_timer")

    def __init__(self, beat: Beat, say: Callable[[object], None]) -> None:
        """Do not beat yet."""
        self._beat = beat
        self._say = say
        self._asks = compile_when(beat.on) if beat.on is not None else None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Beat from now on."""
        if self._beat.every is not None:
            self._timer = asyncio.get_running_loop().call_later(self._beat.every, self._again)

    def heard(self, frame: object) -> None:
        """A frame arrived: it may ask for a beat."""
        if self._asks is not None and self._asks(frame):
            self._say(self._beat.send)

    def end(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _again(self) -> None:
        self._say(self._beat.send)
        self.begin()
