"""Secrets in plain sight: lower, upper and mixed case, backwards, and numbers in the ways people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from isolation.judge.scan.hits import Found
from isolation.record.secrets.markers import (
    BEGINS,
    BODY_LENGTH,
    ENDS,
    LEAST_END,
    PREFIX,
    SUFFIX,
    MarkerIdentity,
    Reading,
    Recognition,
)

_NEEDLE: Final = b"888"
_RUN: Final = re.compile(rb"8888*")
_BODY: Final = re.compile(rb"[a-zA-Z2-7]{0,%d}" % BODY_LENGTH)
_SEPARATOR: Final = (
    rb"[,. '_\xa0]|\xc2\xa0|\xe2\x80\xaf|\xe2\x80\x89|\xe2\x80\x99|\\u00[aA]0|\\u202[fF]|\\u2009|\\u2019"
)
_NUMBER: Final = re.compile(rb"888(|" + _SEPARATOR + rb")888\1([0-7]\d\d)\1(\d{3})")
_EXPONENT: Final = re.compile(rb"88888([0-7]\d{5})[eE]\+?11")
_LEAD: Final = 888_888 * 10**6
_PREFIX_RUN: Final = len(PREFIX) - 1
_SUFFIX_RUN: Final = len(SUFFIX) - 1
_BEGINS: Final = (BEGINS.encode(), BEGINS.upper().encode())
_ENDS: Final = (ENDS.encode(), ENDS.upper().encode())
_LONGEST_NUMBER: Final = 40

_LETTERS: Final = (*_BEGINS, *_ENDS)

ReadBody = Callable[[str], Reading | None]


class PlainReader:
    """Finds and attributes secrets that are written out."""

    def __init__(self, read_body: ReadBody, read_end: ReadBody, numbers: Mapping[int, MarkerIdentity]) -> None:
        """Keep how a marker's body, or the end of one, is read, and who owns each planted number."""
        self._read_body = read_body
        self._read_end = read_end
        self._numbers = numbers

    def find(self, data: bytes) -> Iterator[Found]:
        """Everything in ``data`` that begins or ends, also backwards, with the fixed digits."""
        first = data.find(_NEEDLE)
        if first < 0:
            return
        reached = 0
        for run in _RUN.finditer(data, first):
            start, end = run.span()
            if end <= reached:
                continue  # the other end of what was found before
            # The letter before or behind the eights says which end of a marker this is, and which way it runs.
            behind, before = data[end : end + 1], data[start - 1 : start] if start else b""
            found = self._before(data, start, end, before, reached) if before in _LETTERS else []
            if behind in _LETTERS:
                found += self._behind(data, start, end, behind)
            for entry in found:
                reached = max(reached, entry.end)
                yield entry
            if self._numbers and not found:
                yield from self._number_after(data, start, end)
                yield from self._number_before(data, start, end)

    def _behind(self, data: bytes, start: int, end: int, letter: bytes) -> list[Found]:
        """A marker that begins at the eights, or one written backwards that ends there in the order of writing first."""
        if letter in _BEGINS:
            body = _BODY.match(data, end + 1)
            reading = self._read_body(body[0].decode()) if body else None
            if reading is None or (end - start < _PREFIX_RUN and not _sure(reading)):
                return []
            stop = end + 1 + reading.body_length
            written = data[end:stop]
            path = () if written.islower() else ("upper case",) if written.isupper() else ("mixed case",)
            begin = max(start, end - _PREFIX_RUN)
            return [Found(reading.identity, reading.recognition, path, begin, stop + _suffix(data, stop, reading))]
        if letter in _ENDS:
            body = _BODY.match(data, end + 1)
            reading = self._read_end(body[0].decode()[::-1]) if body and len(body[0]) >= LEAST_END else None
            if reading is not None:
                stop = end + 1 + reading.body_length
                if reading.body_length == BODY_LENGTH and data[stop : stop + 1] in _BEGINS:
                    stop += 1 + _eights(data, stop + 1, _PREFIX_RUN)
                path = ("reversed",)
                return [Found(reading.identity, reading.recognition, path, max(start, end - _SUFFIX_RUN), stop)]
        return []

    def _before(self, data: bytes, start: int, end: int, letter: bytes, reached: int) -> list[Found]:
        """A marker that ends before the eights, or one written backwards that begins there; none that is known already."""
        if start <= reached:
            return []  # The other end of this marker has told of it.
        body = _BODY.match(data[max(0, start - 1 - BODY_LENGTH) : start - 1][::-1])
        text = body[0].decode() if body else ""
        backwards = letter in _BEGINS
        if not backwards and len(text) < LEAST_END:
            return []
        reading = self._read_body(text) if backwards else self._read_end(text[::-1])
        if reading is None or (backwards and end - start < _PREFIX_RUN and not _sure(reading)):
            return []
        begin = start - 1 - reading.body_length
        if begin < reached:
            return []
        stop = min(end, start + (_PREFIX_RUN if backwards else _SUFFIX_RUN))
        return [Found(reading.identity, reading.recognition, ("reversed",) if backwards else (), begin, stop)]

    def _number_after(self, data: bytes, start: int, end: int) -> Iterator[Found]:
        for begin in (end - 6, end - 3):
            match = _NUMBER.match(data, begin) if begin >= start else None
            owner = self._owner(match[2] + match[3]) if match else None
            if match and owner:
                path = ("separators",) if match[1] else ()
                yield Found(owner, Recognition.OWN_RUN, path, begin, match.end())
        if data[max(0, start - 2) : start] == b"8." and end - start == 5:
            match = _EXPONENT.match(data, start)
            owner = self._owner(match[1]) if match else None
            if match and owner:
                yield Found(owner, Recognition.OWN_RUN, ("exponent",), start - 2, match.end())

    def _number_before(self, data: bytes, start: int, end: int) -> Iterator[Found]:
        if start == 0:
            return
        backwards = data[max(0, start - _LONGEST_NUMBER) : end][::-1]
        run = end - start
        for begin in (run - 6, run - 3):
            match = _NUMBER.match(backwards, begin) if begin >= 0 else None
            owner = self._owner(match[2] + match[3]) if match else None
            if match and owner:
                yield Found(owner, Recognition.OWN_RUN, ("reversed",), end - match.end(), end - begin)

    def _owner(self, digits: bytes) -> MarkerIdentity | None:
        return self._numbers.get(_LEAD + int(digits))


def _sure(reading: Reading) -> bool:
    """Whether it names somebody of this run: enough where some of the eights are missing."""
    return reading.identity is not None and reading.recognition is not Recognition.OTHER_RUN


def _suffix(data: bytes, stop: int, reading: Reading) -> int:
    """How many characters of the suffix follow a whole body."""
    if reading.body_length < BODY_LENGTH or data[stop : stop + 1] not in _ENDS:
        return 0
    return 1 + _eights(data, stop + 1, _SUFFIX_RUN)


def _eights(data: bytes, at: int, most: int) -> int:
    count = 0
    while count < most and data[at + count : at + count + 1] == b"8":
        count += 1
    return count
