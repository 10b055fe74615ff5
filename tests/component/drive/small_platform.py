"""A very small platform for the tests of driving: a real WebSocket server that really checks tokens, in a thread of its own."""

from __future__ import annotations

import asyncio
import http
import json
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import jwt
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from isolation.drive.platform.tenants import TenantAgent, words_of
from isolation.drive.session.access import Access
from isolation.drive.steps.tokens import TokenMint
from isolation.target.model import JwtStep, Target
from isolation.target.reading.file import parse_target

SECRET = "a secret that only the small platform and its tests know"
Answer = Callable[[ServerConnection, dict[str, Any]], Awaitable[None]]


SMALL = """
version: 2
name: small platform
doors: {ws: "ws://127.0.0.1:1"}
secrets: {key: SMALL_KEY}
tenants:
  make:
    - jwt: {algorithm: HS256, key: "{key}", lifetime: 60 s, claims: {aud: small, sub: "{user}", tenant: "{tenant}", role: "{role}"}}
  roles: {standard: standard, admin: admin, restricted: restricted}
credential: {kind: jwt, bad: {http: 401}}
session:
  connect: {websocket: "{ws}", headers: {Authorization: "Bearer {token}"}}
  ready: frame
correlation: {by: echoed, read: id}
frames:
  - {when: {event: welcome}, means: ready, keep: {session: session, event: event}}
  - {when: {event: started}, means: accepted, keep: {agent: agent, event: event, sequence: seq}}
  - {when: {event: done}, means: answered, keep: {agent: agent, value: result, service_milliseconds: took, event: event, sequence: seq}}
  - {when: {event: pong}, means: pong}
  - {when: {event: error, code: cancelled}, means: cancelled, code: code}
  - {when: {event: error}, means: refused, code: code}
request_base: {id: "{id}"}
requests:
  ping: {do: ping}
  report: {do: work, number: "{text}"}
  endless_loop: {do: noise, seconds: "{seconds}"}
"""
CANCEL = '  cancel: {do: cancel, target: "{target}"}\n'


def small_target(more: str = "") -> Target:
    """How the suite talks to the small platform; ``more`` are lines at the end of its file."""
    return parse_target(SMALL + more)


def small_access(address: str, target: Target | None = None) -> Access:
    """The way to a small platform."""
    return Access(target or small_target(), {"ws": address}, {"key": SECRET})


def small_agent(name: str, tenant: str, user: str, key: str = SECRET) -> TenantAgent:
    """A user whom the small platform lets in, unless the key is another one."""
    words = words_of(tenant, user, "standard")
    (step,) = small_target().tenants.make
    assert isinstance(step, JwtStep)
    return TenantAgent(
        name, tenant, user, "standard", {**words, "token": TokenMint(step.jwt, {"key": key}).mint(words)}
    )


async def answer_at_once(socket: ServerConnection, frame: dict[str, Any]) -> None:
    """The ordinary behaviour: each request gets its own answer."""
    event = "pong" if frame["do"] == "ping" else "done"
    await socket.send(json.dumps({"event": event, "id": frame["id"], "result": {"number": frame.get("number")}}))


@dataclass
class SmallPlatform:
    """The server and what it saw; use it as a context manager.

    Attributes:
        answer: What it does with each request.
        refuse_first: How many handshakes it refuses before it accepts one.
        greet: Whether it sends the welcome frame.
        greet_after_s: How long it takes until it does.
        seen: Every request that came.
        tried_at: When each handshake came (seconds, monotonic clock).
        most_at_once: The largest number of sessions that were being opened at the same time.
        closed: Close codes of the sessions that have ended.
    """

    answer: Answer = answer_at_once
    refuse_first: int = 0
    greet: bool = True
    greet_after_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    tried_at: list[float] = field(default_factory=list)
    most_at_once: int = 0
    closed: list[int | None] = field(default_factory=list)
    address: str = ""
    _opening: int = 0
    _open: set[ServerConnection] = field(default_factory=set)

    def __enter__(self) -> SmallPlatform:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the small platform should be up"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def open_sessions(self) -> int:
        """How many sessions are open now."""
        return len(self._open)

    def cut_all(self) -> None:
        """Close every session from this side."""
        asyncio.run_coroutine_threadsafe(self._cut_all(), self._loop).result(10)

    async def _cut_all(self) -> None:
        for socket in list(self._open):
            await socket.close(4001, "the platform closes")

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        options: dict[str, Any] = {"process_request": self._check, "process_response": self._add_headers}
        async with serve(self._serve, "127.0.0.1", 0, compression=None, **options) as server:
            self.address = f"ws://127.0.0.1:{_port(server)}"
            ready.set()
            await self._stop.wait()

    def _check(self, socket: ServerConnection, request: Request) -> Response | None:
        self.tried_at.append(time.monotonic())
        if len(self.tried_at) <= self.refuse_first:
            return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "not yet\n")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            self.tokens.append(jwt.decode(token, SECRET, algorithms=["HS256"], audience="small"))
        except jwt.InvalidTokenError:
            return socket.respond(http.HTTPStatus.UNAUTHORIZED, "who are you?\n")
        self._opening += 1
        self.most_at_once = max(self.most_at_once, self._opening)
        return None

    def _add_headers(self, socket: ServerConnection, request: Request, response: Response) -> None:
        added: Headers = response.headers
        for name, value in self.headers.items():
            added[name] = value

    async def _serve(self, socket: ServerConnection) -> None:
        self._open.add(socket)
        with suppress(ConnectionClosed):
            await self._talk(socket)
        await socket.wait_closed()
        self._open.discard(socket)
        self.closed.append(socket.close_code)

    async def _talk(self, socket: ServerConnection) -> None:
        await asyncio.sleep(self.greet_after_s)
        self._opening -= 1
        if self.greet:
            await socket.send(json.dumps({"event": "welcome", "session": f"s{len(self.tokens)}"}))
        tasks: set[asyncio.Task[None]] = set()
        async for text in socket:
            frame = json.loads(text)
            self.seen.append(frame)
            task = asyncio.create_task(self._answer(socket, frame))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def _answer(self, socket: ServerConnection, frame: dict[str, Any]) -> None:
        with suppress(ConnectionClosed):
            await self.answer(socket, frame)


def _port(server: Server) -> int:
    return int(next(iter(server.sockets)).getsockname()[1])


def wait_until(true: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.01)
    return true()
