"""Received things as frames: what came over WebSocket, HTTP, as a server-sent event or by socket.io has one form."""

from __future__ import annotations

import json
from collections.abc import Mapping

import orjson

STATUS = "$status"
END = "$end"
TEXT = "$text"
REQUEST = "$request"
HEADERS = "$headers"


def message(data: str | bytes) -> object:
    """A WebSocket message: an object or a list when it is JSON, else ``{$text: ...}``. Never fails."""
    try:
        value = orjson.loads(data)
    except ValueError:
        # What the quick reader does not take, the lenient one may: NaN, half characters, very deep nesting.
        try:
            value = json.loads(data)
        except (ValueError, RecursionError, MemoryError):
            return {TEXT: _as_text(data)}
    if type(value) is not dict and type(value) is not list:
        return {TEXT: _as_text(data)}
    # Only an escape can hold half a character; most frames have none.
    escaped = b"\\u" in data if isinstance(data, bytes) else "\\u" in data
    return _without_surrogates(value) if escaped and _may_hold_surrogates(data) else value


def http_answer(status: int, headers: Mapping[str, str], body: bytes, kind: str = "") -> dict[str, object]:
    """A plain HTTP answer: ``{$status, $headers, $request, body}``; an empty body is absent."""
    frame: dict[str, object] = {
        STATUS: status,
        HEADERS: {name.lower(): value for name, value in headers.items()},
        REQUEST: kind,
    }
    if body:
        frame["body"] = _body(body)
    return frame


def stream_event(event: str, data: str, event_id: str = "", kind: str = "") -> dict[str, object]:
    """A server-sent event: ``{event, data, id, $request}``; data is JSON where it is."""
    return {"event": event, "data": _body(data), "id": event_id, REQUEST: kind}


def stream_end(status: int, kind: str = "") -> dict[str, object]:
    """The end of a stream that began with that status."""
    return {END: status, REQUEST: kind}


def socket_event(event: str, arguments: list[object]) -> dict[str, object]:
    """An event of socket.io: ``{event, data}``; data is the only argument, or the list of all."""
    return {"event": event, "data": arguments[0] if len(arguments) == 1 else arguments}


def _body(data: str | bytes) -> object:
    value = message(data)
    if type(value) is dict and len(value) == 1 and TEXT in value:
        try:
            return json.loads(data)  # a text, a number, true, false or null
        except (ValueError, RecursionError, MemoryError):
            return value[TEXT]
    return value


def _as_text(data: str | bytes) -> str:
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else _clean(data)


def _may_hold_surrogates(data: str | bytes) -> bool:
    if isinstance(data, bytes):
        return b"\\ud" in data or b"\\uD" in data
    return "\\ud" in data or "\\uD" in data


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text


def _without_surrogates(value: object) -> object:
    """The same with every lone surrogate replaced: it cannot be written to any file."""
    try:
        return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError, MemoryError):
        return {TEXT: ""}
