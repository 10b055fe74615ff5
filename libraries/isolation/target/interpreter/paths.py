"""Dotted paths into frames and answers, made into quick look-ups."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

Look = Callable[[object], object]


class _Missing:
    """What a look-up gives where nothing is."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
_DOT = re.compile(r"(?<!\\)\.")


def split_path(path: str) -> tuple[str, ...]:
    r"""The keys of a path; an empty key is a key that contains nothing, ``\.`` is a dot inside of a key."""
    return tuple(key.replace("\\.", ".") for key in _DOT.split(path)) if path else ()


@lru_cache(maxsize=4096)
def compile_path(path: str) -> Look:
    """A function that looks up a path; it gives MISSING where nothing is, and never fails."""
    keys = split_path(path)
    if not keys:
        return lambda frame: frame
    if len(keys) == 1:
        return _one(keys[0])
    if len(keys) == 2:
        return _two(*keys)
    first = _two(keys[0], keys[1])
    rest = keys[2:]

    def look(frame: object) -> object:
        value = first(frame)
        for key in rest:
            value = value.get(key, MISSING) if type(value) is dict else _other(value, key)
        return value

    return look


def _one(key: str) -> Look:
    def look(frame: object) -> object:
        return frame.get(key, MISSING) if type(frame) is dict else _other(frame, key)

    return look


def _two(outer: str, inner: str) -> Look:
    def look(frame: object) -> object:
        value = frame.get(outer, MISSING) if type(frame) is dict else _other(frame, outer)
        return value.get(inner, MISSING) if type(value) is dict else _other(value, inner)

    return look


def _other(value: object, key: str) -> object:
    """An entry of a list by its number, counted from the end when negative; nothing else has entries."""
    if type(value) is list and (key.isascii() and (key.isdigit() or (key[:1] == "-" and key[1:].isdigit()))):
        if len(key) > 9:
            return MISSING
        number = int(key)
        if -len(value) <= number < len(value):
            return value[number]
    return MISSING
