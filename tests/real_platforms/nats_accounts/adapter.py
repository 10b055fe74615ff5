"""NATS over WebSocket in the suite's words: its text protocol, streams of JetStream as things."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from isolation.drive.channels.channel import Refused
from isolation.target.interpreter import ReadFrame
from isolation.target.model import Target
from isolation.target.words import Kept, Meaning

_SILENCE_S = 1.5
"""A request that nobody serves gets no answer, or one that says so."""
_REPORTS = "reports"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""What the client libraries of NATS let through: anything else would be read as protocol."""
_TERMS = {"verbose": False, "headers": True, "no_responders": True, "protocol": 1, "lang": "python", "version": "1"}


class Nats:
    """The adapter; see ``resources/targets/README.md``."""

    def __init__(self, target: Target, doors: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Keep the address."""
        self._door = doors["nats"]

    async def open(self, person: Mapping[str, object]) -> Connection:
        """Connect and prove who it is."""
        try:
            socket = await connect(self._door, max_size=2**24, compression=None, proxy=None)
        except (OSError, WebSocketException) as error:
            raise Refused(f"no connection: {error}") from None
        lines = Lines(socket)
        user = str(person.get("user", ""))
        inbox = f"_INBOX.{user}"
        login = json.dumps({**_TERMS, "user": user, "pass": str(person.get("token", ""))})
        said = "closed"
        with contextlib.suppress(ConnectionClosed):
            await lines.line()
            await socket.send(f"CONNECT {login}\r\nSUB {inbox}.> 1\r\nSUB {_REPORTS}.> 2\r\nPING\r\n".encode())
            while True:
                line = await lines.line()
                if line.startswith(b"PONG"):
                    return Connection(socket, lines, inbox)
                if line.startswith(b"-ERR"):
                    said = line.decode().strip()
                    break
        await socket.close()
        raise Refused(said)


class Lines:
    """The byte stream that the frames of a WebSocket make."""

    def __init__(self, socket: ClientConnection) -> None:
        """Nothing has come yet."""
        self._socket = socket
        self._held = b""

    async def line(self) -> bytes:
        """The next line."""
        while (end := self._held.find(b"\r\n")) < 0:
            await self._more()
        line, self._held = self._held[:end], self._held[end + 2 :]
        return line

    async def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self._held) < count:
            await self._more()
        data, self._held = self._held[:count], self._held[count:]
        return data

    async def _more(self) -> None:
        message = await self._socket.recv()
        self._held += message if isinstance(message, bytes) else message.encode()


class Connection:
    """One session of one user."""

    def __init__(self, socket: ClientConnection, lines: Lines, inbox: str) -> None:
        """It is open."""
        self._socket, self._lines, self._inbox = socket, lines, inbox
        self._waiting: dict[str, tuple[str, str, Mapping[str, object]]] = {}
        self._told: asyncio.Queue[tuple[bytes, ReadFrame] | None] = asyncio.Queue()

    async def ask(self, kind: str, id: str, arguments: Mapping[str, object]) -> None:
        """Publish a request; what comes to its inbox (a report: to everybody of the account) is the answer, silence a refusal."""
        token = id.replace(".", "_")
        if not _NAME.fullmatch(str(arguments.get("stream", "none"))):
            self._told.put_nowait((b"", ReadFrame(Meaning.REFUSED, id, code="no name")))
            return
        self._waiting[token] = (kind, id, arguments)
        subject, body = _request(kind, token, self._inbox, arguments)
        answer = f"{self._inbox}.{token} " if not subject.startswith(_REPORTS) else ""
        await self._socket.send(f"PUB {subject} {answer}{len(body)}\r\n".encode() + body + b"\r\n")
        asyncio.get_running_loop().call_later(_SILENCE_S, self._give_up, token)

    async def heard(self) -> AsyncIterator[tuple[bytes, ReadFrame]]:
        """Everything that is received."""
        reading = asyncio.create_task(self._read())
        try:
            while (one := await self._told.get()) is not None:
                yield one
        finally:
            reading.cancel()

    async def close(self, gracefully: bool) -> None:
        """End it."""
        if gracefully:
            await self._socket.close()
        else:
            self._socket.transport.abort()

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                line = await self._lines.line()
                words = line.split()
                if words[:1] == [b"PING"]:
                    await self._socket.send(b"PONG\r\n")
                elif words[:1] in ([b"MSG"], [b"HMSG"]):
                    data = (await self._lines.exactly(int(words[-1]) + 2))[:-2]
                    body = data[int(words[-2]) :] if words[0] == b"HMSG" else data
                    self._answer(words[1].decode(), line + b"\r\n" + data, body)
        self._told.put_nowait(None)

    def _answer(self, subject: str, data: bytes, body: bytes) -> None:
        known = self._waiting.pop(subject.rpartition(".")[2], None) if self._is_own(subject, body) else None
        if known is None:
            self._told.put_nowait((data, ReadFrame(Meaning.NOTIFICATION)))
            return
        self._told.put_nowait((data, _read(*known, body)))

    def _is_own(self, subject: str, body: bytes) -> bool:
        """Reports go to every session of the account: those of a colleague are news, not answers."""
        return subject.startswith(self._inbox) or body.startswith(self._inbox.encode() + b" ")

    def _give_up(self, token: str) -> None:
        known = self._waiting.pop(token, None)
        if known is not None:
            self._told.put_nowait((b"", ReadFrame(Meaning.REFUSED, known[1], code="silence")))


def _request(kind: str, token: str, inbox: str, arguments: Mapping[str, object]) -> tuple[str, bytes]:
    """Subject and body of a request."""
    name = str(arguments.get("stream", "none")).replace("-", "_")
    text = str(arguments.get("text", ""))
    if kind in ("report", "noop", "ping"):
        return f"{_REPORTS}.{token}", f"{inbox} {text}".encode()
    terms = {"name": name, "subjects": [f"kept.{name}"], "storage": "memory", "description": text}
    if kind == "stream_make":
        return f"$JS.API.STREAM.CREATE.{name}", json.dumps(terms).encode()
    if kind == "stream_change":
        return f"$JS.API.STREAM.UPDATE.{name}", json.dumps(terms).encode()
    subjects = {
        "stream_info": f"$JS.API.STREAM.INFO.{name}",
        "stream_list": "$JS.API.STREAM.LIST",
        "stream_remove": f"$JS.API.STREAM.DELETE.{name}",
        "account_purge": f"$JS.API.ACCOUNT.PURGE.{str(arguments.get('of', '')).partition('.')[0]}",
    }
    return subjects[kind], b""


def _read(kind: str, id: str, asked: Mapping[str, object], body: bytes) -> ReadFrame:
    """What an answer means."""
    if kind in ("report", "noop", "ping"):
        meaning = Meaning.PONG if kind == "ping" else Meaning.ANSWERED
        return ReadFrame(meaning, id, {Kept.ANSWER: body.partition(b" ")[2].decode("utf-8", "replace")})
    try:
        said = json.loads(body)
    except ValueError:
        return ReadFrame(Meaning.REFUSED, id, code="nobody serves it")
    if "error" in said:
        return ReadFrame(Meaning.REFUSED, id, code=str(said["error"].get("err_code", "")))
    kept: dict[str, object] = {}
    if isinstance(said.get("config"), dict):
        kept = {"stream": asked.get("stream"), Kept.ANSWER: said["config"].get("description", "")}
    elif isinstance(said.get("streams"), list):
        kept = {"names": [one["config"]["name"] for one in said["streams"]]}
    return ReadFrame(Meaning.ANSWERED, id, kept)
