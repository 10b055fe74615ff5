"""Pages that many processes share need to be searched only once.

Agents that come from one zygote hold mostly the same pages. A pair of neighbouring pages in which nothing at all was
found (not even a secret of the process's own tenant) is remembered by two 64-bit hashes, one for each page, and skipped
when another process holds the same pair. Pages with anything in them are never remembered: they are searched in every
process that holds them. A secret spans two pages at most; only the inside of a compressed container that begins with
more than one page of known content is not opened again.

Python's hash of bytes is keyed (SipHash) and four times as quick as a digest of 128 bits. Among 100,000 pages two
different ones have the same hash with a chance of 3 in 10,000 millions, and a pair is skipped only when both pages do.
"""

from __future__ import annotations

from collections.abc import Iterator

PAGE = 4096
"""Bytes."""
_NOTHING_BEFORE = 0


class KnownPages:
    """Neighbouring pages that are known to hold nothing."""

    def __init__(self) -> None:
        """Know nothing."""
        self._clean: set[tuple[int, int]] = set()

    def unknown(self, data: bytes) -> Iterator[tuple[int, bytes, list[tuple[int, int]]]]:
        """The stretches of a piece of memory that have to be searched, each with one page around it.

        Args:
            data: The piece; it begins at the beginning of a page.

        Yields:
            Offset, content, and the pairs to `remember` when nothing is found in it.
        """
        hashes = [hash(data[at : at + PAGE]) for at in range(0, len(data), PAGE)]
        pairs = list(zip([_NOTHING_BEFORE, *hashes], hashes, strict=False))
        position = 0
        while position < len(pairs):
            if pairs[position] in self._clean:
                position += 1
                continue
            first = position
            while position < len(pairs) and pairs[position] not in self._clean:
                position += 1
            start, end = max(0, first - 1) * PAGE, min(len(data), (position + 1) * PAGE)
            yield start, data[start:end], pairs[first:position]

    def remember(self, pairs: list[tuple[int, int]]) -> None:
        """Note pairs in which nothing was found."""
        self._clean.update(pairs)
