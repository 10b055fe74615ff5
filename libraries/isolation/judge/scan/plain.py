"""Secrets in plain sight: lower, upper and mixed case, backwards, and numbers in the ways people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from isolation.judge.scan.hits import Found
from isolation.record.markers import BODY_LENGTH, PREFIX, MarkerIdentity, Reading, Recognition

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
_LONGEST_NUMBER: Final = 40

ReadBody = Callable[[str], Reading | None]


class PlainReader:
    """Finds and attributes secrets that are written out."""

    def __init__(self, read_body: ReadBody, numbers: Mapping[int, MarkerIdentity]) -> None:
        """Keep how a marker's body is read, and who owns each planted number."""
        self._read_body = read_body
        self._numbers = numbers

    def find(self, data: bytes) -> Iterator[Found]:
        """Everything in ``data`` that begins, or backwards ends, with the fixed prefix."""
        first = data.find(_NEEDLE)
        if first < 0:
            return
        for run in _RUN.finditer(data, first):
            start, end = run.span()
            if end - start >= _PREFIX_RUN:
                after = self._marker_after(data, end)
                before = self._marker_before(data, start)
                if after:
                    yield after
                if before:
                    yield before
                if after or before:
                    continue
            if self._numbers:
                yield from self._number_after(data, start, end)
                yield from self._number_before(data, start, end)

    def _marker_after(self, data: bytes, end: int) -> Found | None:
        if data[end : end + 1] not in (b"m", b"M"):
            return None
        body = _BODY.match(data, end + 1)
        reading = self._read_body(body[0].decode()) if body else None
        if reading is None:
            return None
        stop = end + 1 + reading.body_length
        written = data[end:stop]
        path = () if written.islower() else ("upper case",) if written.isupper() else ("mixed case",)
        return Found(reading.identity, reading.recognition, path, end - _PREFIX_RUN, stop)

    def _marker_before(self, data: bytes, start: int) -> Found | None:
        if start == 0 or data[start - 1 : start] not in (b"m", b"M"):
            return None
        body = _BODY.match(data[max(0, start - 1 - BODY_LENGTH) : start - 1][::-1])
        reading = self._read_body(body[0].decode()) if body else None
        if reading is None:
            return None
        begin = start - 1 - reading.body_length
        return Found(reading.identity, reading.recognition, ("reversed",), begin, start + _PREFIX_RUN)

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
