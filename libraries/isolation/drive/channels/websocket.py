"""One WebSocket under asyncio: bytes in, callbacks out, no task and no future per message."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence

from isolation.drive.channels.channel import CLOSED_WITHOUT_A_WORD, Listener, Refused
from isolation.drive.channels.upgrade import (
    BrokenUpgrade,
    Headers,
    UpgradeReader,
    UpgradeReply,
    door_of,
    new_key,
    upgrade_request,
)
from isolation.drive.channels.wire import CLOSE, PING, PONG, BrokenFrames, FrameReader, encode_frame

_NAMES = {PING: "ping", PONG: "pong", CLOSE: "close"}
_NORMAL, _NO_CODE, _PROTOCOL_ERROR = 1000, 1005, 1002
_FAREWELL_S = 2.0
"""How long the other side may take to end the connection after both have said goodbye."""


class WebSocketChannel(asyncio.Protocol):
    """A connection to the tenant endpoint.

    Args:
        listener: Told what arrives.
    """

    __slots__ = (
        "_ended",
        "_goodbye",
        "_key",
        "_listener",
        "_lost",
        "_reader",
        "_reply",
        "_transport",
        "_upgrade",
        "subprotocol",
    )

    def __init__(self, listener: Listener) -> None:
        """Prepare; ``open`` connects."""
        self._listener = listener
        self._transport: asyncio.Transport | None = None
        self._key = ""
        self._upgrade: UpgradeReader | None = UpgradeReader()
        self._reply: asyncio.Future[UpgradeReply] | None = None
        self._reader: FrameReader | None = None
        self._lost: asyncio.Future[None] | None = None
        self._ended = False
        self._goodbye = False
        self.subprotocol = ""

    async def open(self, address: str, headers: Headers = (), subprotocols: Sequence[str] = ()) -> None:
        """Connect and upgrade; whoever cancels this leaves no connection behind.

        Raises:
            Refused: When the platform says no, or says what is no WebSocket upgrade.
            OSError: When nobody is there.
            ValueError: When the address or a header is impossible.
        """
        door = door_of(address)
        self._key = new_key()
        request = upgrade_request(door, self._key, headers, subprotocols)
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        context = ssl.create_default_context() if door.secure else None
        try:
            await loop.create_connection(lambda: self, door.host, door.port, ssl=context)
            assert self._transport is not None
            self._transport.write(request)
            reply = await self._reply
        except BaseException:
            self.cut()
            raise
        finally:
            self._reply = None
        if self._reader is None:
            self.cut()
            raise Refused(_why(reply), reply.status, reply.headers, reply.body)
        self.subprotocol = reply.header("sec-websocket-protocol")

    def send(self, text: bytes) -> None:
        """Send one text message now."""
        self.write(encode_frame(text))

    def write(self, frame: bytes) -> None:
        """Send a frame that was encoded beforehand; nothing happens when the connection is gone."""
        if self._transport is not None:
            self._transport.write(frame)

    async def close(self) -> None:
        """Say goodbye with a close frame and wait until the connection is gone."""
        if self._transport is None or self._transport.is_closing():
            await self._until_lost()
            return
        if not self._goodbye:
            self._goodbye = True
            self._transport.write(encode_frame(_NORMAL.to_bytes(2, "big"), CLOSE))
        await self._until_lost(_FAREWELL_S)
        self.cut()
        await self._until_lost()

    async def abort(self) -> None:
        """Cut the connection without a word, as a crashed machine would."""
        self.cut()
        await self._until_lost()

    def cut(self) -> None:
        """As ``abort``, without waiting until it is gone."""
        if self._transport is not None:
            self._transport.abort()

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP (and TLS) stands."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "abort")
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports are not asyncio's class

    def data_received(self, data: bytes) -> None:
        """Bytes arrived."""
        if self._reader is None:
            self._feed_upgrade(data)
            return
        try:
            self._reader.feed(data)
        except BrokenFrames as error:
            self._break_off(str(error))

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        if self._reply is not None and not self._reply.done():
            reply = self._upgrade.at_end() if self._upgrade is not None else None
            if reply is not None:
                self._listener.noticed("handshake", _as_text(reply))
                self._reply.set_result(reply)
            else:
                self._reply.set_exception(Refused("the connection was closed before any HTTP answer"))
        if self._reader is not None:
            self._end(CLOSED_WITHOUT_A_WORD, "")
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)
        self._transport = None

    # inside

    def _feed_upgrade(self, data: bytes) -> None:
        if self._upgrade is None or self._reply is None or self._reply.done():
            return  # the rest of a refusal
        try:
            reply = self._upgrade.feed(data)
        except BrokenUpgrade as error:
            self._reply.set_exception(Refused(str(error)))
            return
        if reply is None:
            return
        self._reply.set_result(reply)
        self._listener.noticed("handshake", _as_text(reply))
        if reply.accepts(self._key):
            # At once, not when ``open`` goes on: the first frames may come with the answer.
            self._upgrade, self._reader = None, FrameReader(self._message, self._control)
            if reply.rest:
                self.data_received(reply.rest)

    def _message(self, payload: bytes) -> None:
        if not self._ended:
            self._listener.heard(payload, time.monotonic())

    def _control(self, opcode: int, payload: bytes) -> None:
        if self._ended:
            return
        self._listener.noticed(_NAMES.get(opcode, "control"), payload)
        if opcode == PING:
            self.write(encode_frame(payload, PONG))
        elif opcode == CLOSE:
            if not self._goodbye:
                self._goodbye = True
                self.write(encode_frame(payload[:2], CLOSE))
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else _NO_CODE
            asyncio.get_running_loop().call_later(_FAREWELL_S, self.cut)
            self._end(code, payload[2:].decode("utf-8", "replace"))

    def _break_off(self, reason: str) -> None:
        self._goodbye = True
        self.write(encode_frame(_PROTOCOL_ERROR.to_bytes(2, "big"), CLOSE))
        self._end(_PROTOCOL_ERROR, f"the platform sent {reason}")
        self.cut()

    def _end(self, code: int, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._listener.ended(code, reason)

    async def _until_lost(self, at_most_s: float = 3.0) -> None:
        if self._transport is None:
            return
        if self._lost is None:
            self._lost = asyncio.get_running_loop().create_future()
        await asyncio.wait([self._lost], timeout=at_most_s)


def _as_text(reply: UpgradeReply) -> bytes:
    head = "\n".join(f"{name}: {value}" for name, value in reply.headers).encode()
    return head + (b"\n\n" + reply.body if reply.body else b"")


def _why(reply: UpgradeReply) -> str:
    if reply.status == 101:
        return "the platform's upgrade to WebSocket is broken: its accept key does not fit"
    where = reply.header("location")
    return f"the platform answered HTTP {reply.status}" + (f", to {where.split('?')[0]}" if where else "")
