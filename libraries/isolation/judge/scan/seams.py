"""The seams of what arrives in pieces: the end of what came before, and what lies across it and the next piece.

A message with many texts has many seams, and nearly all of them hold nothing. They are scanned together, as one text with gaps
that nothing goes on over; only where that found something across one is that one looked at by itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from isolation.judge.scan.hits import Hit, to_hits
from isolation.judge.scan.scanner import Scanner
from isolation.record.secrets.markers import Recognition

_LONGEST_CHARACTER: Final = 16
"""An escaped character may itself be cut: a damaged marker this close to the end may still go on."""
_GAP: Final = b"\x1f" * 20
"""No encoding goes on over it: it is no letter, no digit and no line break, and longer than what may stand between numbers."""
_READ_ALONE: Final = (b"\0", rb"\uff18")


def nothing_crosses(scanner: Scanner, pieces: Sequence[tuple[Seam, bytes, Sequence[int]]]) -> list[bool]:
    """For which of many new pieces it is certain that a scan of its own seams would find nothing across them.

    Only plain ASCII is scanned together: other texts, and escaped look-alike digits, are read in windows that reach further.

    Args:
        scanner: Scans.
        pieces: Each piece with its seam and joints, as for `Seam.feed`; none has nested containers.
    """
    arounds = [seam.around(data, joints) for seam, data, joints in pieces]
    # A seam that comes twice has another end by the second time.
    known = len({id(seam) for seam, _, _ in pieces}) == len(pieces)
    text = _GAP.join(filter(None, arounds)) if known else b""
    if not known or not text.isascii() or any(odd in text for odd in _READ_ALONE):
        return [not around for around in arounds]
    found, undecoded = scanner.find(text, nested=False, pieces=False)
    if undecoded:
        return [not around for around in arounds]
    clear = [True] * len(pieces)
    joints, owners = _places(pieces, arounds) if found else ([], [])
    for entry in found:
        for place in range(bisect_right(joints, entry.start), bisect_left(joints, entry.end)):
            clear[owners[place]] = False
    return clear


def _places(
    pieces: Sequence[tuple[Seam, bytes, Sequence[int]]], arounds: Sequence[bytes]
) -> tuple[list[int], list[int]]:
    """Where in the common text each joint is, in order, and of which piece."""
    joints: list[int] = []
    owners: list[int] = []
    start = 0
    for number, ((seam, _, own), around) in enumerate(zip(pieces, arounds, strict=True)):
        if around:
            first = start + len(seam.tail)
            joints += [first + joint for joint in own]
            owners += [number] * len(own)
            start += len(around) + len(_GAP)
    return joints, owners


@dataclass(slots=True)
class Seam:
    """The end of what has arrived so far, and what was found near it. Offsets count from the first byte of all."""

    scanner: Scanner
    keep: int
    label: str
    nested: bool = True
    tail: bytes = b""
    arrived: int = 0
    undecoded: int = 0
    recent: list[Hit] = field(default_factory=list)
    waiting: list[tuple[int, int, Hit]] = field(default_factory=list)

    def around(self, data: bytes, joints: Sequence[int] = (0,)) -> bytes:
        """What has to be scanned because of the seams in front of and inside a new piece; empty where there are none."""
        return self.tail + data[: joints[-1] + self.keep] if self.tail or len(joints) > 1 else b""

    def feed(
        self, data: bytes, inside: Sequence[Hit] = (), joints: Sequence[int] = (0,), *, is_clear: bool = False
    ) -> list[Hit]:
        """Scan the seam between ``data`` and what came before.

        Args:
            data: The new piece.
            inside: What a scan of the piece alone has found; offsets count from its own first byte.
            joints: Where in ``data`` seams are, in order; the first is always at its beginning.
            is_clear: Whether it is known that nothing lies across the seams; see `nothing_crosses`.

        Returns:
            What is certain now. A damaged marker at the very end waits: the next piece may complete it.
        """
        start, end = self.arrived, self.arrived + len(data)
        around = b"" if is_clear else self.around(data, joints)
        if not (around or inside or self.waiting or self.recent):
            self.arrived, self.tail = end, (self.tail + data)[-self.keep :]
            return []
        crossing = self._crossing(around, joints) if around else []
        fresh = [*crossing, *_without_repeats(moved(inside, start), crossing)]
        waiting = [entry for entry in self.waiting if not _covered(entry[0], entry[1], crossing)]
        waiting += [(hit.offset, hit.offset + hit.length, hit) for hit in fresh if is_damaged(hit)]
        released = [hit for _first, last, hit in waiting if last <= end - _LONGEST_CHARACTER]
        released += [hit for hit in fresh if not is_damaged(hit)]
        self.waiting = [entry for entry in waiting if entry[1] > end - _LONGEST_CHARACTER]
        self.arrived = end
        self.tail = (self.tail + data)[-self.keep :]
        self.recent = [hit for hit in self.recent + released if hit.offset + hit.length > end - self.keep]
        return released

    def wait(self, hit: Hit) -> None:
        """Hold back a damaged marker that ended the last piece until the next one shows whether it goes on."""
        self.waiting.append((self.arrived - hit.length, self.arrived, hit))

    def finish(self) -> list[Hit]:
        """Everything that still waited for a continuation."""
        hits = [hit for _first, _last, hit in self.waiting]
        self.waiting = []
        return hits

    def _crossing(self, around: bytes, joints: Sequence[int]) -> list[Hit]:
        found, undecoded = self.scanner.find(around, nested=self.nested, pieces=False)
        self.undecoded += undecoded
        seams = [len(self.tail) + joint for joint in joints]
        if not any(_crosses(entry.start, entry.end, seams) for entry in found):
            return []  # The usual case: what lies on one side of the seam is found there.
        hits = [hit for hit in to_hits(around, found) if _crosses(hit.offset, hit.offset + hit.length, seams)]
        return [
            replace(hit, encoding=f"{self.label} > {hit.encoding}")
            for hit in moved(hits, self.arrived - len(self.tail))
            if not self._known(hit)
        ]

    def _known(self, hit: Hit) -> bool:
        return any(
            (hit.identity, hit.recognition) == (old.identity, old.recognition)
            and hit.offset < old.offset + old.length
            and old.offset < hit.offset + hit.length
            for old in self.recent
        )


def moved(hits: Sequence[Hit], base: int) -> list[Hit]:
    """Hits with other offsets."""
    return [replace(hit, offset=hit.offset + base) for hit in hits]


def is_damaged(hit: Hit) -> bool:
    """Whether a hit is no whole marker."""
    return hit.recognition is Recognition.DAMAGED


def _crosses(start: int, end: int, seams: Sequence[int]) -> bool:
    """Whether one of the seams (in order) lies strictly between a start and an end."""
    after = bisect_right(seams, start)
    return after < len(seams) and seams[after] < end


def _covered(first: int, last: int, hits: Sequence[Hit]) -> bool:
    return any(first < hit.offset + hit.length and hit.offset < last for hit in hits)


def _without_repeats(hits: Sequence[Hit], crossing: Sequence[Hit]) -> list[Hit]:
    """Without what is only the second half of something that crosses the seam."""
    if not crossing:
        return list(hits)
    return [
        hit
        for hit in hits
        if not _covered(
            hit.offset,
            hit.offset + hit.length,
            [other for other in crossing if is_damaged(hit) or other.identity == hit.identity],
        )
    ]
