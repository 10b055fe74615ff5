"""Pieces of what a run left in stores, files and processes, as they were read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One row, key, message, file or part of one.

    Attributes:
        place: Where it was, such as ``PostgreSQL platform.profiles`` or ``log gateway.jsonl``.
        owner_hint: What the place itself says about whose it is: key columns, a key, a path. Never the content. Empty
            for a place that everybody shares.
        data: The content, byte for byte.
        looks: How many things it holds (rows, lines): each is one probe.
    """

    place: str
    owner_hint: str
    data: bytes
    looks: int = 1


@dataclass(frozen=True, slots=True)
class NotReadable:
    """Something that could not be looked at, fully or at all.

    Attributes:
        place: Where it is.
        reason: Why, in words.
        bytes_missed: How much of it was not read, or None when that is unknown.
    """

    place: str
    reason: str
    bytes_missed: int | None = None
