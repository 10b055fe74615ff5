"""The same frames, carried otherwise."""

from __future__ import annotations

import secrets
from typing import Any

from reference_platform.defects.surgery import replace

_HEADERS = {
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=63072000",
    "Via": "1.1 edge-7",
    "Server": "edge",
}
_PING_SECONDS = 0.5


def extra_headers() -> None:
    """More headers in every answer to a handshake, one of them different each time, and a cookie that means nothing."""
    _served_with(process_response=_adorned)


def compressed() -> None:
    """Messages are compressed (RFC 7692) where the client offers it."""
    _served_with(compression="deflate")


def pings() -> None:
    """Pings twice a second."""
    _served_with(ping_interval=_PING_SECONDS)


def _adorned(connection: Any, request: Any, response: Any) -> Any:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers["X-Request-Id"] = secrets.token_hex(8)
    response.headers["Set-Cookie"] = "affinity=edge-7; Path=/; HttpOnly"
    return response


def _served_with(**options: Any) -> None:
    from reference_platform.transport import listening

    serve = vars(listening)["serve"]
    replace(listening, "serve", lambda *arguments, **usual: serve(*arguments, **{**usual, **options}))
