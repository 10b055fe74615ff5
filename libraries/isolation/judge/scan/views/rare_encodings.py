"""Encodings that a leak seldom takes: base32, the three kinds of base85, and letters that only look like the plain ones.

Of eight equal digits every alignment holds a whole group, so each encoding has one needle, as base64 has.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from isolation.judge.scan.views.expansion import Expansion, whole
from isolation.record.secrets.markers import PREFIX_DIGIT

_BEFORE: Final = 600
_AFTER: Final = 1200
_BASE32: Final = b"4DQO"
"""Base32 of a run of the digit is ``HA4DQOBY`` again and again; this part begins two characters into a group of eight."""
_BASE32_GROUP: Final = 8
_BASE32_PLACE: Final = 2
_BASE32_RUN: Final = re.compile(rb"[A-Z2-7]*")
_BASE85_GROUP: Final = 5
_Z85: Final = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_TO_B85: Final = bytes.maketrans(_Z85, _B85)
_DIGITS: Final = PREFIX_DIGIT.encode() * 4
_BASE85_NEEDLE: Final = base64.b85encode(_DIGITS)
_ASCII85_NEEDLE: Final = base64.a85encode(_DIGITS)
_Z85_NEEDLE: Final = _BASE85_NEEDLE.translate(bytes.maketrans(_B85, _Z85))
_LIKE_EIGHTS: Final = tuple(
    chr(code).encode() for code in range(0x80, 0x20000) if unicodedata.normalize("NFKC", chr(code)) == PREFIX_DIGIT
)
"""Full-width, raised, circled, mathematical ... eights."""
_LEADS: Final = tuple(sorted({eight[:1] for eight in _LIKE_EIGHTS}))
_WIDE_ESCAPE: Final = rb"\uff18\uff18"
_ESCAPE: Final = re.compile(rb"\\u([0-9a-fA-F]{4})")


def rare_encodings(data: bytes) -> Iterator[Expansion]:
    """Base32, base85 and look-alike letters."""
    # One rare character of each needle is looked for first: that is many times as quick, and most texts have none.
    if b"Q" in data:
        yield from _base32(data)
    if b">" in data:
        yield from _base85("base85", data, _BASE85_NEEDLE)
    if b"&" in data:
        yield from _base85("ascii85", data, _ASCII85_NEEDLE)
        yield from _base85("z85", data, _Z85_NEEDLE)
    yield from _look_alikes(data)


def _base32(data: bytes) -> Iterator[Expansion]:
    at = data.find(_BASE32)
    while at >= 0:
        first = at - _BASE32_PLACE
        while first >= max(_BASE32_GROUP, at - _BEFORE) and _is_base32(data[first - _BASE32_GROUP : first]):
            first -= _BASE32_GROUP
        end = _end_of(_BASE32_RUN, data, at)
        if first >= 0:
            text = data[first:end]
            text = (
                text[: len(text) // _BASE32_GROUP * _BASE32_GROUP] if len(text) % _BASE32_GROUP in (1, 3, 6) else text
            )
            with contextlib.suppress(binascii.Error):  # its first characters may be of another alphabet
                yield Expansion("base32", base64.b32decode(text + b"=" * (-len(text) % 8)), whole(first, end))
        at = data.find(_BASE32, max(end, at + 1))


def _is_base32(text: bytes) -> bool:
    return _BASE32_RUN.fullmatch(text) is not None


def _end_of(run: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = run.match(data, at, at + _AFTER)
    return found.end() if found else at


def _base85(name: str, data: bytes, needle: bytes) -> Iterator[Expansion]:
    at = data.find(needle)
    while at >= 0:
        first, groups = at, [_group85(name, needle)]
        while first >= max(_BASE85_GROUP, at - _BEFORE):
            group = _group85(name, data[first - _BASE85_GROUP : first])
            if not group:
                break
            groups.insert(0, group)
            first -= _BASE85_GROUP
        end = at + _BASE85_GROUP
        while end < min(len(data), at + _AFTER):
            piece = data[end : end + _BASE85_GROUP]
            group = _group85(name, piece) or _group85(name, re.split(rb"[\"~\s\\]", piece)[0])
            if not group:
                break
            groups.append(group)
            end += len(piece)
        yield Expansion(name, b"".join(groups), whole(first, end))
        at = data.find(needle, end)


def _group85(name: str, text: bytes) -> bytes:
    """The bytes of one group; none when it is not of that alphabet."""
    try:
        if name == "ascii85":
            return base64.a85decode(text)
        return base64.b85decode(text.translate(_TO_B85) if name == "z85" else text)
    except ValueError:
        return b""


def _look_alikes(data: bytes) -> Iterator[Expansion]:
    escaped = data.find(_WIDE_ESCAPE) if b"\\" in data else -1
    while escaped >= 0:
        low, high = max(0, escaped - _BEFORE), escaped + _AFTER
        text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)).encode("utf-8", "replace"), data[low:high])
        yield Expansion("look-alike letters", _folded(text), whole(escaped, min(high, len(data))))
        escaped = data.find(_WIDE_ESCAPE, high)
    if data.isascii() or b"\0" in data:
        return
    leads = [lead for lead in _LEADS if lead in data]
    for eight in (eight for eight in _LIKE_EIGHTS if eight[:1] in leads):
        at = data.find(eight * 3)
        while at >= 0:
            low, high = max(0, at - _BEFORE), at + _AFTER
            yield Expansion("look-alike letters", _folded(data[low:high]), whole(at, min(high, len(data))))
            at = data.find(eight * 3, high)


def _folded(text: bytes) -> bytes:
    return unicodedata.normalize("NFKC", text.decode("utf-8", "ignore")).encode()
