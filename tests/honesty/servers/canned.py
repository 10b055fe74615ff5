"""The canned server: everybody is welcome, whatever the token, and everything is answered with an empty final frame."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

WORK = ("execute", "orchestrate")


async def session(socket: ServerConnection) -> None:
    """Serve one connection of either door."""
    operator = bool(socket.request and socket.request.path.startswith("/operator"))
    with suppress(ConnectionClosed):
        if not operator:
            await socket.send('{"event": "welcome"}')
        async for text in socket:
            with suppress(ValueError, AttributeError):
                request = json.loads(text)
                await socket.send(json.dumps(_operator(request) if operator else _final(request)))


def _operator(request: dict[str, object]) -> dict[str, object]:
    return {"id": request.get("id"), "ok": True, "result": {}}


def _final(request: dict[str, object]) -> dict[str, object]:
    kind = request.get("type")
    event = "pong" if kind == "ping" else "agent_completed" if kind in WORK else "operation_completed"
    return {"event": event, "id": request.get("id"), "result": {}}


async def run() -> None:
    """Serve until a signal comes."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    with tempfile.TemporaryDirectory(prefix="canned-") as folder:
        server = await serve(session, "127.0.0.1", 0, max_size=None)
        address = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        credentials = Path(folder) / "credentials.json"
        credentials.touch(mode=0o600)
        credentials.write_text(json.dumps({"jwt_secret": "k" * 64, "operator_credential": "o" * 48}))
        ready = {
            "ready": True,
            "tenant_endpoint": f"{address}/agents",
            "operator_api": f"{address}/operator",
            "credentials_file": str(credentials),
            "pid": os.getpid(),
        }
        print(json.dumps(ready), flush=True)
        await stopping.wait()
        server.close()


if __name__ == "__main__":
    asyncio.run(run())
