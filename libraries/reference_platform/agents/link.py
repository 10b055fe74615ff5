"""The gateway's end of an agent's socket."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

_encode = json.JSONEncoder(separators=(",", ":")).encode


class AgentLink(asyncio.Protocol):
    """Sends and receives messages, one JSON object per line.

    Args:
        on_message: Told of each message. When it returns something to wait for, nothing more is read from the agent until
            then: the agent's own sending comes to a stop soon after, and no one else is affected.
    """

    def __init__(self, on_message: Callable[[dict[str, Any]], Awaitable[None] | None]) -> None:
        self._on_message = on_message
        self._transport: asyncio.Transport | None = None
        self._incomplete = b""
        self._received: deque[bytes] = deque()
        self._pause: asyncio.Task[None] | None = None
        self._closed = False

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; nothing happens when the agent has ended."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_encode(message).encode("ascii") + b"\n")

    def close(self) -> None:
        """Close the socket and hand over nothing more."""
        self._closed = True
        self._received.clear()
        if self._pause is not None:
            self._pause.cancel()
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; an agent that has ended before needs none."""
        transport = cast(asyncio.Transport, transport)
        if self._closed:
            transport.abort()
        else:
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand over complete lines."""
        lines = (self._incomplete + data).split(b"\n")
        self._incomplete = lines.pop()
        self._received.extend(lines)
        self._hand_over()

    def _hand_over(self) -> None:
        while self._received and self._pause is None:
            waiting = self._on_message(json.loads(self._received.popleft()))
            if waiting is not None and self._transport is not None:
                self._transport.pause_reading()
                self._pause = asyncio.ensure_future(self._go_on_after(waiting))

    async def _go_on_after(self, waiting: Awaitable[None]) -> None:
        await waiting
        self._pause = None
        if self._transport is not None:
            self._transport.resume_reading()
            self._hand_over()
