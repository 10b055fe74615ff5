"""The texts inside JSON messages, each under the path where a client would collect it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

_FIELD: Final = b"data:"
_INDEX: Final = re.compile(r"\d+")
_MOST_LEAVES: Final = 16
"""A message of more texts is no piece of a stream."""
_LONGEST_MARK: Final = 64
_MOST_MARKS: Final = 4


def documents_in(data: bytes) -> list[object]:
    """The JSON objects and lists that a message consists of: one, or lines of them, also as ``data:`` lines of an event stream."""
    return list(_documents(data))


def texts_by_path(documents: Iterable[object]) -> dict[str, list[str]]:
    """Every string of a message, in its order, by path.

    Args:
        documents: What the message consists of.

    Returns:
        By path, such as ``.payload.parts[].text`` (places in a list, and names that are numbers, are one path), the texts.
    """
    texts: dict[str, list[str]] = {}
    for document in documents:
        _collect(document, "", texts)
    return texts


def texts_by_stream(documents: Iterable[object]) -> dict[str, list[str]]:
    """The strings of a short message once more, by path and each value that stands beside them.

    Two streams that take turns at one path differ in such a value: an id, an index, a name.
    """
    streams: dict[str, list[str]] = {}
    for document in documents:
        leaves: list[tuple[str, str, tuple[str, ...]]] = []
        _mark(document, "", (), leaves)
        for path, text, marks in leaves if len(leaves) <= _MOST_LEAVES else ():
            for mark in marks:
                streams.setdefault(f"{path} beside {mark}", []).append(text)
    return streams


def _documents(data: bytes) -> Iterator[object]:
    begin = data.lstrip()[:5]
    if begin[:1] not in (b"{", b"[") and begin != _FIELD and b"\n" + _FIELD not in data:
        return
    if begin[:1] in (b"{", b"["):
        try:
            yield json.loads(data)
            return
        except (ValueError, RecursionError):
            if b"\n" not in data.strip():
                return
    for line in data.splitlines():
        line = line.removeprefix(_FIELD).strip()
        if line[:1] in (b"{", b"["):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                continue  # a line of something else


def _collect(value: object, path: str, texts: dict[str, list[str]]) -> None:
    if isinstance(value, str):
        texts.setdefault(path, []).append(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str | dict | list):
                _collect(inner, f"{path}.{_named(name)}", texts)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, f"{path}[]", texts)


def _mark(value: object, path: str, marks: tuple[str, ...], leaves: list[tuple[str, str, tuple[str, ...]]]) -> None:
    if isinstance(value, str):
        leaves.append((path, value, tuple(mark for mark in marks if not mark.startswith(f"{path}="))))
    elif isinstance(value, dict):
        own = [f"{path}.{name}={inner}" for name, inner in value.items() if _is_mark(inner)]
        marks = (*marks, *own)[-_MOST_MARKS:]
        for name, inner in value.items():
            if isinstance(inner, str | dict | list):
                _mark(inner, f"{path}.{_named(name)}", marks, leaves)
    elif isinstance(value, list):
        for inner in value[: _MOST_LEAVES + 1]:
            _mark(inner, f"{path}[]", marks, leaves)


def _is_mark(value: object) -> bool:
    return (isinstance(value, str) and len(value) <= _LONGEST_MARK) or (isinstance(value, int))


def _named(name: str) -> str:
    return _INDEX.sub("#", name) if name[-1:].isdigit() else name
