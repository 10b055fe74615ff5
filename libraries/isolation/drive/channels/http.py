"""HTTP calls of many users over one pool of connections: nothing is shared between users, and no redirect is followed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from isolation.drive.channels.channel import Refused

_LARGEST_BODY = 64 * 1024 * 1024
_LONGEST_HEAD = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back for one call.

    Attributes:
        status: HTTP status.
        headers: Headers in order, a name may occur again.
        body: The body; of a stream what was read before.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that name, or empty."""
        return next((value for own, value in self.headers if own.lower() == name), "")

    def by_name(self) -> dict[str, str]:
        """The headers by their names in small letters; of those that occur again, the last one."""
        return {name.lower(): value for name, value in self.headers}

    def cookies(self) -> dict[str, str]:
        """The cookies that are set, by name."""
        set_here = (value for name, value in self.headers if name.lower() == "set-cookie")
        pairs = (value.split(";", 1)[0].partition("=") for value in set_here)
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}

    @property
    def is_event_stream(self) -> bool:
        """Whether the body is a stream of server-sent events."""
        return self.header("content-type").split(";")[0].strip().lower() == "text/event-stream"


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


class HttpCaller:
    """Makes calls; belongs to the event loop in which its first call is made."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._client: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float = 30.0,
    ) -> HttpReply:
        """One call with its whole body.

        Args:
            url: Complete address.
            headers: All headers, credentials included.
            body: What is sent.

        Raises:
            Refused: When nobody answers, or what comes is no HTTP.
            TimeoutError: When it takes too long.
        """
        async with asyncio.timeout(timeout_s):
            async with self.stream(method, url, headers, body) as (reply, content):
                return HttpReply(reply.status, reply.headers, await _read_all(content))

    @asynccontextmanager
    async def stream(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> AsyncIterator[tuple[HttpReply, aiohttp.StreamReader]]:
        """One call whose body is read by the caller; no redirect is followed.

        Raises:
            Refused: When nobody answers, or what comes is no HTTP.
        """
        try:
            async with self._opened().request(
                method, url, headers=headers, data=body or None, allow_redirects=False
            ) as response:
                raw = tuple(
                    (name.decode("latin-1"), value.decode("latin-1", "replace")) for name, value in response.raw_headers
                )
                yield HttpReply(response.status, raw), response.content
        except aiohttp.ClientError as error:
            raise Refused(_in_words(error)) from None

    async def close(self) -> None:
        """End all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=30),
                trust_env=False,
                auto_decompress=True,
                skip_auto_headers=("User-Agent",),
                max_line_size=_LONGEST_HEAD,
                max_field_size=_LONGEST_HEAD,
            )
        return self._client


async def _read_all(content: aiohttp.StreamReader) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _LARGEST_BODY:
            raise Refused(f"a body of more than {_LARGEST_BODY} bytes")
    return b"".join(parts)


def _in_words(error: aiohttp.ClientError) -> str:
    """What happened, without the address: it may hold a credential."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"nobody answers at {error.host}:{error.port} ({error.os_error.strerror or error.os_error})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed before the answer was complete"
    return f"the answer cannot be read ({type(error).__name__})"
