"""The texts inside a JSON message, each under the path where a client would collect it."""

from __future__ import annotations

import json


def texts_by_path(data: bytes) -> dict[str, list[str]]:
    """Every string of a JSON document, in its order, by path.

    Args:
        data: One message.

    Returns:
        By path, such as ``.payload.parts[].text`` (places in a list are one path), the texts. Nothing when ``data`` is
        not a JSON object or list.
    """
    texts: dict[str, list[str]] = {}
    if data.lstrip()[:1] not in (b"{", b"["):
        return texts
    try:
        _collect(json.loads(data), "", texts)
    except (ValueError, RecursionError):
        return {}
    return texts


def _collect(value: object, path: str, texts: dict[str, list[str]]) -> None:
    if isinstance(value, str):
        texts.setdefault(path, []).append(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str | dict | list):
                _collect(inner, f"{path}.{name}", texts)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, f"{path}[]", texts)
