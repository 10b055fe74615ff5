"""Where a marker that comes word by word may begin: one pass over the bytes, so that most texts are never split into words."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from isolation.record.secrets.markers import BEGINS, BODY_LENGTH, ENDS, PREFIX_DIGIT

_EIGHT: Final = np.uint8(ord(PREFIX_DIGIT))
_MANY, _MOST = 4, 6
"""Eights at the end of a word that count by themselves: when they are the word, and behind something else."""
SMALL: Final = 4096
"""A frame, a row, a line: here one eight by itself is looked at; in more it takes several close together."""
_CLUSTER: Final = 4
_CLUSTER_BYTES: Final = 1024
"""A prefix in pieces of at most two digits has at least so many of them; so far they may lie apart."""
_BLOCK: Final = 32 * 1024
_BACKWARDS: Final = rb"(?<![a-zA-Z2-7]{%d})[mMwW]8{1,8}(?![0-9a-zA-Z\x80-\xff])" % BODY_LENGTH
_SMALL_WORD: Final = re.compile(rb"8[mMwW][a-zA-Z2-7]{0,33}(?![0-9a-zA-Z\x80-\xff])|" + _BACKWARDS)
_WORD: Final = re.compile(rb"8[mMwW](?:[a-zA-Z2-7]{3,33})?(?![0-9a-zA-Z\x80-\xff])|" + _BACKWARDS)
"""What the end of a piece may look like; in a larger one with more than the letter alone."""
_NONE, _LETTER, _OTHER, _SAME = 0, 1, 2, 3
_KINDS: Final = np.array(
    [
        _SAME
        if chr(code) == PREFIX_DIGIT
        else _LETTER
        if chr(code).lower() in (BEGINS, ENDS)
        else _OTHER
        if code > 127 or chr(code).isalnum()
        else _NONE
        for code in range(256)
    ],
    dtype=np.uint8,
)
"""What stands beside an eight: nothing of a word, one of the two letters, another letter or digit, or an eight."""
_ZERO: Final = np.zeros(1, dtype=np.intp)


def openings_in(data: bytes) -> list[int]:
    """Where a word may begin a marker, in order: at runs of eights.

    A run counts beside one of the two letters, at the end of a word when it is long, and when it is a short word by
    itself: always in a small piece, and in text when several are close together.
    """
    small = len(data) <= SMALL
    text = small or b"\0" not in data
    believable = _SMALL_WORD if small else _WORD
    found: list[int] = []
    for base in range(0, len(data), _BLOCK):
        codes = np.frombuffer(data, dtype=np.uint8, offset=base, count=min(_BLOCK + 2, len(data) - base))
        at = np.flatnonzero(codes == _EIGHT)
        if not at.size:
            continue
        # Of each eight what stands before and behind it; only rare ones are looked at any closer.
        before, behind = _KINDS[codes[at - 1]], _KINDS[codes[np.minimum(at + 1, codes.size - 1)]]
        before[0] = _NONE if at[0] == 0 else before[0]
        behind[-1] = _NONE if at[-1] == codes.size - 1 else behind[-1]
        places = [*at[behind == _LETTER].tolist(), *(at[before == _LETTER] - 1).tolist()]
        found += [base + where for where in places if where >= 0 and believable.match(data, base + where)]
        if at.size >= _MANY and (at[_MANY - 1 :] - at[: 1 - _MANY] == _MANY - 1).any():
            found += (base + _long_runs(at, before, behind)).tolist()
        if text:
            found += (base + _lonely(_short_words(at, before, behind), small)).tolist()
    return sorted(set(found)) if found else found


def _long_runs(at: NDArray[np.intp], before: NDArray[np.uint8], behind: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Where long runs of eights begin that end a word: four that are a word, six behind something else but a letter."""
    apart = np.flatnonzero(np.diff(at) > 1)
    opens, ends = np.concatenate((_ZERO, apart + 1)), np.concatenate((apart, [at.size - 1]))
    length = ends - opens + 1
    ends_word, first = behind[ends] == _NONE, before[opens]
    wanted = ends_word & (length >= np.where(first == _NONE, _MANY, _MOST)) & (first != _LETTER)
    found: NDArray[np.intp] = at[opens[wanted]]
    return found


def _short_words(at: NDArray[np.intp], before: NDArray[np.uint8], behind: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Where words begin that are one, two or three eights and nothing else."""
    opens = np.flatnonzero(before == _NONE)
    kinds = behind[opens]
    alone = at[opens[kinds == _NONE]]
    longer = opens[kinds == _SAME]
    for more in (1, 2):
        longer = longer[longer + more < at.size]
        if not longer.size:
            break
        kinds = behind[longer + more]
        alone = np.concatenate((alone, at[longer[kinds == _NONE]]))
        longer = longer[kinds == _SAME]
    return np.sort(alone)


def _lonely(alone: NDArray[np.intp], small: bool) -> NDArray[np.intp]:
    """Short words of eights: any in a small piece, the first of several close together in a larger one."""
    if small or alone.size < _CLUSTER:
        return alone if small else alone[:0]
    return alone[: 1 - _CLUSTER][alone[_CLUSTER - 1 :] - alone[: 1 - _CLUSTER] < _CLUSTER_BYTES]
