"""One WebSocket connection of one user: sends requests, ties answers to them, keeps every frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.http11 import Response

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
_CONTROL = {Opcode.PING: "ping", Opcode.PONG: "pong", Opcode.CLOSE: "close"}


@dataclass(slots=True)
class _Pending:
    kind: str
    intended_at: float
    sent_at: float
    block: str
    done: asyncio.Future[Operation]
    accepted_at: float | None = None
    agent: str = ""


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


class _Connection(ClientConnection):
    """Shows control frames too: a leak may travel in a ping."""

    on_control: Callable[[str, bytes], None] | None = None

    def process_event(self, event: Any) -> None:
        """Pass control frames on before the library handles them."""
        if self.on_control is not None and isinstance(event, WireFrame) and event.opcode in _CONTROL:
            self.on_control(_CONTROL[event.opcode], bytes(event.data))
        super().process_event(event)


class Session:
    """An open connection of one tenant agent."""

    def __init__(self, agent: TenantAgent, name: str, adapter: Adapter, log: FrameLog) -> None:
        """Prepare a session; ``open`` connects it."""
        self.agent = agent
        self.name = name
        self._adapter = adapter
        self._log = log
        self._pending: dict[str, _Pending] = {}
        self._welcome: asyncio.Future[ReadFrame] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._socket: _Connection | None = None
        self._count = 0
        self.closed_by_us = False
        self.close_code: int | None = None
        self._given_up: set[str] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self.stray_answers = 0
        self.received = 0
        self.on_frame: Callable[[ReadFrame, float], None] | None = None

    @property
    def was_accepted(self) -> bool:
        """Whether the handshake succeeded, whatever came after it."""
        return self._socket is not None

    @property
    def is_open(self) -> bool:
        """Whether the connection stands."""
        return self._socket is not None and self.close_code is None

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
                socket = await connect(
                    self.agent.address,
                    additional_headers=self._adapter.headers(self.agent.token),
                    create_connection=self._connection,  # type: ignore[arg-type]  # called, never subclassed
                    compression=None,
                    proxy=None,
                    ping_interval=None,
                    open_timeout=None,
                    close_timeout=2,
                    max_size=4 * 1024 * 1024,
                    max_queue=None,
                    user_agent_header=None,
                )
                assert isinstance(socket, _Connection)
                self._socket = socket
                connected = time.monotonic()
                self._keep_handshake(socket.response)
                self._reader = asyncio.create_task(self._read(socket))
                welcome = await self._welcome
                return Opening(connected - started, time.monotonic() - connected, welcome.session, started_at=started)
        except TimeoutError:
            await self.abort()
            raise SessionError(f"no connection and welcome within {timeout:g} s") from None
        except asyncio.CancelledError:
            await self.abort()
            raise
        except InvalidStatus as error:
            self._keep_handshake(error.response)
            raise SessionError(f"{type(error).__name__}: {error}") from None
        except (OSError, ConnectionClosed, SessionError) as error:
            raise SessionError(str(error) or type(error).__name__) from None
        except WebSocketException as error:
            raise SessionError(f"{type(error).__name__}: {error}") from None

    def is_taken_up(self, correlation_id: str) -> bool:
        """Whether the platform has begun with a request that was started here, or it has ended."""
        pending = self._pending.get(correlation_id)
        return pending is None or pending.accepted_at is not None

    def start(
        self,
        kind: str,
        arguments: dict[str, object],
        intended_at: float | None = None,
        block: str = "",
        correlation_id: str | None = None,
    ) -> asyncio.Future[Operation]:
        """Send a request now.

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
        self._count += 1
        number = correlation_id or f"{self.name}.{self._count}"
        if number in self._pending:
            raise ValueError(f"a request with the id '{number}' waits for its answer already")
        text = self._adapter.encode(kind, number, arguments)
        now = time.monotonic()
        done: asyncio.Future[Operation] = asyncio.get_running_loop().create_future()
        pending = _Pending(kind, intended_at if intended_at is not None else now, now, block, done)
        if not self.is_open:
            done.set_result(self._operation(number, pending, Outcome.LOST, None))
            return done
        self._pending[number] = pending
        self._keep(Direction.SENT, "message", text.encode())
        sending = asyncio.create_task(self._send(text, number))
        self._sending.add(sending)  # the loop itself would not keep it from the garbage collector
        sending.add_done_callback(self._sending.discard)
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
                self.start("cancel", {"target": number})
            except UnknownRequest:
                return

    def give_up(self, done: asyncio.Future[Operation]) -> None:
        """Stop waiting for one operation: it is recorded as timed out."""
        for number, pending in list(self._pending.items()):
            if pending.done is done:
                del self._pending[number]
                self._given_up.add(number)
                done.set_result(self._operation(number, pending, Outcome.TIMED_OUT, None))

    async def close(self) -> None:
        """Close politely, with a close frame."""
        self.closed_by_us = True
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=3)

    async def abort(self) -> None:
        """Cut the connection without a close frame, as a crashed machine would."""
        self.closed_by_us = True
        if self._socket is not None:
            self._socket.transport.abort()
        if self._reader is not None:
            await asyncio.wait([self._reader], timeout=3)

    async def _send(self, text: str, number: str) -> None:
        assert self._socket is not None
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            self._end(number, Outcome.LOST, None)

    async def _read(self, socket: _Connection) -> None:
        try:
            async for data in socket:
                now = time.monotonic()
                self.received += 1
                self._keep(Direction.RECEIVED, "message", data if isinstance(data, bytes) else data.encode(), now)
                self._handle(self._adapter.read(data), now)
        except ConnectionClosed:
            pass  # how it closed is read below
        self.close_code = socket.close_code if socket.close_code is not None else 1006
        if self._welcome is not None and not self._welcome.done():
            self._welcome.set_exception(SessionError(f"closed with {self.close_code} before any welcome"))
        for number in list(self._pending):
            self._end(number, Outcome.LOST, None)

    def _handle(self, frame: ReadFrame, now: float) -> None:
        if self.on_frame is not None:
            self.on_frame(frame, now)
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
            pending.accepted_at = now
        pending.agent = frame.agent or pending.agent
        outcome = _OUTCOMES.get(frame.kind)
        if frame.kind is FrameKind.PONG and pending.kind != _PING:
            outcome = None
        if outcome is not None:
            self._end(frame.correlation_id, outcome, now, frame)

    def _count_stray(self, frame: ReadFrame) -> None:
        if frame.kind not in _OUTCOMES or (frame.kind is FrameKind.REFUSED and not frame.correlation_id):
            return  # an error without an id is about the connection, not about a request
        if frame.correlation_id in self._given_up:
            self._given_up.discard(frame.correlation_id)
        else:
            self.stray_answers += 1

    def _end(self, number: str, outcome: Outcome, at: float | None, frame: ReadFrame | None = None) -> None:
        pending = self._pending.pop(number, None)
        if pending is not None and not pending.done.done():
            pending.done.set_result(self._operation(number, pending, outcome, at, frame))

    def _operation(
        self, number: str, pending: _Pending, outcome: Outcome, at: float | None, frame: ReadFrame | None = None
    ) -> Operation:
        return Operation(
            tenant=self.agent.name,
            user=self.agent.user_id,
            session=self.name,
            correlation_id=number,
            kind=pending.kind,
            intended_at=pending.intended_at,
            sent_at=pending.sent_at,
            accepted_at=pending.accepted_at,
            completed_at=at,
            outcome=outcome,
            code=frame.code if frame else "",
            agent=pending.agent,
            block=pending.block,
            result=frame.result if frame else None,
            service_seconds=frame.service_seconds if frame else None,
        )

    def _keep(self, direction: Direction, kind: str, data: bytes, at: float | None = None) -> None:
        if self._log.on:
            when = time.monotonic() if at is None else at
            self._log.frames.append(Frame(when, self.agent.name, self.agent.user_id, self.name, direction, kind, data))

    def _connection(self, *arguments: Any, **options: Any) -> _Connection:
        connection = _Connection(*arguments, **options)
        connection.on_control = self._keep_control  # before the first byte: a frame may come with the handshake
        return connection

    def _keep_control(self, kind: str, data: bytes) -> None:
        self._keep(Direction.RECEIVED, kind, data)

    def _keep_handshake(self, response: Response | None) -> None:
        if response is not None:
            text = "\n".join(f"{name}: {value}" for name, value in response.headers.raw_items())
            self._keep(
                Direction.RECEIVED, "handshake", text.encode() + (b"\n\n" + response.body if response.body else b"")
            )
