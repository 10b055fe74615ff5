"""NATS in the suite's words: streams of JetStream as things, requests over the text protocol."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

from isolation.drive.channels.channel import Refused
from isolation.target.interpreter import ReadFrame
from isolation.target.model import Target
from isolation.target.words import Meaning

_SILENCE_S = 1.5
"""A request that nobody serves gets no answer, or one that says so."""


class Nats:
    """The adapter; see ``resources/targets/README.md``."""

    def __init__(self, target: Target, doors: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Keep the address."""
        self._door = urlsplit(doors["nats"])
        self._key = secrets["key"].encode()

    async def open(self, person: Mapping[str, object]) -> Connection:
        """Connect and prove who it is."""
        reader, writer = await asyncio.open_connection(self._door.hostname, self._door.port)
        await reader.readline()
        terms = {
            "verbose": False,
            "headers": True,
            "no_responders": True,
            "protocol": 1,
            "lang": "python",
            "version": "1",
        }
        login = {
            "user": str(person.get("user", "")),
            "pass": hmac.digest(self._key, str(person.get("token", "")).encode(), "sha256").hex(),
        }
        inbox = f"_INBOX.{person.get('user', 'nobody')}"
        writer.write(f"CONNECT {json.dumps(terms | login)}\r\nSUB {inbox}.> 1\r\nPING\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"PONG"):
                return Connection(reader, writer, inbox)
            if line.startswith(b"-ERR"):
                break
        writer.close()
        raise Refused(line.decode().strip() or "closed")


class Connection:
    """One session of one account."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inbox: str) -> None:
        """It is open."""
        self._reader, self._writer, self._inbox = reader, writer, inbox
        self._waiting: dict[str, tuple[str, Mapping[str, object]]] = {}
        self._told: asyncio.Queue[tuple[bytes, ReadFrame] | None] = asyncio.Queue()

    async def ask(self, kind: str, id: str, arguments: Mapping[str, object]) -> None:
        """Publish a request; what comes to its inbox is the answer, and silence is a refusal."""
        subject, body = _request(kind, arguments)
        token = id.replace(".", "_")
        self._waiting[token] = (id, {**arguments, "kind": kind})
        self._writer.write(f"PUB {subject} {self._inbox}.{token} {len(body)}\r\n".encode() + body + b"\r\n")
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
            await self._writer.drain()
            self._writer.close()
        else:
            self._writer.transport.abort()

    async def _read(self) -> None:
        while line := await self._reader.readline():
            words = line.split()
            if words[:1] == [b"PING"]:
                self._writer.write(b"PONG\r\n")
            elif words[:1] in ([b"MSG"], [b"HMSG"]):
                data = (await self._reader.readexactly(int(words[-1]) + 2))[:-2]
                body = data[int(words[-2]) :] if words[0] == b"HMSG" else data
                self._answer(words[1].decode().rpartition(".")[2], data, body)
        await self._told.put(None)

    def _answer(self, token: str, data: bytes, body: bytes) -> None:
        known = self._waiting.pop(token, None)
        if known is None:
            self._told.put_nowait((data, ReadFrame(Meaning.NOTIFICATION)))
            return
        self._told.put_nowait((data, _read(*known, body)))

    def _give_up(self, token: str) -> None:
        known = self._waiting.pop(token, None)
        if known is not None:
            self._told.put_nowait((b"", ReadFrame(Meaning.REFUSED, known[0], code="silence")))


def _request(kind: str, arguments: Mapping[str, object]) -> tuple[str, bytes]:
    """Subject and body of a request."""
    name = str(arguments.get("stream", "none")).replace("-", "_")
    text = str(arguments.get("text", ""))
    if kind == "stream_make":
        terms = {"name": name, "subjects": [f"kept.{name}"], "storage": "memory", "description": text}
        return f"$JS.API.STREAM.CREATE.{name}", json.dumps(terms).encode()
    if kind == "stream_change":
        terms = {"name": name, "subjects": [f"kept.{name}"], "storage": "memory", "description": text}
        return f"$JS.API.STREAM.UPDATE.{name}", json.dumps(terms).encode()
    subjects = {
        "stream_info": f"$JS.API.STREAM.INFO.{name}",
        "stream_remove": f"$JS.API.STREAM.DELETE.{name}",
        "account_purge": f"$JS.API.ACCOUNT.PURGE.{arguments.get('of', '')}",
    }
    return subjects.get(kind, "$JS.API.INFO"), b""


def _read(id: str, asked: Mapping[str, object], body: bytes) -> ReadFrame:
    """What an answer of JetStream means."""
    try:
        said = json.loads(body)
    except ValueError:
        return ReadFrame(Meaning.REFUSED, id, code="nobody serves it")
    if "error" in said:
        return ReadFrame(Meaning.REFUSED, id, code=str(said["error"].get("err_code", "")))
    kept: dict[str, object] = {}
    if isinstance(said.get("config"), dict):
        kept = {"stream": asked.get("stream"), "answer": said["config"].get("description", "")}
    return ReadFrame(Meaning.ANSWERED, id, kept)
