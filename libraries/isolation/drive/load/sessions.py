"""One session of one user: sends requests, ties answers to them, keeps every frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from isolation.drive.channels.channel import Refused
from isolation.drive.channels.websocket import WebSocketChannel
from isolation.drive.load.pending import PendingRequest
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Direction, Frame, Operation, Outcome
from isolation.target.adapter import Adapter, FrameKind, ReadFrame, UnknownRequest

_PING = "ping"
"""The one request that a pong answers."""
_OUTCOMES = {
    FrameKind.ANSWERED: Outcome.ANSWERED,
    FrameKind.PONG: Outcome.ANSWERED,
    FrameKind.REFUSED: Outcome.REFUSED,
    FrameKind.CANCELLED: Outcome.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Opening:
    """How long the phases of opening took, in seconds, and what the platform called the session.

    Attributes:
        connected_s: TCP and handshake.
        authenticated_s: From there until the welcome frame.
        session_id: The platform's own id of the session.
        attempts: How many tries it took.
        started_at: When the try that succeeded began (seconds, monotonic clock).
    """

    connected_s: float
    authenticated_s: float
    session_id: str
    attempts: int = 1
    started_at: float = 0.0


class SessionError(Exception):
    """A session could not be opened; the sentence says why."""


@dataclass(slots=True)
class FrameLog:
    """Every frame of every session, in order, while it is switched on."""

    on: bool = False
    frames: list[Frame] = field(default_factory=list)

    def take(self) -> list[Frame]:
        """The frames so far; the log is empty afterwards."""
        taken, self.frames = self.frames, []
        return taken


class Session:
    """An open connection of one tenant agent."""

    __slots__ = (
        "_adapter",
        "_channel",
        "_count",
        "_given_up",
        "_log",
        "_pending",
        "_welcome",
        "agent",
        "close_code",
        "close_reason",
        "closed_by_us",
        "name",
        "on_frame",
        "received",
        "stray_answers",
        "was_accepted",
    )

    def __init__(self, agent: TenantAgent, name: str, adapter: Adapter, log: FrameLog) -> None:
        """Prepare a session; ``open`` connects it."""
        self.agent = agent
        self.name = name
        self._adapter = adapter
        self._log = log
        self._pending: dict[str, PendingRequest] = {}
        self._given_up: set[str] | None = None
        self._welcome: asyncio.Future[ReadFrame] | None = None
        self._channel: WebSocketChannel | None = None
        self._count = 0
        self.was_accepted = False
        """Whether the handshake succeeded, whatever came after it."""
        self.closed_by_us = False
        self.close_code: int | None = None
        self.close_reason = ""
        self.stray_answers = 0
        self.received = 0
        self.on_frame: Callable[[ReadFrame, float], None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the connection stands."""
        return self.was_accepted and self.close_code is None

    async def open(self, timeout: float) -> Opening:
        """Connect and wait until the platform says that it has authenticated the user.

        Args:
            timeout: Seconds for all of it.

        Raises:
            SessionError: When the connection or the authentication fails.
        """
        self._welcome = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        try:
            async with asyncio.timeout(timeout):
                self._channel = WebSocketChannel(self)
                await self._channel.open(self.agent.address, list(self._adapter.headers(self.agent.token).items()))
                self.was_accepted = True
                connected = time.monotonic()
                welcome = await self._welcome
                return Opening(connected - started, time.monotonic() - connected, welcome.session, started_at=started)
        except TimeoutError:
            await self.abort()
            raise SessionError(f"no connection and welcome within {timeout:g} s") from None
        except asyncio.CancelledError:
            await self.abort()
            raise
        except (OSError, Refused, ValueError) as error:
            raise SessionError(str(error) or type(error).__name__) from None
        finally:
            self._welcome = None

    def is_taken_up(self, correlation_id: str) -> bool:
        """Whether the platform has begun with a request that was started here, or it has ended."""
        pending = self._pending.get(correlation_id)
        return pending is None or pending.accepted_at is not None

    def send(
        self,
        kind: str,
        arguments: dict[str, object],
        intended_at: float | None = None,
        block: str = "",
        correlation_id: str | None = None,
        on_end: Callable[[PendingRequest], None] | None = None,
    ) -> PendingRequest:
        """Send a request now; ``on_end`` is called when it has ended, which may be at once.

        Raises:
            UnknownRequest: When the target has no such request.
            ValueError: When a request with that id waits for its answer already.
        """
        self._count += 1
        number = correlation_id or f"{self.name}.{self._count}"
        if number in self._pending:
            raise ValueError(f"a request with the id '{number}' waits for its answer already")
        data = self._adapter.encode(kind, number, arguments).encode()
        now = time.monotonic()
        agent = self.agent
        pending = PendingRequest(
            agent.name, agent.user_id, self.name, number, kind, now if intended_at is None else intended_at, block
        )
        pending.sent_at, pending.on_end = now, on_end
        if self._channel is None or not self.is_open:
            pending.end(Outcome.LOST)
            return pending
        self._pending[number] = pending
        if self._log.on:
            self._keep(Direction.SENT, "message", data, now)
        self._channel.send(data)
        return pending

    def start(
        self,
        kind: str,
        arguments: dict[str, object],
        intended_at: float | None = None,
        block: str = "",
        correlation_id: str | None = None,
    ) -> asyncio.Future[Operation]:
        """Send a request now, for somebody who waits for this one alone.

        Args:
            kind: What to ask for, in the target file's words.
            arguments: Its arguments.
            intended_at: When it should have left; now when not given.
            block: Label of the load block.
            correlation_id: The id to use; a fresh one when not given.

        Returns:
            The operation, when it has ended. It does not end by itself when no answer comes: see ``give_up``.

        Raises:
            UnknownRequest: When the target has no such request.
            ValueError: When a request with that id waits for its answer already.
        """
        done: asyncio.Future[Operation] = asyncio.get_running_loop().create_future()
        pending = self.send(kind, arguments, intended_at, block, correlation_id)
        if pending.outcome is None:
            pending.done = done
        else:
            done.set_result(pending.operation())
        return done

    async def request(self, kind: str, arguments: dict[str, object], timeout: float, **options: Any) -> Operation:
        """Send a request and wait for its end, at most ``timeout`` seconds."""
        done = self.start(kind, arguments, **options)
        await asyncio.wait([done], timeout=timeout)
        if not done.done():
            self.give_up(done)
        return done.result()

    def cancel_unfinished(self) -> None:
        """Ask the target to cancel everything that is unfinished; without effect where it knows no cancelling."""
        for number in list(self._pending):
            try:
                self.send("cancel", {"target": number})
            except UnknownRequest:
                return

    def give_up(self, done: asyncio.Future[Operation]) -> None:
        """Stop waiting for one operation: it is recorded as timed out."""
        for pending in list(self._pending.values()):
            if pending.done is done:
                self.expire(pending)

    def expire(self, pending: PendingRequest) -> None:
        """Stop waiting for a request: it is recorded as timed out, and an answer that still comes is late, not stray."""
        if self._pending.get(pending.correlation_id) is pending:
            del self._pending[pending.correlation_id]
            if self._given_up is None:
                self._given_up = set()
            self._given_up.add(pending.correlation_id)
            pending.end(Outcome.TIMED_OUT)

    async def close(self) -> None:
        """Close gracefully, with a close frame."""
        self.closed_by_us = True
        if self._channel is not None:
            await self._channel.close()

    async def abort(self) -> None:
        """Drop the connection without a close frame, as a crashed machine would."""
        self.closed_by_us = True
        if self._channel is not None:
            await self._channel.abort()

    # what the channel tells

    def heard(self, data: bytes, at: float) -> None:
        """A message arrived."""
        self.received += 1
        if self._log.on:
            self._keep(Direction.RECEIVED, "message", data, at)
        frame = self._adapter.read(data)
        if self.on_frame is not None:
            self.on_frame(frame, at)
        if frame.kind is FrameKind.WELCOME:
            if self._welcome is not None and not self._welcome.done():
                self._welcome.set_result(frame)
            return
        pending = self._pending.get(frame.correlation_id)
        if pending is None:
            # An answer to nothing that this session asked: it belongs to somebody else, or came twice.
            self._count_stray(frame)
            return
        if pending.accepted_at is None:
            pending.accepted_at = at
        if frame.agent:
            pending.agent = frame.agent
        outcome = _OUTCOMES.get(frame.kind)
        if outcome is None or (frame.kind is FrameKind.PONG and pending.kind != _PING):
            return
        del self._pending[frame.correlation_id]
        pending.end(outcome, at, frame)

    def noticed(self, kind: str, data: bytes) -> None:
        """A control frame or the handshake's answer: a leak may travel in them too."""
        if self._log.on:
            self._keep(Direction.RECEIVED, kind, data, time.monotonic())

    def ended(self, code: int, reason: str) -> None:
        """The connection has ended."""
        self.close_code, self.close_reason = code, reason
        if self._welcome is not None and not self._welcome.done():
            self._welcome.set_exception(SessionError(f"closed with {code} before any welcome"))
        pending, self._pending = self._pending, {}
        for request in pending.values():
            request.end(Outcome.LOST)

    def _count_stray(self, frame: ReadFrame) -> None:
        if frame.kind not in _OUTCOMES or (frame.kind is FrameKind.REFUSED and not frame.correlation_id):
            return  # an error without an id is about the connection, not about a request
        if self._given_up is not None and frame.correlation_id in self._given_up:
            self._given_up.discard(frame.correlation_id)
        else:
            self.stray_answers += 1

    def _keep(self, direction: Direction, kind: str, data: bytes, at: float) -> None:
        self._log.frames.append(Frame(at, self.agent.name, self.agent.user_id, self.name, direction, kind, data))
