"""A socket.io connection (Engine.IO 4); needs the optional package ``python-socketio``."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from isolation.drive.channels.channel import CLOSED_WITHOUT_A_WORD, FrameListener, Refused
from isolation.target.interpreter import Emit
from isolation.target.interpreter.frames import socket_event
from isolation.target.model import Connect

_ACKNOWLEDGED = "$ack"
_NORMAL = 1000


class SocketIoChannel:
    """One connection.

    Args:
        listener: Told what arrives.
    """

    def __init__(self, listener: FrameListener) -> None:
        """Prepare; ``open`` connects."""
        self._listener = listener
        self._client: Any = None
        self._namespace = "/"
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False
        self._refusal: object = None

    async def open(
        self, connect: Connect, url: str, headers: Mapping[str, str], auth: object, timeout_s: float
    ) -> None:
        """Connect and join the namespace.

        Raises:
            Refused: When the platform says no, or the package is missing.
        """
        try:
            import socketio  # type: ignore[import-untyped]  # the package has no types
        except ImportError:
            raise Refused(
                "this target speaks socket.io, and the package 'python-socketio' is not installed "
                "(pip install -r resources/targets/socketio.txt)"
            ) from None
        self._namespace = connect.namespace
        client = socketio.AsyncClient(reconnection=False, logger=False, engineio_logger=False)
        self._client = client
        client.on("*", self._event, namespace=self._namespace)
        client.on("disconnect", self._disconnected, namespace=self._namespace)
        client.on("connect_error", self._not_let_in, namespace=self._namespace)
        try:
            await client.connect(
                url,
                headers=dict(headers),
                auth=auth,
                socketio_path=connect.path,
                namespaces=[self._namespace],
                transports=["websocket"],
                wait_timeout=timeout_s,
            )
        except socketio.exceptions.ConnectionError as error:
            said = self._refusal if self._refusal is not None else str(error)
            text = said if isinstance(said, str) else json.dumps(said, default=str)
            raise Refused(f"the platform refused the socket.io connection: {text[:200]}", body=text.encode()) from None

    def send(self, emit: Emit, request: str) -> None:
        """Send an event now."""
        task = asyncio.create_task(self._emit(emit, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Say goodbye."""
        if self._client is not None and not self._ended:
            await self._client.disconnect()
        self._end(_NORMAL, "")

    async def abort(self) -> None:
        """Cut the connection without a word."""
        client = self._client
        if client is not None and not self._ended:
            socket = getattr(client.eio, "ws", None)
            if socket is not None and getattr(socket, "_response", None) is not None:
                transport = socket._response.connection and socket._response.connection.transport
                if transport is not None:
                    transport.abort()
            await client.disconnect()
        self._end(CLOSED_WITHOUT_A_WORD, "")

    async def _emit(self, emit: Emit, request: str) -> None:
        arguments = tuple(emit.data) if isinstance(emit.data, list) else emit.data

        def acknowledged(*data: object) -> None:
            self._tell({"event": _ACKNOWLEDGED, "data": data[0] if len(data) == 1 else list(data)}, request)

        try:
            await self._client.emit(
                emit.event,
                arguments,
                namespace=self._namespace,
                callback=acknowledged if emit.acknowledged else None,
            )
        except Exception as error:  # noqa: BLE001 - the package has errors of many kinds; the request is lost in any case
            self._listener.failed(request, f"{type(error).__name__}: {error}")

    async def _event(self, event: str, *data: object) -> None:
        self._tell(socket_event(event, list(data)), "")

    def _tell(self, frame: dict[str, object], request: str) -> None:
        raw = json.dumps(frame, ensure_ascii=False, default=_as_text).encode("utf-8", "replace")
        self._listener.received(frame, raw, time.monotonic(), request)

    async def _not_let_in(self, said: object = None) -> None:
        self._refusal = said

    async def _disconnected(self, *reason: object) -> None:
        self._end(CLOSED_WITHOUT_A_WORD, str(reason[0]) if reason else "")

    def _end(self, code: int, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._listener.ended(code, reason)


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
