"""Finding known texts, such as tokens and passwords: whole, cut, and in the encodings in which they travel.

Markers say by themselves whose they are; a credential has to be known. All of them are looked for at the same time: a table
of eight bytes of each, looked up at every second place, leaves few places at which anything is compared (the idea of
S. Wu, U. Manber, A fast algorithm for multi-pattern searching, 1994).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

_PIECE: Final = 16
"""Bytes of the beginning and of the end of a text that are enough to know it; shorter texts are looked for whole."""
LONGEST: Final = 4 * _PIECE
"""No form of a piece is longer."""
_BITS: Final = 20
_WORD: Final = 8
_FACTOR: Final = np.uint64(0x9E37_79B9_7F4A_7C15)
_SHIFT: Final = np.uint64(64 - _BITS)
_BLOCK: Final = 1 << 18
_FEW: Final = 20


@dataclass(frozen=True, slots=True)
class KnownHit:
    """A known text that was found.

    Attributes:
        number: Which text.
        encoding: How it was written.
        end: Where it ends (bytes).
    """

    number: int
    encoding: str
    end: int


class KnownTexts:
    """Finds texts.

    Args:
        texts: What is looked for.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Prepare the table."""
        self._needles: dict[bytes, list[tuple[bytes, int, int, str]]] = {}
        for number, text in enumerate(texts):
            for piece in _pieces(text):
                for encoding, needle in _forms(piece):
                    for skipped in (0, 1):  # one of them is at an even place
                        entry = (needle, skipped, number, encoding)
                        self._needles.setdefault(needle[skipped : skipped + _WORD], []).append(entry)
        self._anchors = np.unique(np.frombuffer(b"".join(self._needles), dtype="<u8"))
        self._table = np.zeros(1 << _BITS, dtype=bool)
        self._table[_hashes(self._anchors)] = True

    def find(self, data: bytes) -> Iterator[KnownHit]:
        """Every place at which a piece of a text begins, in no order."""
        if not self._needles:
            return
        for start in range(0, len(data), _BLOCK):
            block = data[start : start + _BLOCK + LONGEST]
            if len(block) < _WORD:
                return
            words: np.ndarray = np.ndarray((len(block) - _WORD) // 2 + 1, dtype="<u8", buffer=block, strides=(2,))
            likely = np.flatnonzero(self._table.take(_hashes(words)))
            if len(likely) > _FEW:
                near = np.searchsorted(self._anchors, words[likely]).clip(max=len(self._anchors) - 1)
                likely = likely[self._anchors[near] == words[likely]]
            for place in likely:
                if 2 * place < _BLOCK:
                    yield from self._at(data, start + 2 * int(place))

    def _at(self, data: bytes, at: int) -> Iterator[KnownHit]:
        for needle, skipped, number, encoding in self._needles.get(data[at : at + _WORD], ()):
            begin = at - skipped
            if begin >= 0 and data.startswith(needle, begin):
                yield KnownHit(number, encoding, begin + len(needle))


def _hashes(words: np.ndarray) -> np.ndarray:
    return ((words * _FACTOR) >> _SHIFT).astype(np.intp)


def _pieces(text: str) -> list[bytes]:
    """The beginning and the end of what is secret: of a signed token that is its signature."""
    secret = text.rpartition(".")[2] if text.count(".") == 2 else text
    data = secret.encode()
    size = min(_PIECE, 2 * len(data) // 3)
    return [data] if len(data) < _PIECE else [data[:size], data[-size:]]


def _forms(piece: bytes) -> Iterator[tuple[str, bytes]]:
    yield "plain", piece
    yield "hex", piece.hex().encode()
    yield "hex", piece.hex().upper().encode()
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + piece)
        # Without what depends on the neighbours.
        inside = encoded[(0, 2, 3)[offset] : len(encoded) - (0, 4, 4)[(offset + len(piece)) % 3] or None]
        yield "base64", inside
        if b"+" in inside or b"/" in inside:
            yield "base64", inside.replace(b"+", b"-").replace(b"/", b"_")
