"""A small client of the reference platform, written against PROTOCOL.md alone."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import jwt
from websockets.asyncio.client import ClientConnection, connect

LIBRARIES = Path(__file__).parents[3] / "libraries"
WORK_FINALS = ("agent_completed", "agent_error")
FINALS = (*WORK_FINALS, "operation_completed", "pong")
Frame = dict[str, Any]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class RunningPlatform:
    """A platform that was started for tests."""

    ready: Frame
    credentials: Frame
    pid: int

    @property
    def address(self) -> str:
        return str(self.ready["tenant_endpoint"])

    def token(self, tenant: str, user: str, /, **claims: Any) -> str:
        now = int(time.time())
        known = {
            "iss": "reference-platform-auth",
            "aud": "agent-platform",
            "sub": user,
            "tenant": tenant,
            "role": "standard",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "jti": f"t{next(_numbers)}-{time.monotonic_ns()}",
        }
        return jwt.encode({**known, **claims}, self.credentials["jwt_secret"], algorithm="HS256")

    @contextlib.asynccontextmanager
    async def session(self, tenant: str, user: str, **claims: Any) -> AsyncIterator[Client]:
        client = await self.open(tenant, user, **claims)
        try:
            yield client
        finally:
            await client.close()

    async def open(self, tenant: str, user: str, token: str | None = None, **claims: Any) -> Client:
        token = token or self.token(tenant, user, **claims)
        connection = await connect(
            self.address,
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            proxy=None,
            max_size=None,
            ping_interval=None,
            open_timeout=60,
        )
        client = Client(connection, token)
        client.welcome = await client.next_frame()
        return client

    @contextlib.asynccontextmanager
    async def operator(self) -> AsyncIterator[Operator]:
        header = {"Authorization": f"Bearer {self.credentials['operator_credential']}"}
        connection = await connect(
            self.ready["operator_api"], additional_headers=header, compression=None, proxy=None, max_size=None
        )
        async with connection:
            yield Operator(connection)


class Operator:
    """An operator's connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def ask(self, operation: str, **arguments: Any) -> Any:
        answer = await self.answer(operation, **arguments)
        assert answer["ok"], answer
        return answer["result"]

    async def answer(self, operation: str, **arguments: Any) -> Frame:
        await self._connection.send(json.dumps({"op": operation, "id": "1", **arguments}))
        return dict(json.loads(await self._connection.recv()))


class Client:
    """A session; frames that nobody waited for yet are kept in ``frames``."""

    welcome: Frame

    def __init__(self, connection: ClientConnection, token: str) -> None:
        self.connection = connection
        self.token = token
        self.frames: list[Frame] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    @property
    def session_id(self) -> str:
        return str(self.welcome["session_id"])

    async def send(self, operation: str, **arguments: Any) -> str:
        number = f"r{next(_numbers)}"
        await self.connection.send(json.dumps({"type": operation, "id": number, **arguments}))
        return number

    async def next_frame(self, seconds: float = 20.0) -> Frame:
        async with asyncio.timeout(seconds):
            frame = dict(json.loads(await self.connection.recv()))
        self.frames.append(frame)
        return frame

    async def final(self, number: str, seconds: float = 30.0) -> Frame:
        """The final frame of a request."""
        async with asyncio.timeout(seconds):
            while True:
                for frame in self.frames:
                    if frame.get("id") == number and frame["event"] in FINALS:
                        return frame
                await self.next_frame(seconds)

    async def ask(self, operation: str, **arguments: Any) -> Frame:
        """The final frame of a new request."""
        return await self.final(await self.send(operation, **arguments))

    async def result(self, operation: str, **arguments: Any) -> Any:
        """The result of a new request, which must succeed."""
        frame = await self.ask(operation, **arguments)
        assert "result" in frame, frame
        return frame["result"]

    async def work(self, kind: str, agent_id: str | None = None, thread: str | None = None, **arguments: Any) -> Frame:
        """The final frame of a new piece of work."""
        return await self.final(await self.start(kind, agent_id, thread, **arguments))

    async def start(self, kind: str, agent_id: str | None = None, thread: str | None = None, **arguments: Any) -> str:
        where = {name: value for name, value in (("agent_id", agent_id), ("thread", thread)) if value is not None}
        return await self.send("execute", work={"kind": kind, **arguments}, **where)

    def events(self, number: str) -> list[str]:
        return [frame["event"] for frame in self.frames if frame.get("id") == number]

    async def until(self, check: Callable[[Frame], bool], seconds: float = 15.0) -> Frame:
        """The first frame, seen already or still to come, that a check likes."""
        async with asyncio.timeout(seconds):
            while True:
                for frame in self.frames:
                    if check(frame):
                        return frame
                await self.next_frame(seconds)

    async def until_started(self, number: str) -> None:
        """Wait until work has begun."""
        await self.until(lambda frame: frame.get("id") == number and frame["event"] == "agent_started")

    async def settle(self) -> None:
        """Take everything that was sent before now."""
        await self.ask("ping")

    def cut(self) -> None:
        """End the connection without a close frame."""
        self.connection.transport.abort()

    async def closed(self, seconds: float = 10.0) -> int | None:
        """Wait for the end of the connection; its close code."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await self.next_frame(seconds)
                except (OSError, EOFError):
                    break
                except Exception as error:
                    if type(error).__name__.startswith("ConnectionClosed"):
                        break
                    raise
        return self.connection.close_code

    async def close(self) -> None:
        await self.connection.close()


@contextlib.contextmanager
def running_platform(*arguments: str, clickhouse: bool = False) -> Iterator[RunningPlatform]:
    """Start a platform and stop it afterwards."""
    environment = {**os.environ, "PYTHONPATH": str(LIBRARIES)}
    command = [sys.executable, "-m", "reference_platform", "--end-with-parent", *arguments]
    command += [] if clickhouse else ["--setting", "clickhouse=false"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        credentials = json.loads(Path(ready["credentials_file"]).read_text())
        yield RunningPlatform(ready, credentials, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def eventually(check: Any, seconds: float = 10.0) -> Any:
    """Wait until an asynchronous check gives something true; give that back."""
    end = time.monotonic() + seconds
    while True:
        found = await check()
        if found or time.monotonic() > end:
            return found
        await asyncio.sleep(0.05)
