"""A small server that speaks the two dialects of netra, written from the description of its frames alone.

It keeps threads in a dictionary and answers every message with an echo; tokens are really checked. Defects can be
switched on, so that a test can see them found.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

_USER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_GOLDEN_PATH = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


class BadToken(Exception):
    """The token proves nobody."""


@dataclass(slots=True)
class Thread:
    """One thread and its messages."""

    owner: str
    messages: list[dict[str, str]] = field(default_factory=list)


class NetraServer:
    """What both dialects share; ``September`` and ``August`` say how it is put into frames.

    Args:
        key: The key of HS256.
        defects: ``foreign threads`` lets everybody read and continue every thread; ``misrouted`` sends every
            tenth answer to another session; ``unsigned`` takes every token that has a user.
        per_minute: Messages of one user in a minute.
        per_user: Sessions of one user.
    """

    required: tuple[str, ...] = ()

    def __init__(
        self,
        key: str,
        defects: Iterable[str] = (),
        per_minute: int = 30,
        per_user: int = 3,
        largest: int = 8192,
        port: int = 0,
    ) -> None:
        """Begin without threads."""
        self._key, self._port = key, port
        self._defects = set(defects)
        self._per_minute, self._per_user, self._largest = per_minute, per_user, largest
        self._threads: dict[str, Thread] = {}
        self._sessions: Counter[str] = Counter()
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._open: dict[str, ServerConnection] = {}
        self._answers = itertools.count(1)
        self._server: Server | None = None

    async def __aenter__(self) -> NetraServer:
        """Listen on a free port of the loopback, or on the given one."""
        self._server = await serve(
            self._session, "127.0.0.1", self._port, process_request=self.before, subprotocols=None,
            select_subprotocol=_select, compression=None, max_size=2**20,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every session."""
        assert self._server is not None
        self._server.close(close_connections=True)
        await self._server.wait_closed()

    @property
    def address(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/ws"

    def before(self, connection: ServerConnection, request: Request) -> Response | None:
        """What happens before the upgrade."""
        return None

    def token(self, request: Request) -> str:
        """The token of a handshake."""
        raise NotImplementedError

    def user(self, token: str) -> str:
        """The user whom a token proves."""
        if "unsigned" in self._defects:
            claims = jwt.decode(token, options={"verify_signature": False})
            return str(claims.get("sub", ""))
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["HS256"], audience="netra-platform", issuer="netra-auth-service",
                leeway=10, options={"require": list(self.required)},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise BadToken(type(error).__name__) from None
        if claims.get("token_type") != "access":
            raise BadToken("no access token")
        return str(claims["sub"])

    async def greet(self, connection: ServerConnection, user: str, session: str) -> None:
        """What a new session hears first."""

    async def refuse(self, connection: ServerConnection, reason: str) -> None:
        """End a session that may not be."""
        await connection.close(1008, reason)

    def event(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """A frame of the dialect."""
        raise NotImplementedError

    def error(self, code: str, text: str) -> dict[str, Any]:
        """An error of the dialect."""
        raise NotImplementedError

    async def _session(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        try:
            user = self.user(self.token(connection.request))
            if not _USER.fullmatch(user):
                raise BadToken("unknown user")
        except BadToken as error:
            await self.refuse(connection, str(error))
            return
        if self._sessions[user] >= self._per_user:
            await connection.close(1008, "too many sessions")
            return
        session = uuid.uuid4().hex
        self._sessions[user] += 1
        self._open[session] = connection
        try:
            await self.greet(connection, user, session)
            async for message in connection:
                await self._message(connection, user, message)
        except ConnectionClosed:
            pass
        finally:
            self._sessions[user] -= 1
            del self._open[session]

    async def _message(self, connection: ServerConnection, user: str, message: str | bytes) -> None:
        try:
            frame = json.loads(message)
            kind, payload = frame["type"], frame.get("payload") or {}
            thread_id = payload.get("thread_id")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            await self._send(connection, self.error("INVALID_MESSAGE", "not a message"))
            return
        if len(message) > self._largest:
            await self._send(connection, self.error("MESSAGE_TOO_LARGE", f"more than {self._largest} bytes"))
        elif kind == "ping":
            await self._send(connection, self.event("pong", {}))
        elif not self._may_go_on(user):
            await self._send(connection, self.error("RATE_LIMIT_EXCEEDED", f"{self._per_minute} messages a minute"))
        elif thread_id is not None and not self._reaches(user, thread_id):
            await self._send(connection, self.error("THREAD_NOT_FOUND", "no such thread"))
        elif kind == "get_thread_history":
            messages = self._threads[thread_id].messages if thread_id is not None else []
            await self._send(connection, self.event("thread_history", {"messages": messages}))
        elif kind == "user_message" and isinstance(payload.get("message"), str):
            await self._work(connection, user, payload["message"], thread_id)
        else:
            await self._send(connection, self.error("INVALID_MESSAGE", "unknown type"))

    async def _work(self, connection: ServerConnection, user: str, text: str, thread_id: str | None) -> None:
        began = time.monotonic()
        run, thread = uuid.uuid4().hex, thread_id or uuid.uuid4().hex
        messages = self._threads.setdefault(thread, Thread(user)).messages
        messages.append({"role": "user", "content": text})
        await self._send(connection, self.event("agent_started", {"run_id": run, "thread_id": thread, "user_id": user}))
        own = {"run_id": run, "user_id": user}
        await self._send(connection, self.event("agent_thinking", {**own, "reasoning": "an echo is wanted", "step": 1}))
        await self._send(
            connection, self.event("tool_executing", {**own, "tool_name": "echo", "parameters": {"text": text}})
        )
        await asyncio.sleep(0)
        await self._send(
            connection,
            self.event("tool_completed", {**own, "tool_name": "echo", "results": text, "duration": 0, "success": True}),
        )
        messages.append({"role": "assistant", "content": text})
        done = self.event(
            "agent_completed",
            {
                **own,
                "status": "completed",
                "final_response": {"text": text},
                "execution_time_ms": (time.monotonic() - began) * 1000,
            },
        )
        others = [other for other in self._open.values() if other is not connection]
        if "misrouted" in self._defects and next(self._answers) % 10 == 0 and others:
            connection = others[0]
        await self._send(connection, done)

    def _reaches(self, user: str, thread_id: object) -> bool:
        thread = self._threads.get(thread_id) if isinstance(thread_id, str) else None
        return thread is not None and (thread.owner == user or "foreign threads" in self._defects)

    def _may_go_on(self, user: str) -> bool:
        recent, now = self._recent[user], time.monotonic()
        while recent and now - recent[0] > 60:
            recent.popleft()
        recent.append(now)
        return len(recent) <= self._per_minute

    async def _send(self, connection: ServerConnection, frame: dict[str, Any]) -> None:
        await connection.send(json.dumps(frame))


class September(NetraServer):
    """Token in a header or subprotocol, a welcome frame, flat events; a bad token is accepted, told, and closed."""

    required = ("sub", "iat", "exp", "iss", "jti")

    def token(self, request: Request) -> str:
        """From the header, else from the subprotocol."""
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            return header.removeprefix("Bearer ")
        offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        return next((name.removeprefix("jwt.") for name in offered if name.startswith("jwt.")), "")

    async def greet(self, connection: ServerConnection, user: str, session: str) -> None:
        """The welcome."""
        data = {"mode": "main", "user_id": user, "connection_id": session, "golden_path_events": _GOLDEN_PATH}
        await self._send(connection, {"type": "connection_established", "data": data, **_stamps()})

    async def refuse(self, connection: ServerConnection, reason: str) -> None:
        """Tell, then close."""
        await self._send(connection, self.error("AUTH_FAILED", "authentication failed"))
        await connection.close(1008, "authentication failed")

    def event(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Flat; a history stands in ``data``."""
        return {"type": kind, "data": fields} if kind == "thread_history" else {"type": kind, **fields}

    def error(self, code: str, text: str) -> dict[str, Any]:
        """One shape."""
        data = {"error_code": code, "error_message": text, "details": {}, "timestamp": time.time()}
        return {"type": "error", "data": data}


class August(NetraServer):
    """Token in the address, no welcome, everything in ``payload``; a bad token is refused before the upgrade."""

    required = ("sub", "exp")
    _shapes = itertools.count()

    def before(self, connection: ServerConnection, request: Request) -> Response | None:
        """403 for a bad token."""
        try:
            self.user(self.token(request))
        except BadToken:
            return connection.respond(HTTPStatus.FORBIDDEN, "forbidden\n")
        return None

    def token(self, request: Request) -> str:
        """From the address."""
        return parse_qs(urlsplit(request.path).query).get("token", [""])[0]

    def event(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """All in ``payload``."""
        return {"type": kind, "payload": fields}

    def error(self, code: str, text: str) -> dict[str, Any]:
        """Five shapes take turns."""
        shapes: list[dict[str, Any]] = [
            {"type": "error", "error": code},
            {"error": text, "code": code, "help": "see the documentation"},
            {"type": "error", "payload": {"error": code}},
            {"type": "error", "payload": {"error_code": code}},
            {"type": "error", "payload": {"message": text, "code": code, "severity": "error"}},
        ]
        return shapes[next(self._shapes) % len(shapes)]


def _select(connection: ServerConnection, offered: Any) -> Any:
    return next((name for name in offered if not str(name).startswith("jwt.")), None)


def _stamps() -> dict[str, Any]:
    return {"timestamp": time.time(), "server_id": "small-netra", "correlation_id": None}


async def _serve(dialect: str, port: int, key: str) -> None:
    async with {"september": September, "august": August}[dialect](key, port=port):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), os.environ["JWT_SECRET_KEY"]))
