"""A door for scrapers: ``GET /metrics`` on this machine, nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_LONGEST_HEAD = 16 * 1024
_PATIENCE_S = 5.0


class MetricsEndpoint:
    """Answers every scrape with a fresh text.

    Args:
        text: Makes it.
    """

    def __init__(self, text: Callable[[], Awaitable[str]]) -> None:
        """Not open yet."""
        self._text = text
        self._server: asyncio.Server | None = None

    async def open(self, port: int) -> int:
        """Listen on the loopback address; 0 takes a free port.

        Returns:
            The port.

        Raises:
            OSError: The port is taken.
        """
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", port, limit=_LONGEST_HEAD)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                words = head.split(b"\r\n", 1)[0].split(b" ")
                found = len(words) == 3 and words[0] == b"GET" and words[1].partition(b"?")[0] == b"/metrics"
                body = (await self._text()).encode() if found else b"only GET /metrics\n"
                status, kind = ("200 OK", _TYPE) if found else ("404 Not Found", "text/plain")
                fields = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
                writer.write(f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + body)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked is gone, or does not speak HTTP
        finally:
            writer.close()
