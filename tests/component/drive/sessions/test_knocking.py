"""Who is let in, who is refused, and who was only told so."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from component.drive.small_platform import small_access, small_agent
from isolation.drive.probe.credentials.handshake import try_handshake
from isolation.record import Outcome

ERROR = json.dumps({"event": "error", "code": "unauthenticated"})


async def welcome(socket: ServerConnection) -> None:
    await socket.send(json.dumps({"event": "heartbeat"}))
    await socket.send(json.dumps({"event": "welcome", "session": "s1"}))
    await socket.wait_closed()


async def refuse(socket: ServerConnection) -> None:
    await socket.send(ERROR)
    await socket.close(4401, "no")


async def refuse_in_words(socket: ServerConnection) -> None:
    await socket.send(ERROR)
    await socket.wait_closed()


async def refuse_in_words_and_serve(socket: ServerConnection) -> None:
    await socket.send(ERROR)
    async for text in socket:
        await socket.send(json.dumps({"event": "pong", "id": json.loads(text)["id"]}))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("behave", "outcome", "looks"),
    [
        (welcome, Outcome.ANSWERED, "welcome"),
        (refuse, Outcome.REFUSED, "closed with 4401 no"),
        (refuse_in_words, Outcome.TIMED_OUT, "no reply"),
        (refuse_in_words_and_serve, Outcome.ANSWERED, "served without a welcome"),
    ],
)
async def test_only_a_closed_door_is_a_refusal(
    behave: Callable[[ServerConnection], Awaitable[None]], outcome: Outcome, looks: str
) -> None:
    async with serve(behave, "127.0.0.1", 0, close_timeout=1) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        reply = await try_handshake(
            small_access(f"ws://127.0.0.1:{port}"), small_agent("a", "t", "u"), "", timeout_s=1.0
        )
    assert (reply.outcome, reply.looks) == (outcome, looks)
