"""A PASS over something that nobody watched all the time is none.

Principle: "nobody was named", "nothing grew", "it was never above" hold for the time in which somebody looked. Where the record
of an experiment says that its watch had a gap, or that the platform ended by itself in the middle, what its judges pass is
INCONCLUSIVE, with the reason. What they fail stays: a thing that was seen was there.
"""

from __future__ import annotations

from collections.abc import Iterable

from isolation.record import Measurement, Verdict
from isolation.record.usage.watch_notes import unwatched

_READ_FROM = {"samples": ("agents", "samples"), "events": ("alerts", "audit"), "usage": ("usage",)}
"""What was being read for each list of a record."""


def weigh_watch(found: Iterable[Measurement], record: object) -> list[Measurement]:
    """Take the PASS away where the record's own watch was not complete.

    Args:
        found: What a judge made of the record.
        record: The record of an experiment; one without ``notes`` depends on no watch.

    Returns:
        The measurements, with what does not count made INCONCLUSIVE.
    """
    notes = getattr(record, "notes", None)
    if not notes:
        return list(found)
    sources = [source for name, read in _READ_FROM.items() if hasattr(record, name) for source in read]
    since, until = float(getattr(record, "began_at", 0.0)), float(getattr(record, "ended_at", float("inf")))
    why = unwatched(notes, sources, since, until)
    if not why:
        return list(found)
    return [_taken_away(measurement, why) for measurement in found]


def _taken_away(measurement: Measurement, why: str) -> Measurement:
    if measurement.verdict is not Verdict.PASS:
        return measurement
    reason = f"{measurement.reason} It does not count as PASS, for not all of it was watched: {why}."
    return measurement.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})
