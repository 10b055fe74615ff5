"""What happened to the watching itself: entries that could not be read, times in which nobody watched, the end of the platform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """What kind of thing it was."""

    SKIPPED = "skipped"
    """One entry made no sense and was left out."""
    GAP = "gap"
    """For some time nothing was read or sampled."""
    REFUSED = "refused"
    """A process that was named does not count."""
    ENDED = "ended"
    """The platform's own process ended."""


@dataclass(frozen=True, slots=True)
class WatchNote:
    """One such thing.

    Attributes:
        at: When it was first seen or began (seconds, monotonic clock).
        kind: What it was.
        source: What was being read: ``alerts``, ``audit``, ``usage``, ``agents``, ``samples`` or ``platform``.
        words: What was wrong, in one short sentence.
        until: When it was last seen or ended; None while it lasts.
        times: How often.
    """

    at: float
    kind: Trouble
    source: str
    words: str
    until: float | None = None
    times: int = 1

    def overlaps(self, since: float, until: float) -> bool:
        """Whether it fell into a stretch of time."""
        return self.at <= until and (self.until is None or self.until >= since)


LONGEST_GAP_S = 3.0
"""A shorter gap loses nothing: what an operator reports stays there to be read, and a promise in time is counted in tens of seconds."""


def unwatched(notes: Iterable[WatchNote], sources: Iterable[str], since: float, until: float) -> str:
    """Why something of these sources may have been missed in a stretch of time; empty when nothing was.

    Args:
        sources: What a judge relies on.
        since: Begin (seconds, monotonic clock).
        until: End.
    """
    wanted = set(sources) | {"platform"}
    found = [
        note
        for note in notes
        if note.source in wanted and note.kind is not Trouble.REFUSED and note.overlaps(since, until) and _loses(note)
    ]
    if not found:
        return ""
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{found[0].source}: {found[0].words}{more}"


def _loses(note: WatchNote) -> bool:
    return note.kind is not Trouble.GAP or note.until is None or note.until - note.at > LONGEST_GAP_S
