"""A session: one WebSocket connection of one user, its frames, and what is unfinished in it."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from typing import Any, Protocol

from reference_platform.authentication import Claims
from reference_platform.registry.replay import ReplayBuffer
from reference_platform.registry.tenants import User
from reference_platform.transport.connection import GatewayConnection
from reference_platform.transport.frames import encode

SLOW_READER_BYTES = 512 * 1024
LOST_READER_BYTES = 8 * 1024 * 1024
PROTOCOL_NAME = "agents.v1"


class Unfinished(Protocol):
    """Something that a request started and that can be given up."""

    def give_up(self, code: str | None) -> None:
        """End it.

        Args:
            code: The code of the ``agent_error`` that its owner receives, or None for no frame at all.
        """


def new_session_id() -> str:
    """An id that nobody can guess."""
    return f"ses_{secrets.token_hex(12)}"


class Session:
    """One session.

    Attributes:
        claims: What its token says; the only source of tenant, user and role.
        connection: Its connection, or None once that is gone.
        resumed_by: The session that resumed this one, if any.
        resumes: Earlier sessions of which something is unfinished, whose frames come here now.
        unfinished: What is unfinished, by correlation id.
        subscriptions: Topics, and how many notifications each has had.
        opened_at: Seconds since 1970.
        ended: Whether it ended by ``session_end`` or another final word: nothing can be resumed.
        order: Operations that wait for something are served one after another.
    """

    def __init__(self, user: User, claims: Claims, connection: GatewayConnection) -> None:
        """Open a session on an accepted connection."""
        self.session_id = new_session_id()
        self.user = user
        self.claims = claims
        self.connection: GatewayConnection | None = connection
        self.resumed_by: Session | None = None
        self.resumes: list[Session] = []
        self.unfinished: dict[str, Unfinished] = {}
        self.subscriptions: dict[str, int] = {}
        self.opened_at = time.time()
        self.ended = False
        self.order = asyncio.Lock()
        self.strikes = 0
        self._buffer = ReplayBuffer()
        self._number = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def send(self, frame: dict[str, Any]) -> None:
        """Number a frame, keep it for a resumption and send it.

        Args:
            frame: The frame without ``seq``.
        """
        self._number += 1
        frame["seq"] = self._number
        payload = encode(frame)
        self._buffer.add(self._number, payload)
        if self.connection is not None:
            self.connection.write_text(payload)
            if self.connection.waiting_bytes > LOST_READER_BYTES:
                self.connection.transport.abort()
        elif self.resumed_by is not None:
            self.resumed_by.send_replayed(payload)

    def send_replayed(self, payload: bytes) -> None:
        """Send a frame of an earlier session inside a frame of this one.

        Args:
            payload: The earlier frame.
        """
        self._number += 1
        wrapped = b'{"event":"replayed","frame":%b,"seq":%d}' % (payload, self._number)
        self._buffer.add(self._number, wrapped)
        if self.connection is not None:
            self.connection.write_text(wrapped)
        elif self.resumed_by is not None:
            self.resumed_by.send_replayed(payload)

    def missed_after(self, number: int) -> list[bytes]:
        """The kept frames with a higher number, oldest first."""
        return self._buffer.after(number)

    @property
    def is_slow(self) -> bool:
        """Whether the client does not take what it is sent."""
        return self.connection is not None and self.connection.waiting_bytes > SLOW_READER_BYTES

    async def until_taken(self) -> None:
        """Wait until the client has taken most of what it was sent."""
        if self.connection is not None:
            self.connection.flush()
            await self.connection.drain()

    def welcome(self) -> None:
        """Send the first frame."""
        self.send(
            {
                "event": "welcome",
                "session_id": self.session_id,
                "tenant": self.claims.tenant,
                "user": self.claims.user,
                "role": self.claims.role.value,
                "protocol": PROTOCOL_NAME,
                "expires_at": math.floor(self.claims.expires_at),
            }
        )

    def set_timer(self, name: str, timer: asyncio.TimerHandle) -> None:
        """Keep a timer that must not outlive the connection; replaces an earlier one of the same name."""
        earlier = self._timers.pop(name, None)
        if earlier is not None:
            earlier.cancel()
        self._timers[name] = timer

    def disconnect(self) -> None:
        """The connection is gone: no timer, no subscription, no way to write."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self.subscriptions.clear()
        self.connection = None

    def abandon(self, code: str | None = None) -> None:
        """Give up everything unfinished.

        Args:
            code: What its owner is told, or None for nothing.
        """
        for unfinished in list(self.unfinished.values()):
            unfinished.give_up(code)
        self.unfinished.clear()
        for earlier in self.resumes:
            earlier.abandon(code)
            earlier.forget()
        self.resumes.clear()

    def predecessors(self) -> list[Session]:
        """Earlier sessions that this one has resumed, and those that they had resumed, while they have work to do."""
        return [each for earlier in self.resumes for each in (earlier, *earlier.predecessors())]

    def forget(self) -> None:
        """Let go of the kept frames: nobody can resume any more."""
        self.ended = True
        self.resumed_by = None
        self._buffer.clear()
