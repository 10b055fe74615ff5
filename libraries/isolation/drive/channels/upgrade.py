"""The HTTP/1.1 exchange that opens a WebSocket, as bytes, without any socket.

Heads of any usual length are read: real gateways add hundreds of header lines and tickets of many kilobytes.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

Headers = Sequence[tuple[str, str]]
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LONGEST_HEAD = 1024 * 1024
_LONGEST_BODY = 1024 * 1024
_PORTS = {"ws": 80, "wss": 443}


class BrokenUpgrade(Exception):
    """What came back is no HTTP answer; the sentence says what is wrong."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a WebSocket address leads.

    Attributes:
        host: Name or address.
        secure: Whether it is TLS.
        target: Path and query.
        authority: What the Host header says.
    """

    host: str
    port: int
    secure: bool
    target: str
    authority: str


def door_of(address: str) -> Door:
    """The parts of a ``ws://`` or ``wss://`` address.

    Raises:
        ValueError: When it is none.
    """
    parts: SplitResult = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"'{address.split('?')[0]}' is no WebSocket address (ws://host:port/path)")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or _PORTS[parts.scheme]
    return Door(parts.hostname, port, parts.scheme == "wss", target, parts.netloc.rpartition("@")[2])


def new_key() -> str:
    """A fresh key for one upgrade."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def upgrade_request(door: Door, key: str, headers: Headers, subprotocols: Sequence[str] = ()) -> bytes:
    """The request that asks for a WebSocket.

    Raises:
        ValueError: When a header cannot travel (a line break in it, or a character outside Latin-1).
    """
    lines = [
        f"GET {door.target} HTTP/1.1",
        f"Host: {door.authority}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    if subprotocols:
        lines.append(f"Sec-WebSocket-Protocol: {', '.join(subprotocols)}")
    lines += [f"{name}: {value}" for name, value in headers]
    if any("\r" in line or "\n" in line or "\0" in line for line in lines):
        raise ValueError("a header or the address holds a line break")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(frozen=True, slots=True)
class UpgradeReply:
    """How the platform answered the upgrade; ``rest`` is what came after it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    rest: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that name, or empty."""
        return next((value for own, value in self.headers if own.lower() == name), "")

    def accepts(self, key: str) -> bool:
        """Whether it opens the WebSocket that was asked for."""
        digest = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
        return self.status == 101 and self.header("sec-websocket-accept") == digest


class UpgradeReader:
    """Collects the answer to an upgrade."""

    __slots__ = ("_buffer", "_reply")

    def __init__(self) -> None:
        """Start empty."""
        self._buffer = bytearray()
        self._reply: UpgradeReply | None = None

    def feed(self, data: bytes) -> UpgradeReply | None:
        """Take the next bytes; the answer when it is complete.

        Raises:
            BrokenUpgrade: When this is no HTTP answer.
        """
        self._buffer += data
        if self._reply is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _LONGEST_HEAD:
                    raise BrokenUpgrade(f"the head of the answer is longer than {_LONGEST_HEAD} bytes")
                if not b"HTTP/1.".startswith(self._buffer[:7]):
                    raise BrokenUpgrade("the answer is no HTTP")
                return None
            self._reply = _head(bytes(self._buffer[:end]))
            del self._buffer[: end + 4]
        if self._reply.status == 101:
            return UpgradeReply(101, self._reply.headers, b"", bytes(self._buffer))
        return self._refusal(self._reply)

    def at_end(self) -> UpgradeReply | None:
        """The connection has ended: the answer with as much of its body as there is."""
        if self._reply is None:
            return None
        return UpgradeReply(self._reply.status, self._reply.headers, bytes(self._buffer))

    def _refusal(self, reply: UpgradeReply) -> UpgradeReply | None:
        if reply.header("transfer-encoding").lower() == "chunked":
            body = _unchunked(bytes(self._buffer))
            return None if body is None else UpgradeReply(reply.status, reply.headers, body)
        length = reply.header("content-length")
        wanted = min(int(length), _LONGEST_BODY) if length.isdecimal() else _LONGEST_BODY
        if len(self._buffer) < wanted and reply.status not in (204, 304):
            return None
        return UpgradeReply(reply.status, reply.headers, bytes(self._buffer[:wanted]))


def _head(data: bytes) -> UpgradeReply:
    lines = data.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdecimal():
        raise BrokenUpgrade("the answer is no HTTP")
    pairs = (line.partition(":") for line in lines[1:])
    return UpgradeReply(int(words[1]), tuple((name.strip(), value.strip()) for name, _, value in pairs))


def _unchunked(data: bytes) -> bytes | None:
    """A body in chunks put together, or None while its last chunk is missing."""
    body, at = b"", 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = data[at:end].split(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            raise BrokenUpgrade("the answer's chunks cannot be read") from None
        if length == 0:
            return body
        if len(data) < end + 2 + length:
            return None
        body += data[end + 2 : end + 2 + length]
        at = end + 4 + length
    return None
