"""Runs the governor on its end of the socket pair."""

from __future__ import annotations

import asyncio
import signal
import socket

from reference_platform.governor.build import build
from reference_platform.governor.governor import Governor
from reference_platform.governor.messages import FromGovernor, Shutdown, decode, encode
from reference_platform.governor.settings import GovernorSettings

_LONGEST_LINE = 1 << 24


async def serve(channel: socket.socket, settings: GovernorSettings) -> None:
    """Govern until the gateway says so, closes the socket or dies, or a SIGTERM comes.

    Args:
        channel: This side's end of the socket pair.
    """
    reader, writer = await asyncio.open_connection(sock=channel, limit=_LONGEST_LINE)

    def send(message: FromGovernor) -> None:
        if not writer.is_closing():
            writer.write(encode(message))

    governor = build(settings, send)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    tasks = [asyncio.create_task(_listen(reader, governor)), asyncio.create_task(_sample(governor))]
    tasks += [asyncio.create_task(_tick(governor)), asyncio.create_task(_wait(ended))]
    try:
        governor.greet()
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        governor.close()
        writer.close()


async def _wait(ended: asyncio.Event) -> None:
    await ended.wait()


async def _listen(reader: asyncio.StreamReader, governor: Governor) -> None:
    try:
        while line := await reader.readline():
            message = decode(line)
            if isinstance(message, Shutdown):
                return
            governor.receive(message)
    except ConnectionError:
        return


async def _sample(governor: Governor) -> None:
    loop = asyncio.get_running_loop()
    period = governor.settings.sample_seconds
    due = loop.time() + period
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        governor.sample()
        # After a long pause the missed samples are left out, not made up for in a rush.
        due = max(due + period, loop.time())


async def _tick(governor: Governor) -> None:
    while True:
        await asyncio.sleep(governor.enforcer.tick())
