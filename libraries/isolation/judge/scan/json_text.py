"""The texts inside a JSON message, each with the path under which a client would collect it."""

from __future__ import annotations

import json
from collections.abc import Iterator


def text_leaves(data: bytes) -> Iterator[tuple[str, str]]:
    """Every string of a JSON document as (path, text); nothing when ``data`` is not JSON.

    Args:
        data: One message.

    Yields:
        The path, such as ``.payload.parts[].text`` (places in a list are one path), and the text.
    """
    if data.lstrip()[:1] not in (b"{", b"["):
        return
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return
    yield from _leaves(document)


def _leaves(document: object) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, object]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            waiting.extend((f"{path}.{name}", inner) for name, inner in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend((f"{path}[]", inner) for inner in reversed(value))
