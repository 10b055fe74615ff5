"""What a scan found, and how to show it without showing the secret."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from isolation.record.secrets.markers import PREFIX_DIGIT, MarkerIdentity, Recognition

_MASK: Final = PREFIX_DIGIT * 4 + "…"
_CONTEXT: Final = 24


@dataclass(frozen=True, slots=True)
class Found:
    """A secret inside one piece of data, before the excerpt is made.

    Attributes:
        identity: Whose it is, or says it is; None when that is unreadable.
        recognition: What is known about it.
        path: The encodings around it, outermost first; empty for plain text.
        start: Offset of its first byte, or of the container that holds it.
        end: Offset behind its last byte.
    """

    identity: MarkerIdentity | None
    recognition: Recognition
    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret that a scan found.

    Attributes:
        identity: Whose it is, or says it is; None when a damaged marker no longer tells.
        recognition: Proven of this run, residue of another run, or damaged.
        encoding: How it was written, outermost first, such as ``plain``, ``upper case`` or ``base64 > gzip``.
        offset: Offset of its first byte in the data or, inside a compressed or nested container, of the container.
        length: How many bytes of the data it occupies.
        excerpt: What stands around it, with every secret masked.
    """

    identity: MarkerIdentity | None
    recognition: Recognition
    encoding: str
    offset: int
    length: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan and how far it went.

    Attributes:
        hits: What it found, in the order of the data.
        scanned_bytes: Size of the data.
        undecoded_bytes: Encoded bytes that were left unopened because of the bound on decoding. Unless it is zero,
            "nothing found" is not proven.
    """

    hits: list[Hit]
    scanned_bytes: int
    undecoded_bytes: int = 0


def distinct(found: Iterable[Found]) -> list[Found]:
    """One entry per secret and place, in the order of the data.

    Of several readings of the same bytes the first counts. A damaged marker that shares bytes with a readable one is
    a by-product of cutting the data into windows and is dropped.
    """
    ordered = sorted(found, key=lambda entry: entry.start)
    readable = _one_per_place(entry for entry in ordered if entry.recognition is not Recognition.DAMAGED)
    damaged = _one_per_place(entry for entry in ordered if entry.recognition is Recognition.DAMAGED)
    if not damaged:
        return readable
    reach = _reach(readable)
    alone = [entry for entry in damaged if _reach_before(readable, reach, entry.end) <= entry.start]
    return sorted(readable + alone, key=lambda entry: entry.start)


def to_hits(data: bytes, found: list[Found], base: int = 0) -> list[Hit]:
    """Hits with masked excerpts.

    Args:
        data: What was scanned.
        found: Everything that was found in it.
        base: Added to every offset.
    """
    reach = _reach(found)
    return [
        Hit(
            identity=entry.identity,
            recognition=entry.recognition,
            encoding=" > ".join(entry.path) or "plain",
            offset=base + entry.start,
            length=entry.end - entry.start,
            excerpt=_excerpt(data, place, found, reach),
        )
        for place, entry in enumerate(found)
    ]


def _reach_before(ordered: Sequence[Found], reach: Sequence[int], offset: int) -> int:
    """The furthest end of all entries that start before ``offset``; 0 when there are none."""
    count = bisect_left(ordered, offset, key=lambda entry: entry.start)
    return reach[count - 1] if count else 0


def _reach(ordered: Sequence[Found]) -> list[int]:
    """For every entry the furthest end of it and all entries before it."""
    return list(accumulate((entry.end for entry in ordered), max))


def _one_per_place(ordered: Iterable[Found]) -> list[Found]:
    kept: list[Found] = []
    open_ends: dict[MarkerIdentity | None, int] = {}
    previous: Found | None = None
    furthest = 0
    for entry in ordered:
        if entry.start >= furthest:  # The usual case: nothing before it reaches this far.
            open_ends.clear()
            kept.append(entry)
        else:
            if previous and not open_ends:
                open_ends[previous.identity] = previous.end
            if entry.start >= open_ends.get(entry.identity, 0):
                kept.append(entry)
            open_ends[entry.identity] = max(entry.end, open_ends.get(entry.identity, 0))
        previous = entry
        furthest = max(furthest, entry.end)
    return kept


def _excerpt(data: bytes, place: int, ordered: Sequence[Found], reach: Sequence[int]) -> str:
    """The surroundings of a find in printable form; of it and of every other secret only ``8888…`` is left."""
    entry = ordered[place]
    low, high = max(0, entry.start - _CONTEXT), min(len(data), entry.end + _CONTEXT)
    if (not place or reach[place - 1] <= low) and (place + 1 == len(ordered) or ordered[place + 1].start >= high):
        return _printable(data[low : entry.start]) + _MASK + _printable(data[entry.end : high])
    parts: list[str] = []
    position = low
    for secret in ordered[bisect_right(reach, low) : bisect_left(ordered, high, key=lambda other: other.start)]:
        parts.append(_printable(data[position : max(position, secret.start)]))
        if secret.end > position:
            parts.append(_MASK)
        position = max(position, secret.end)
    parts.append(_printable(data[position : max(position, high)]))
    return "".join(parts)


def _printable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "·" for character in text)
