"""Texts written as numbers, one for each byte, with something in between: dumps, lists, vectors.

Each is found by the digit of the prefix in that notation, three times with separators: one pass of a regular expression
that begins with a fixed character. What stands around it is read number by number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from isolation.judge.scan.views.expansion import Expansion, whole

_BEFORE: Final = 1024
_AFTER: Final = 4096
_HEX_NEEDLE: Final = re.compile(rb"38[^0-9A-Za-z%]{1,3}(?:0?x)?38[^0-9A-Za-z%]")
_HEX_RUN: Final = re.compile(rb"[0-9a-fA-F]{2}(?:[^0-9A-Za-z]{1,4}(?:0?[xX])?[0-9a-fA-F]{2}(?![0-9a-fA-F])){7,}")
_HEX_BYTE: Final = re.compile(rb"(?<![0-9a-wyzA-WYZ])[0-9a-fA-F]{2}(?![0-9A-Za-z])")
_DECIMAL_NEEDLE: Final = re.compile(rb"56[^0-9A-Za-z.]{1,16}56[^0-9A-Za-z.]{1,16}56")
_DECIMAL_RUN: Final = re.compile(rb"\d{1,3}(?:[^0-9A-Za-z.]{1,16}\d{1,3}(?!\d)){7,}")
_DECIMAL: Final = re.compile(rb"\d+")
_FLOAT_NEEDLE: Final = b"0.2196078"
"""56/255, the digit as a component between 0 and 1."""
_FLOAT_RUN: Final = re.compile(rb"[01]?\.\d+(?:[^0-9A-Za-z.]{1,16}[01]?\.\d+){7,}")
_FLOAT: Final = re.compile(rb"\.\d+")
_BYTE: Final = 255

_Read = Callable[[bytes], bytes]


def number_lists(data: bytes) -> Iterator[Expansion]:
    """Bytes as hexadecimal pairs (dumps, ``=38``, ``x38``), as decimal numbers, or as parts of 255."""
    yield from _lists("hex list", data, _HEX_NEEDLE, _HEX_RUN, _hex_bytes)
    yield from _lists("number list", data, _DECIMAL_NEEDLE, _DECIMAL_RUN, _decimal_bytes)
    if b"[" in data and _FLOAT_NEEDLE in data:
        yield from _lists("fractions", data, re.compile(re.escape(_FLOAT_NEEDLE)), _FLOAT_RUN, _float_bytes)


def _lists(
    name: str, data: bytes, needle: re.Pattern[bytes], run: re.Pattern[bytes], read: _Read
) -> Iterator[Expansion]:
    found = needle.search(data)
    while found:
        low = max(0, found.start() - _BEFORE)
        covered = found.end()
        for match in run.finditer(data, low, found.start() + _AFTER):
            if match.end() > found.start():
                yield Expansion(name, read(match[0]), whole(*match.span()))
                covered = max(covered, match.end())
                break
        found = needle.search(data, covered)


def _hex_bytes(text: bytes) -> bytes:
    return bytes(int(digits, 16) for digits in _HEX_BYTE.findall(text))


def _decimal_bytes(text: bytes) -> bytes:
    return bytes(min(int(digits), _BYTE) for digits in _DECIMAL.findall(text))


def _float_bytes(text: bytes) -> bytes:
    return bytes(round(float(b"0" + digits[:12]) * _BYTE) for digits in _FLOAT.findall(text))
