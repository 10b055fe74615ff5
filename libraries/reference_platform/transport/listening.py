"""Listening for WebSocket connections, on this machine only, without a word of the library's own on the console."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

HOST = "127.0.0.1"


async def listen(
    serve_one: Callable[[ServerConnection], Awaitable[None]], port: int, **options: Any
) -> tuple[Server, int]:
    """Listen at a port, or at any for 0; the server and its port."""
    quiet = logging.getLogger("websockets.quiet")
    quiet.setLevel(logging.CRITICAL)
    server = await serve(
        serve_one, HOST, port, compression=None, close_timeout=1, server_header=None, logger=quiet, **options
    )
    return server, int(server.sockets[0].getsockname()[1])
