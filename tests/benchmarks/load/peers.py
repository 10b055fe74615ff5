"""Other load clients, best settings each: ``python -m benchmarks.load.peers CLIENT PORT SESSIONS SECONDS`` prints one JSON line."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks.load import bound

REQUEST = '{"id":"tenant-0001.000001","do":"work","event":"done"}'
_AT_ONCE = 200


class Connection(Protocol):
    """What every client can do."""

    async def send(self) -> None:
        """Send one message."""

    async def receive(self) -> None:
        """Wait for one message."""

    async def close(self) -> None:
        """End."""


class _WebSockets:
    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def send(self) -> None:
        await self._socket.send(REQUEST)

    async def receive(self) -> None:
        await self._socket.recv()

    async def close(self) -> None:
        self._socket.transport.abort()


class _Aiohttp(_WebSockets):
    async def send(self) -> None:
        await self._socket.send_str(REQUEST)

    async def receive(self) -> None:
        await self._socket.receive()

    async def close(self) -> None:
        await self._socket.close()


async def open_websockets(port: int) -> Connection:
    """The ``websockets`` library as it is by default."""
    from websockets.asyncio.client import connect

    return _WebSockets(await connect(f"ws://127.0.0.1:{port}", open_timeout=120, proxy=None))


_client: Any = None


async def open_aiohttp(port: int) -> Connection:
    """aiohttp without a limit of connections."""
    global _client
    import aiohttp

    if _client is None:
        _client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    return _Aiohttp(await _client.ws_connect(f"http://127.0.0.1:{port}/", compress=0, autoping=False))


async def measure_tasks(open_one: Callable[[int], Awaitable[Connection]], port: int, count: int, seconds: float) -> Any:
    """Clients whose messages are awaited: one task for each session."""
    connections: list[Connection] = []
    waiting = iter(range(count))

    async def one_after_the_other() -> None:
        for _ in waiting:
            connection = await open_one(port)
            await connection.receive()
            connections.append(connection)

    before, began = resident(), time.monotonic()
    await asyncio.gather(*(one_after_the_other() for _ in range(_AT_ONCE)))
    found: dict[str, Any] = {
        "connect_s": round(time.monotonic() - began, 3),
        "kb_per_session": kilobytes(before, count),
    }
    rest()
    start, times = time.monotonic(), []

    async def first(connection: Connection) -> None:
        await connection.receive()
        times.append(time.monotonic() - start)

    receiving = [asyncio.create_task(first(connection)) for connection in connections]
    await asyncio.sleep(0)
    start = time.monotonic()
    for connection in connections:
        await connection.send()
    await asyncio.gather(*receiving)
    found["first_ms"] = percentiles(times)
    end, counted, cpu = time.monotonic() + seconds, 0, time.process_time()

    async def loop(connection: Connection) -> None:
        nonlocal counted
        while time.monotonic() < end:
            await connection.send()
            await connection.receive()
            counted += 1

    await asyncio.gather(*(loop(connection) for connection in connections))
    found["per_second"] = round(counted / seconds)
    found["us_per_message"] = round((time.process_time() - cpu) / max(1, counted) * 1e6, 1)
    await asyncio.gather(*(connection.close() for connection in connections))
    if _client is not None:
        await _client.close()
    return found


async def measure_callbacks(
    connect: Callable[[int, int], Awaitable[list[Any]]], port: int, count: int, seconds: float
) -> Any:
    """Clients that call back."""
    before, began = resident(), time.monotonic()
    clients = await connect(port, count)
    found: dict[str, Any] = {
        "connect_s": round(time.monotonic() - began, 3),
        "kb_per_session": kilobytes(before, count),
    }
    rest()
    start = time.monotonic()
    for client in clients:
        client.send()
    while any(not client.count for client in clients):
        await asyncio.sleep(0.001)
    found["first_ms"] = percentiles([client.answered_at - start for client in clients])
    for client in clients:
        client.count, client.again = 0, True
        client.send()
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    count, cpu = sum(client.count for client in clients), time.process_time() - cpu
    found["per_second"] = round(count / (time.monotonic() - began))
    found["us_per_message"] = round(cpu / max(1, count) * 1e6, 1)
    return found


async def connect_picows(port: int, count: int) -> list[Any]:
    """picows."""
    from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

    loop = asyncio.get_running_loop()

    class Listener(WSListener):
        def __init__(self) -> None:
            self.ready: asyncio.Future[None] = loop.create_future()
            self.count, self.answered_at, self.again = 0, 0.0, False

        def on_ws_connected(self, transport: WSTransport) -> None:
            self.transport = transport

        def send(self) -> None:
            self.transport.send(WSMsgType.TEXT, REQUEST.encode())

        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            if not self.ready.done():
                self.ready.set_result(None)
                return
            self.answered_at, self.count = time.monotonic(), self.count + 1
            if self.again:
                self.send()

    listeners: list[Any] = []
    waiting = iter(range(count))

    async def one_after_the_other() -> None:
        for _ in waiting:
            listener: Any
            _, listener = await ws_connect(Listener, f"ws://127.0.0.1:{port}/", enable_auto_pong=False)
            await listener.ready
            listeners.append(listener)

    await asyncio.gather(*(one_after_the_other() for _ in range(_AT_ONCE)))
    return listeners


def resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def kilobytes(before: int, count: int) -> float:
    """Per session."""
    return round((resident() - before) / count / 1024, 1)


def rest() -> None:
    """No collection while something is measured."""
    gc.collect()
    gc.freeze()


def percentiles(values: list[float]) -> list[float]:
    """P50 and P95 in milliseconds."""
    return [round(float(np.percentile(np.array(values) * 1e3, rank)), 1) for rank in (50, 95)]


def main() -> None:
    """Measure and print."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.set_threshold(50_000, 20, 100)
    name, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    work: Any
    if name == "python bound":
        work = measure_callbacks(bound.connect, port, count, seconds)
    elif name == "picows":
        work = measure_callbacks(connect_picows, port, count, seconds)
    else:
        work = measure_tasks({"websockets": open_websockets, "aiohttp": open_aiohttp}[name], port, count, seconds)
    if name == "websockets":
        found = asyncio.run(work)
    else:
        import uvloop

        found = uvloop.run(work)
    print(json.dumps({"client": name, "sessions": count, **found}))


if __name__ == "__main__":
    main()
