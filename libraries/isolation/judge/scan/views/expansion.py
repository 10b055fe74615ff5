"""A decoded piece of data, and where each of its bytes came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Locate = Callable[[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Expansion:
    """What stood encoded in a piece of data.

    Attributes:
        name: The encoding, in the words of a report.
        content: The decoded bytes.
        locate: From the start and end of a find in `content` to its start and end in the encoded data.
        unopened: Encoded bytes that were left as they are because of a bound.
    """

    name: str
    content: bytes
    locate: Locate
    unopened: int = 0


def whole(start: int, end: int) -> Locate:
    """For containers in which single bytes have no place of their own."""
    return lambda _first, _last: (start, end)


def grouped(start: int, end: int, encoded: int, decoded: int) -> Locate:
    """For encodings that write every ``decoded`` bytes as ``encoded`` characters."""

    def locate(first: int, last: int) -> tuple[int, int]:
        groups = -(-last // decoded)
        return start + first // decoded * encoded, min(end, start + groups * encoded)

    return locate
