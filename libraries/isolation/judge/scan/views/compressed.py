"""Gzip and zlib streams, found by their first bytes.

A raw deflate stream (as in a compressed WebSocket frame) has none; it is tried at the beginning of a piece only.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from isolation.judge.scan.views.expansion import Expansion, whole

_GZIP: Final = re.compile(rb"\x1f\x8b\x08")
_ZLIB: Final = re.compile(rb"x[\x01\x5e\x9c\xda]")
_PIECE: Final = 4096
_LONGEST_RAW: Final = 2**20
_LEAST_RAW: Final = 16
_EITHER_HEADER: Final = 32 + zlib.MAX_WBITS


def compressed(data: bytes, limit: int) -> Iterator[Expansion]:
    """Every stream that can be opened, also when its end is missing.

    Args:
        data: Where to look.
        limit: Most bytes that one stream may grow to; what comes behind is not looked at.
    """
    if data.isascii():
        return
    yield from _raw(data, limit)
    for name, magic in (("gzip", _GZIP), ("zlib", _ZLIB)):
        opened = 0
        for match in magic.finditer(data):
            if match.start() >= opened:
                content, end, sound = _inflate(data, match.start(), limit)
                cut = len(content) == limit
                if content:
                    unopened = len(data) - end if cut else 0
                    yield Expansion(name, content, whole(match.start(), end), unopened)
                if sound:
                    opened = end


def _raw(data: bytes, limit: int) -> Iterator[Expansion]:
    try:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[:_LONGEST_RAW], limit)
    except zlib.error:
        return
    if len(content) >= _LEAST_RAW:
        yield Expansion("deflate", content, whole(0, len(data)))


def _inflate(data: bytes, start: int, limit: int) -> tuple[bytes, int, bool]:
    """What the stream at ``start`` holds, where it ends, and whether it was sound as far as it was read.

    Where it breaks, it is read byte by byte, so that everything before the break comes out.
    """
    stream = zlib.decompressobj(_EITHER_HEADER)
    content = bytearray()
    position = start
    try:
        while position < len(data) and not stream.eof and len(content) < limit:
            content += stream.decompress(data[position : position + _PIECE], limit - len(content))
            position += _PIECE
    except zlib.error:
        return *_salvage(data, start, position, limit), False
    end = min(position, len(data)) - len(stream.unused_data)
    return bytes(content), end, True


def _salvage(data: bytes, start: int, sound_until: int, limit: int) -> tuple[bytes, int]:
    """What a broken stream gives up to its break, and where that is; it breaks soon behind ``sound_until``."""
    stream = zlib.decompressobj(_EITHER_HEADER)
    content = bytearray(stream.decompress(data[start:sound_until], limit))
    position = sound_until
    while position < min(len(data), sound_until + _PIECE) and len(content) < limit:
        try:
            content += stream.decompress(data[position : position + 1], limit - len(content))
        except zlib.error:
            break
        position += 1
    return bytes(content), position
