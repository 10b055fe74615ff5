"""How the requests of one session travel: over its connection, as HTTP calls, or by the target's own adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from isolation.drive.channels.calls import HttpCalls
from isolation.drive.channels.channel import FrameListener
from isolation.drive.channels.connecting import handshake_of
from isolation.drive.channels.python_adapter import AdapterListener, AdapterSession
from isolation.drive.channels.socketio import SocketIoChannel
from isolation.drive.channels.websocket import WebSocketChannel
from isolation.drive.channels.wire import encode_frame
from isolation.drive.session.access import Access
from isolation.target.interpreter import Call, Message, Outgoing
from isolation.target.interpreter.outgoing import fill_url
from isolation.target.placeholders import fill_text


class SessionListener(FrameListener, AdapterListener, Protocol):
    """Who is told all that a session hears."""


class PreparedMessage:
    """A WebSocket message that is ready to leave.

    Attributes:
        data: The message.
        wire: Its frame.
    """

    __slots__ = ("data", "wire")

    def __init__(self, data: bytes) -> None:
        """Put it into a frame."""
        self.data = data
        self.wire = encode_frame(data)


class Link:
    """The channels of one session.

    Args:
        access: The way to the target.
    """

    __slots__ = ("_access", "_adapter", "_calls", "_listener", "_socketio", "_websocket")

    def __init__(self, listener: SessionListener, access: Access) -> None:
        """Open nothing yet."""
        self._listener = listener
        self._access = access
        self._websocket: WebSocketChannel | None = None
        self._socketio: SocketIoChannel | None = None
        self._calls: HttpCalls | None = None
        self._adapter: AdapterSession | None = None

    async def open(self, words: Mapping[str, object], timeout_s: float, incomplete: bool = False) -> None:
        """Connect, where the target has a connection; ``incomplete`` as for ``handshake_of``.

        Raises:
            Refused: When the platform does not let the user in.
            OSError: When nobody is there.
            ValueError: When an address or a header is impossible.
            UnfilledPlaceholder: When a word is missing.
        """
        access = self._access
        if access.adapter is not None:
            channel = await access.adapter.open(words)
            self._adapter = AdapterSession(self._listener, channel)
            return
        session = access.target.session
        assert session is not None, "the target file has been checked"
        if session.connect is not None:
            handshake = handshake_of(session.connect, {**access.secrets, **words}, access.doors, incomplete)
            if session.connect.websocket is not None:
                self._websocket = WebSocketChannel(self._listener)
                await self._websocket.open(handshake.url, handshake.headers, handshake.subprotocols)
            else:
                self._socketio = SocketIoChannel(self._listener)
                headers = dict(handshake.headers)
                await self._socketio.open(session.connect, handshake.url, headers, handshake.auth, timeout_s)
        if session.events is not None:
            given = access.words(words)
            url = fill_url(session.events.sse, given, access.doors)
            headers = {name: fill_text(value, given) for name, value in session.events.headers.items()}
            self._called(words).listen(url, {"Accept": "text/event-stream", **headers})

    @property
    def has_connection(self) -> bool:
        """Whether the session has a connection whose end is told."""
        return self._websocket is not None or self._socketio is not None or self._adapter is not None

    def send(self, outgoing: PreparedMessage | Outgoing, request: str, kind: str, words: Mapping[str, object]) -> None:
        """Send a request, or a frame that is none, now."""
        if isinstance(outgoing, PreparedMessage):
            assert self._websocket is not None, "a message travels over the WebSocket of 'session.connect'"
            self._websocket.write(outgoing.wire)
        elif isinstance(outgoing, Message):
            self.send(PreparedMessage(outgoing.as_bytes()), request, kind, words)
        elif isinstance(outgoing, Call):
            self._called(words).send(outgoing, request, kind)
        else:
            assert self._socketio is not None, "an event travels over the socket.io connection of 'session.connect'"
            self._socketio.send(outgoing, request)

    def ask_adapter(self, kind: str, request: str, arguments: Mapping[str, object]) -> None:
        """Send a request by the target's own adapter."""
        assert self._adapter is not None
        self._adapter.send(kind, request, arguments)

    async def close(self, gracefully: bool) -> None:
        """End everything, with a farewell or without."""
        if self._websocket is not None:
            await (self._websocket.close() if gracefully else self._websocket.abort())
        if self._socketio is not None:
            await (self._socketio.close() if gracefully else self._socketio.abort())
        if self._adapter is not None:
            await self._adapter.close(gracefully)
        if self._calls is not None:
            await self._calls.close()

    def _called(self, words: Mapping[str, object]) -> HttpCalls:
        if self._calls is None:
            self._calls = HttpCalls(self._listener, self._access.http, words, self._access.doors)
        return self._calls
