"""Steps that are one message and its answer over a WebSocket that stays open between them."""

from __future__ import annotations

import asyncio

from isolation.drive.channels.channel import Refused
from isolation.drive.channels.websocket import WebSocketChannel
from isolation.target.interpreter import Exchange, Reply

_Place = tuple[str, tuple[tuple[str, str], ...]]


class Exchanges:
    """One connection for each address and headers; opened again when it was lost (a platform may restart)."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._open: dict[_Place, _Connection] = {}

    @property
    def openings(self) -> int:
        """How often any of them was opened."""
        return sum(connection.openings for connection in self._open.values())

    async def ask(self, exchange: Exchange, timeout_s: float) -> Reply:
        """Send one message and wait for its answer.

        Raises:
            Refused: When the connection is refused or ends.
            TimeoutError: When no answer comes in time.
        """
        place = (exchange.url, tuple(exchange.headers.items()))
        connection = self._open.get(place)
        if connection is None:
            connection = self._open[place] = _Connection(*place)
        async with asyncio.timeout(timeout_s):
            return await connection.ask(exchange)

    async def close(self) -> None:
        """End all connections."""
        connections, self._open = list(self._open.values()), {}
        await asyncio.gather(*(connection.close() for connection in connections))


class _Connection:
    """One connection, on which one question is asked at a time."""

    def __init__(self, url: str, headers: tuple[tuple[str, str], ...]) -> None:
        self._url, self._headers = url, headers
        self.openings = 0
        self._lock = asyncio.Lock()
        self._channel: WebSocketChannel | None = None
        self._received: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def ask(self, exchange: Exchange) -> Reply:
        async with self._lock:
            try:
                channel = await self._opened()
                channel.send(exchange.text.encode())
                return await self._answer(exchange)
            except BaseException as error:
                # Also after a time-out: an answer that comes late must not be taken for that of the next question.
                self._cut()
                if isinstance(error, (OSError, ValueError)) and not isinstance(error, TimeoutError):
                    raise Refused(f"nobody answers there ({error})") from None
                raise

    async def close(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    async def _opened(self) -> WebSocketChannel:
        while not self._received.empty():
            if self._received.get_nowait() is None:
                self._cut()  # it was lost in the meantime
        if self._channel is None:
            self.openings += 1
            self._received = asyncio.Queue()
            self._channel = WebSocketChannel(_Ear(self._received))
            await self._channel.open(self._url, self._headers)
        return self._channel

    async def _answer(self, exchange: Exchange) -> Reply:
        while (data := await self._received.get()) is not None:
            if exchange.is_answer(data):
                return Reply(text=data.decode("utf-8", "replace"))
        raise Refused("the connection was closed before the answer")

    def _cut(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.cut()


class _Ear:
    """Puts what arrives into a queue; ``None`` is the end."""

    def __init__(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._queue = queue

    def heard(self, data: bytes, at: float) -> None:
        self._queue.put_nowait(data)

    def noticed(self, kind: str, data: bytes) -> None:
        """Nothing of it is needed."""

    def ended(self, code: int, reason: str) -> None:
        self._queue.put_nowait(None)
