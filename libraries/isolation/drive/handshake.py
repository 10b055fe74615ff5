"""One handshake with a credential of any kind, and how the target replied to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from isolation.drive.adapter import Adapter, FrameKind
from isolation.record import Outcome

_REFUSING = (400, 401, 403, 404, 405, 413, 429, 431)
"""HTTP statuses by which a server says that it does not let somebody in."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handshake led to.

    Attributes:
        outcome: ANSWERED when the platform took the caller for somebody, REFUSED when it said no, TIMED_OUT or LOST.
        looks: What a refusal looked like, such as ``HTTP 401, 27 bytes``, or ``closed with 4401``.
        length: Bytes of a refusal's body.
        seconds: Until then.
        socket: The open connection when the caller was let in and wanted to keep it.
    """

    outcome: Outcome
    looks: str
    length: int
    seconds: float
    socket: ClientConnection | None = None


async def knock(
    address: str, adapter: Adapter, headers: Sequence[tuple[str, str]], timeout_s: float = 5.0, keep: bool = False
) -> Reply:
    """Try to get in.

    Args:
        address: The tenant door.
        adapter: Reads the first frame: only a welcome counts as being let in.
        headers: What the handshake carries.
        timeout_s: Seconds for all of it.
        keep: Whether the connection stays open when it was let in.
    """
    started = time.monotonic()

    def reply(outcome: Outcome, looks: str, length: int = 0, socket: ClientConnection | None = None) -> Reply:
        return Reply(outcome, looks, length, time.monotonic() - started, socket)

    try:
        async with asyncio.timeout(timeout_s):
            socket = await connect(
                address,
                additional_headers=list(headers),
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=None,
                close_timeout=1,
                user_agent_header=None,
            )
            return await _welcomed(socket, adapter, reply, keep)
    except TimeoutError:
        return reply(Outcome.TIMED_OUT, "no reply")
    except InvalidStatus as error:
        body = error.response.body or b""
        status = error.response.status_code
        outcome = Outcome.REFUSED if status in _REFUSING else Outcome.LOST
        return reply(outcome, f"HTTP {status}, {len(body)} bytes", len(body))
    except InvalidMessage:
        return reply(Outcome.REFUSED, "connection closed before any HTTP reply")
    except (InvalidHandshake, ConnectionClosed, OSError, ValueError) as error:
        return reply(Outcome.LOST, type(error).__name__)


async def _welcomed(socket: ClientConnection, adapter: Adapter, reply: _Maker, keep: bool) -> Reply:
    try:
        kind = adapter.read(await socket.recv()).kind
    except ConnectionClosed:
        return reply(Outcome.REFUSED, f"closed with {socket.close_code}")
    except BaseException:
        socket.transport.abort()  # time-outs included: a half-open session of a stranger must not stay
        raise
    if kind is not FrameKind.WELCOME:
        await socket.close()
        return reply(Outcome.REFUSED, "no welcome")
    if not keep:
        await socket.close()
        return reply(Outcome.ANSWERED, "welcome")
    return reply(Outcome.ANSWERED, "welcome", 0, socket)
