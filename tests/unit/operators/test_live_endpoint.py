"""The door for scrapers: it answers one question, on this machine only, and nothing shakes it."""

from __future__ import annotations

import asyncio

import pytest

from isolation.drive.watch.live.endpoint import MetricsEndpoint


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def numbers() -> str:
    return "# EOF\n"


@pytest.mark.asyncio
async def test_a_scrape_is_answered_and_everything_else_is_not() -> None:
    endpoint = MetricsEndpoint(numbers)
    port = await endpoint.open(0)
    try:
        found = await ask(port, b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
        assert found.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0")
        assert found.endswith(b"\r\n\r\n# EOF\n")
        for request in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"POST /metrics HTTP/1.1\r\n\r\n",
            b"GET /metrics/../secrets HTTP/1.1\r\n\r\n",
        ):
            assert (await ask(port, request)).startswith(b"HTTP/1.1 404 ")
        assert await ask(port, b"x" * 40_000) == b""
        assert await ask(port, b"GET") == b""
        assert (await ask(port, b"GET /metrics?x=1 HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    finally:
        await endpoint.close()
