"""One handshake with a credential of any kind, and how the target replied to it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.http11 import Response

from isolation.record import Outcome
from isolation.target.adapter import Adapter, FrameKind, UnknownRequest

_REFUSING = (400, 401, 403, 404, 405, 413, 429, 431)
"""HTTP statuses by which a server says that it does not let somebody in."""
SERVED = (FrameKind.ANSWERED, FrameKind.PONG)
"""What a target says to somebody whom it serves."""
_KNOCK = "knock"


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


async def try_handshake(
    address: str, adapter: Adapter, headers: Sequence[tuple[str, str]], timeout_s: float = 5.0, keep: bool = False
) -> Reply:
    """Try to get in.

    Args:
        address: The tenant door.
        adapter: Reads the frames: a welcome counts as being let in, and so does the answer to a ping.
        headers: What the handshake carries.
        timeout_s: Seconds for all of it.
        keep: Whether the connection stays open when it was let in.
    """
    started = time.monotonic()
    length, socket = 0, None
    try:
        async with asyncio.timeout(timeout_s):
            socket = await _open(address, headers)
            outcome, looks = await _let_in(socket, adapter)
    except TimeoutError:
        outcome, looks = Outcome.TIMED_OUT, "no reply"
    except InvalidStatus as error:
        status, length = error.response.status_code, len(error.response.body or b"")
        outcome = Outcome.REFUSED if status in _REFUSING else Outcome.LOST
        looks = f"HTTP {status}, {length} bytes, {_fingerprint(error.response)}"
    except InvalidMessage:
        outcome, looks = Outcome.REFUSED, "connection closed before any HTTP reply"
    except (InvalidHandshake, ConnectionClosed, OSError, ValueError) as error:
        outcome, looks = Outcome.LOST, type(error).__name__
    seconds = time.monotonic() - started
    if socket is not None and not (keep and outcome is Outcome.ANSWERED):
        await socket.close()
        socket = None
    return Reply(outcome, looks, length, seconds, socket)


def _fingerprint(response: Response) -> str:
    """A digest of a refusal's body and headers, but for the date."""
    headers = sorted(f"{name}: {value}" for name, value in response.headers.raw_items() if name.lower() != "date")
    return hashlib.sha256("\n".join(headers).encode() + (response.body or b"")).hexdigest()[:8]


async def _open(address: str, headers: Sequence[tuple[str, str]]) -> ClientConnection:
    return await connect(
        address,
        additional_headers=list(headers),
        compression=None,
        proxy=None,
        ping_interval=None,
        open_timeout=None,
        close_timeout=1,
        user_agent_header=None,
    )


async def _let_in(socket: ClientConnection, adapter: Adapter) -> tuple[Outcome, str]:
    """Only a target that closes has refused: one that says anything but a welcome is asked whether it serves all the same."""
    asked = False
    try:
        while True:
            frame = adapter.read(await socket.recv())
            if frame.kind is FrameKind.WELCOME:
                return Outcome.ANSWERED, "welcome"
            if frame.correlation_id == _KNOCK and frame.kind in SERVED:
                return Outcome.ANSWERED, "served without a welcome"
            if not asked:
                asked = True
                with suppress(UnknownRequest):
                    await socket.send(adapter.encode("ping", _KNOCK, {}))
    except ConnectionClosed:
        return Outcome.REFUSED, f"closed with {socket.close_code} {socket.close_reason}".rstrip()
