"""Nobody innocent was named *as far as anybody watched*: a platform that has died names nobody either.

Principle: the monitor notes when it could not read the alerts, and when the platform ended. In such a time nobody knows who would
have been named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from isolation.judge.rules.clocks import judge_innocents
from isolation.record import Measurement, PlatformEvent, Verdict
from isolation.record.usage.watch_notes import WatchNote, unwatched

_ALERTS = "alerts"


def judge_innocents_watched(
    promise: str,
    metric: str,
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    watched: Collection[str],
    guilty_from: Mapping[str, float],
    since: float,
    until: float,
    notes: Sequence[WatchNote],
) -> Measurement:
    """As ``judge_innocents``, but a PASS needs that the alerts were read all the time.

    Args:
        events: What the target said.
        kinds: Kinds of alert that accuse.
        watched: All tenants that were there.
        guilty_from: From when on each guilty tenant may be named (seconds, monotonic clock).
        since: Begin of the observation.
        until: Its end.
        notes: What happened to the watching.
    """
    before_end = [event for event in events if event.seen_at <= until]
    found = judge_innocents(promise, metric, before_end, kinds, watched, guilty_from, since)
    missed = unwatched(notes, (_ALERTS,), since, until)
    if found.verdict is not Verdict.PASS or not missed:
        return found
    reason = f"{found.reason} This does not decide, for not everything was read: {missed}."
    return found.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})
