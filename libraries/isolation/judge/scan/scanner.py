"""One scan: every view of a piece of data, and what is nested in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from isolation.judge.scan.hits import Found, Hit, Scan, distinct, to_hits
from isolation.judge.scan.views.binary_numbers import BinaryNumberReader
from isolation.judge.scan.views.compressed import compressed
from isolation.judge.scan.views.encodings import base64_text, escapes, hexadecimal, wide
from isolation.judge.scan.views.expansion import Expansion
from isolation.judge.scan.views.nested import tokens
from isolation.judge.scan.views.number_lists import number_lists
from isolation.judge.scan.views.plain import PlainReader
from isolation.judge.scan.views.rare_encodings import rare_encodings
from isolation.judge.scan.words_apart import MarkerForms, PiecesReader
from isolation.record.secrets.markers import MarkerIdentity, MarkerMint, PlantedNumber

MAXIMUM_DEPTH: Final = 3
"""How many encodings around a secret are taken off."""
MAXIMUM_DECODED: Final = 64 * 2**20
"""How many bytes one scan decodes, in total."""
MAXIMUM_STREAM: Final = 8 * 2**20
"""How many bytes one compressed stream may grow to."""
_REMEMBERED: Final = 65_536


@dataclass(slots=True)
class _Bound:
    """What is left of the bound on decoding, and what it has left unopened."""

    left: int
    undecoded: int = 0

    def allows(self, size: int) -> bool:
        if size > self.left:
            self.undecoded += size
            return False
        self.left -= size
        return True


class Scanner:
    """Finds the planted secrets of a run, and residue of other runs, in any bytes."""

    def __init__(
        self, mint: MarkerMint, numbers: Iterable[PlantedNumber] = (), *, binary_numbers: bool = False
    ) -> None:
        """Prepare a scanner.

        Args:
            mint: Reads the markers of the run.
            numbers: The planted numbers; they do not say by themselves whose they are.
            binary_numbers: Whether numbers are looked for in their binary forms too, as in the memory of a process.
        """
        owners: dict[int, MarkerIdentity] = {number.value: number.identity for number in numbers}
        remembered = lru_cache(_REMEMBERED)
        self._plain = PlainReader(remembered(mint.read), remembered(mint.read_end), owners)
        self._forms = MarkerForms(mint)
        self._binary = BinaryNumberReader(owners) if binary_numbers else None

    def scan(self, data: bytes) -> list[Hit]:
        """Every secret in ``data``, in all views; see `examine` for how far it looked."""
        return self.examine(data).hits

    def pieces(self) -> PiecesReader:
        """A reader of markers that arrive word by word, for one stream."""
        return PiecesReader(self._forms)

    def examine(self, data: bytes, *, nested: bool = True, pieces: bool = True) -> Scan:
        """Scan ``data`` in all views and say whether anything was left unopened.

        Args:
            data: What to scan.
            nested: Whether compressed streams and long encoded tokens are opened too.
            pieces: Whether markers that stand there word by word are put together; a stream does that itself.
        """
        found, undecoded = self.find(data, nested=nested, pieces=pieces)
        return Scan(to_hits(data, found), len(data), undecoded)

    def scan_plain(self, data: bytes) -> list[Hit]:
        """Only what is written out (any case, backwards, numbers): for data known to be plain text."""
        return to_hits(data, distinct(self._plain.find(data)))

    def find(self, data: bytes, *, nested: bool = True, pieces: bool = True) -> tuple[list[Found], int]:
        """As `examine`, without excerpts: what was found, and how many encoded bytes were left unopened."""
        bound = _Bound(MAXIMUM_DECODED)
        found = list(self._find(data, MAXIMUM_DEPTH, bound, nested))
        if pieces:
            reader = self.pieces()
            found.extend(reader.feed(data))
            found.extend(reader.finish())
        if self._binary:
            found.extend(self._binary.find(data))
        return (distinct(found) if found else found), bound.undecoded

    def _find(self, data: bytes, depth: int, bound: _Bound, nested: bool) -> Iterator[Found]:
        yield from self._plain.find(data)
        if depth == 0:
            return
        for expansion in _expansions(data, max(1, min(MAXIMUM_STREAM, bound.left)), nested):
            bound.undecoded += expansion.unopened
            if bound.allows(len(expansion.content)):
                for inner in self._inside(expansion.content, depth - 1, bound, nested):
                    start, end = expansion.locate(inner.start, inner.end)
                    yield replace(inner, path=(expansion.name, *inner.path), start=start, end=end)

    def _inside(self, content: bytes, depth: int, bound: _Bound, nested: bool) -> Iterator[Found]:
        yield from self._find(content, depth, bound, nested)
        reader = self.pieces()
        yield from reader.feed(content)
        yield from reader.finish()


def _expansions(data: bytes, stream_limit: int, nested: bool) -> Iterator[Expansion]:
    yield from base64_text(data)
    yield from hexadecimal(data)
    yield from escapes(data)
    yield from wide(data)
    yield from number_lists(data)
    yield from rare_encodings(data)
    if nested:
        yield from compressed(data, stream_limit)
        yield from tokens(data)
