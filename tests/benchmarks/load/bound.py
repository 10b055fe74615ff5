"""The bound for Python: frames cut by hand on asyncio and uvloop, nothing decoded, nothing recorded."""

from __future__ import annotations

import asyncio
import base64
import os
import time

_REQUEST = b'{"id":"tenant-0001.000001","do":"work","event":"done"}'
_FRAME = bytes((0x81, 0x80 | len(_REQUEST))) + b"\0\0\0\0" + _REQUEST


class BoundClient(asyncio.Protocol):
    """One connection."""

    def __init__(self, port: int) -> None:
        """Prepare."""
        self.port = port
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answered_at = 0.0
        self.count = 0
        self.again = False
        self._rest = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(  # type: ignore[attr-defined]  # a transport that writes
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count whole frames."""
        data = self._rest + data
        if not self._upgraded:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._rest = data
                return
            self._upgraded, data = True, data[end + 4 :]
        at = 0
        while at + 2 <= len(data) and at + 2 + data[at + 1] <= len(data):
            at += 2 + data[at + 1]
            self._frame()
        self._rest = data[at:]

    def send(self) -> None:
        """Ask once."""
        self.transport.write(_FRAME)  # type: ignore[attr-defined]  # a transport that writes

    def _frame(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)
            return
        self.answered_at = time.monotonic()
        self.count += 1
        if self.again:
            self.send()


async def connect(port: int, count: int) -> list[BoundClient]:
    """Open connections, some at a time."""
    loop, clients = asyncio.get_running_loop(), list[BoundClient]()
    waiting = iter(range(count))

    async def one_after_the_other() -> None:
        for _ in waiting:
            client = BoundClient(port)
            await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
            await client.ready
            clients.append(client)

    await asyncio.gather(*(one_after_the_other() for _ in range(200)))
    return clients
