"""Encodings that keep the order of the bytes: each is found by the encoded form of the fixed prefix.

The prefix is a run of one digit, so base64 has one needle for all three alignments and for the URL-safe alphabet
(``8`` is 0x38: the group ``888`` is ``ODg4`` wherever it starts), and hexadecimal has none that depends on case.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

from isolation.judge.scan.views.expansion import Expansion, Locate, grouped, whole

_BEFORE: Final = 512
_AFTER: Final = 2048
"""How much of an encoded text around a needle is decoded; more than six times the longest secret on both sides."""
_STEP: Final = 1024

_BASE64: Final = b"ODg4OD"
_HEX: Final = b"38" * 6
_BASE64_AFTER: Final = re.compile(rb"(?:\\[rn]|[\r\nA-Za-z0-9+/_-])*")
_BASE64_BEFORE: Final = re.compile(rb"(?:\\[rn]|[\r\nA-Za-z0-9+/_-])*\Z")
_LINE_BREAK: Final = re.compile(rb"\\[rn]|[\r\n]")
_HEX_AFTER: Final = re.compile(rb"[0-9a-fA-F]*")
_HEX_BEFORE: Final = re.compile(rb"[0-9a-fA-F]*\Z")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")

# Patterns that begin with one fixed character: the regular expression engine then jumps from one to the next.
_PERCENT: Final = re.compile(rb"%(?:25)*([0-9a-fA-F]{2})")
_PERCENT_RUN: Final = re.compile(rb"%(?:25)*38(?:%(?:25)*38){2}")
_UNICODE: Final = re.compile(rb"\\+u00([0-9a-fA-F]{2})")
_UNICODE_RUN: Final = re.compile(rb"\\\\*u0038(?:\\+u0038){2}")
_ENTITY: Final = re.compile(rb"&(?:amp;)*#(?:[xX]0*([0-9a-fA-F]{2})|0*([0-9]{2,3}));")
_ENTITY_RUN: Final = re.compile(rb"&(?:amp;)*#(?:[xX]0*38|0*56);(?:&(?:amp;)*#(?:[xX]0*38|0*56);){2}")

_ENTITY_BEGIN: Final = re.compile(rb"&(?:amp;)*#")

_WIDE_CHARACTERS: Final = 512
_WIDE: Final = (
    ("utf-16", 2, re.compile(rb"8(?:\x008){2}")),
    ("utf-32", 4, re.compile(rb"8(?:\x00{3}8){2}")),
)


def base64_text(data: bytes) -> Iterator[Expansion]:
    """Base64 of both alphabets at any alignment, also wrapped into lines."""
    position = data.find(_BASE64)
    while position >= 0:
        after = _match(_BASE64_AFTER, data[position : position + _AFTER])
        before = _match(_BASE64_BEFORE, data[max(0, position - _BEFORE) : position])
        head, tail = _LINE_BREAK.sub(b"", before), _LINE_BREAK.sub(b"", after)
        head = head[len(head) % 4 :]
        wrapped = len(tail) < len(after) or b"\n" in before or b"\\" in before
        span = (position - len(head), position + len(after))
        locate = whole(*span) if wrapped else grouped(*span, 4, 3)
        yield Expansion("base64", decode_base64(head + tail), locate)
        position = data.find(_BASE64, position + (_STEP if len(after) == _AFTER else len(after)))


def decode_base64(token: bytes) -> bytes:
    """The bytes of a token of either alphabet without padding; an incomplete last group gives what it can."""
    token = token.translate(_URL_SAFE)
    if len(token) % 4 == 1:
        token = token[:-1]
    return binascii.a2b_base64(token + b"=" * (-len(token) % 4))


def hexadecimal(data: bytes) -> Iterator[Expansion]:
    """Hexadecimal digits, upper or lower case."""
    position = data.find(_HEX)
    while position >= 0:
        after = _match(_HEX_AFTER, data[position : position + _AFTER])
        before = _match(_HEX_BEFORE, data[max(0, position - _BEFORE) : position])
        digits = before[len(before) % 2 :] + after[: len(after) // 2 * 2]
        start = position - len(before) // 2 * 2
        yield Expansion("hex", binascii.unhexlify(digits), grouped(start, start + len(digits), 2, 1))
        position = data.find(_HEX, position + (_STEP if len(after) == _AFTER else len(after)))


def escapes(data: bytes) -> Iterator[Expansion]:
    r"""URL encoding (also doubled), ``\u00XX`` as in JSON (also inside quoted JSON) and character references."""
    if b"%" in data:
        yield from _unescaped("url", data, _PERCENT_RUN, _PERCENT)
    if b"\\" in data and b"\\u0038" in data:
        yield from _unescaped("unicode escapes", data, _UNICODE_RUN, _UNICODE)
    if b"&" in data and _ENTITY_BEGIN.search(data):
        yield from _unescaped("character references", data, _ENTITY_RUN, _ENTITY)


def wide(data: bytes) -> Iterator[Expansion]:
    """UTF-16 and UTF-32 of either byte order, as in the memory of many language runtimes."""
    if b"\0" not in data:
        return
    for name, stride, needle in _WIDE:
        found = needle.search(data)
        while found:
            position = found.start()
            text = _narrow(data[position : position + _WIDE_CHARACTERS * stride], stride)
            yield Expansion(name, text, grouped(position, position + len(text) * stride, stride, 1))
            advance = len(text) if len(text) < _WIDE_CHARACTERS else _WIDE_CHARACTERS // 2
            found = needle.search(data, position + advance * stride)


def _narrow(data: bytes, stride: int) -> bytes:
    """The characters of wide text up to the first that does not fit one byte."""
    length = len(data[::stride])
    for lane in range(1, stride):
        zeros = data[lane::stride]
        length = min(length, len(zeros) - len(zeros.lstrip(b"\0")) + 1)
    return data[::stride][:length]


def _unescaped(name: str, data: bytes, run: re.Pattern[bytes], escape: re.Pattern[bytes]) -> Iterator[Expansion]:
    covered = 0
    for needle in run.finditer(data):
        if needle.start() < covered:
            continue
        start, end = max(0, needle.start() - _BEFORE), min(len(data), needle.start() + _AFTER)
        content, origins = _unescape(data, start, end, escape)
        yield Expansion(name, content, _from_origins(origins))
        covered = needle.start() + _STEP if end < len(data) else end


def _unescape(data: bytes, start: int, end: int, escape: re.Pattern[bytes]) -> tuple[bytes, list[int]]:
    """The unescaped text, and for each of its bytes (and its end) the offset in ``data`` that it came from."""
    content = bytearray()
    origins: list[int] = []
    position = start
    for match in escape.finditer(data, start, end):
        content += data[position : match.start()]
        origins.extend(range(position, match.start() + 1))
        digits = match[match.lastindex or 1]
        content.append(int(digits, 16 if match.lastindex == 1 else 10) & 0xFF)
        position = match.end()
    content += data[position:end]
    origins.extend(range(position, end + 1))
    return bytes(content), origins


def _from_origins(origins: list[int]) -> Locate:
    return lambda first, last: (origins[first], origins[last])


def _match(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    found = pattern.search(data)
    return found[0] if found else b""
