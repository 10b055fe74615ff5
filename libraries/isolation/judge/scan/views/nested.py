"""Long encoded tokens, opened whatever they hold: compressed data, JSON, or another encoding inside base64 or hex.

A token is a run of at least 56 base64 characters: enough for a compressed marker, longer than a UUID. Runs are found
on 8-byte words: a run of 56 bytes always covers six whole words. Text has hardly any, so this costs one fast pass.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from isolation.judge.scan.views.encodings import decode_base64
from isolation.judge.scan.views.expansion import Expansion, grouped, whole

MINIMUM: Final = 56
_WORD: Final = 8
_BLOCK: Final = 64 * 1024
"""Compared at a time, so that the intermediate results stay in the cache."""
_WORDS: Final = b"\x01" * (MINIMUM // _WORD - 1)
_ALL_IN: Final = int.from_bytes(b"\x01" * _WORD, "little")
_LOWEST, _HIGHEST = ord("+"), ord("z")
_TOKEN: Final = re.compile(rb"[A-Za-z0-9+/_-]{%d,}(?:(?:\\r)?\\n[A-Za-z0-9+/_-]+|\r?\n[A-Za-z0-9+/_-]+)*" % MINIMUM)
_BREAK: Final = re.compile(rb"\\[rn]|[\r\n]")
_HEX: Final = re.compile(rb"[0-9a-fA-F]{%d,}" % MINIMUM)
_GLUE: Final = re.compile(rb"[/_+-]")
_GLUE_WITHIN: Final = 64
_BEGINNINGS: Final = (b"\x1f\x8b\x08", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
"""What gzip and zlib streams begin with."""
_ANCHORS: Final = (b"ODg4OD", b"H4sI")
"""What begins a group of four in the base64 of the prefix and of a gzip stream."""


def tokens(data: bytes) -> Iterator[Expansion]:
    """The contents of every long token, at each alignment that is worth a try."""
    covered = 0
    for low, high in _regions(data):
        for match in _TOKEN.finditer(data, max(low, covered), high):
            token = match[0]
            # A token wrapped into lines goes on behind the region, which ends at the first line break.
            full = _TOKEN.match(data, match.start())
            if full and full.end() > match.end():
                token = full[0]
            end = match.start() + len(token)
            covered = max(covered, end)
            yield from _opened(token, match.start(), end)


def _regions(data: bytes) -> Iterator[tuple[int, int]]:
    """Stretches that may hold a long token; a superset, found on words."""
    if len(data) < MINIMUM:
        return
    codes = np.frombuffer(data, dtype=np.uint8, count=len(data) // _WORD * _WORD)
    words = b"".join(_words_inside(codes[at : at + _BLOCK]) for at in range(0, len(codes), _BLOCK))
    position = words.find(_WORDS)
    while position >= 0:
        end = words.find(b"\x00", position)
        end = len(words) if end < 0 else end
        yield max(0, (position - 1) * _WORD), min(len(data), (end + 1) * _WORD)
        position = words.find(_WORDS, end)


def _words_inside(codes: NDArray[np.uint8]) -> bytes:
    """One byte per word of eight: 1 when all of them may belong to a token."""
    inside = (codes - np.uint8(_LOWEST)) <= np.uint8(_HIGHEST - _LOWEST)
    words: NDArray[np.bool_] = inside.view(np.uint64) == np.uint64(_ALL_IN)
    return words.tobytes()


def _opened(token: bytes, start: int, end: int) -> Iterator[Expansion]:
    text = _BREAK.sub(b"", token) if b"\n" in token or b"\\" in token else token
    wrapped = len(text) < len(token)
    starts = [0, *(glue.end() for glue in _GLUE.finditer(text, 0, _GLUE_WITHIN))]
    for begin in starts:
        digits = _HEX.match(text, begin)
        if digits:
            for first in range(begin, begin + 1 + len(digits[0]) % 2):
                size = (digits.end() - first) // 2 * 2
                locate = whole(start, end) if wrapped else grouped(start + first, start + first + size, 2, 1)
                yield Expansion("hex", binascii.unhexlify(text[first : first + size]), locate)
            if digits[0] == text:
                return
    for shift in sorted(_shifts(text, starts)):
        locate = whole(start, end) if wrapped else grouped(start + shift, end, 4, 3)
        yield Expansion("base64", decode_base64(text[shift:]), locate)


def _promising(token: bytes) -> bool:
    head = decode_base64(token)
    return head.isascii() or head.startswith(_BEGINNINGS)


def _shifts(token: bytes, starts: list[int]) -> set[int]:
    """Where groups of four may begin: at the token, behind a path or name glued to it, or where an anchor says.

    Any token has such glue characters by chance; one counts when something begins behind it.
    """
    shifts = {0} | {start % 4 for start in starts if _promising(token[start : start + MINIMUM])}
    for anchor in _ANCHORS:
        position = token.find(anchor)
        while position >= 0:
            shifts.add(position % 4)
            position = token.find(anchor, position + len(anchor))
    return shifts
