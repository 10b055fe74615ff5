"""A gateway for agents as many are written: one Redis client for everybody, a task for each request, and cancellation.

``gateway.py PORT REDIS_PORT``; the key of its tokens is in KNOWN_LEAK_KEY.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import redis
import redis.asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "staging"))
from bearer import user_of

PORT, REDIS_PORT = int(sys.argv[1]), int(sys.argv[2])
STORE = redis.asyncio.Redis(port=REDIS_PORT, decode_responses=True)
# Redis thinks about a draft for a while before it gives it back, as it does over a large set.
DRAFT = """
local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local stop = now() + 25
while now() < stop do end
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('GET', KEYS[1])
"""


async def perform(user: str, order: dict) -> dict:
    """Do what is asked for."""
    if order["do"] == "draft":
        return {"draft": await STORE.eval(DRAFT, 1, f"draft:{user}", order["text"])}
    if order["do"] == "save":
        await STORE.set(f"note:{user}", order["text"])
        return {"saved": True}
    if order["do"] == "note":
        return {"note": await STORE.get(f"note:{user}")}
    return {"done": True}


async def answer(socket: WebSocket, user: str, order: dict) -> None:
    """Perform one order and say what became of it."""
    try:
        said = {"status": "done", "data": await perform(user, order)}
    except asyncio.CancelledError:
        said = {"status": "cancelled"}
    except redis.RedisError as error:
        said = {"status": "failed", "why": type(error).__name__}
    await socket.send_json({"order": order["number"], **said})


async def converse(socket: WebSocket) -> None:
    """One user's session."""
    user = user_of(socket.headers.get("authorization", ""))
    if user is None:
        await socket.close(4401)
        return
    await socket.accept()
    await socket.send_json({"status": "welcome", "user": user})
    open_orders: dict[str, asyncio.Task] = {}
    try:
        while True:
            order = await socket.receive_json()
            if order["do"] == "cancel":
                task = open_orders.get(order["which"])
                if task is not None:
                    task.cancel()
                await socket.send_json(
                    {"order": order["number"], "status": "done", "data": {"cancelling": task is not None}}
                )
            else:
                task = asyncio.create_task(answer(socket, user, order))
                open_orders[order["number"]] = task
                task.add_done_callback(lambda _, number=order["number"]: open_orders.pop(number, None))
    except WebSocketDisconnect:
        for task in list(open_orders.values()):
            task.cancel()


uvicorn.run(Starlette(routes=[WebSocketRoute("/agent", converse)]), host="127.0.0.1", port=PORT, log_level="warning")
