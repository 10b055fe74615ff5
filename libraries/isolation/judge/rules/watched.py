"""Nobody innocent was named *as far as anybody watched*: a platform that has died names nobody either.

Principle: the alerts are read through the operator API, and so is the usage, once a second. Where the API told nothing of usage for
long, nobody knows whether it would have told of an alert.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from isolation.judge.rules.clocks import judge_innocents
from isolation.judge.rules.limit_units import seconds_as
from isolation.judge.rules.verdicts import amount
from isolation.record import Limit, Measurement, OperatorUsage, PlatformEvent, Verdict


def longest_silence(usage: Sequence[OperatorUsage], since: float, until: float) -> float:
    """The longest time, in seconds, in which the operator API told nothing, between two moments (monotonic clock)."""
    moments = sorted({one.at for one in usage if since < one.at < until})
    return max(later - earlier for earlier, later in pairwise([since, *moments, max(since, until)]))


def judge_innocents_watched(
    promise: str,
    metric: str,
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    watched: Collection[str],
    guilty_from: Mapping[str, float],
    since: float,
    until: float,
    usage: Sequence[OperatorUsage],
    silence: Limit,
) -> Measurement:
    """As ``judge_innocents``, but a PASS needs that the operator API told something all the time.

    Args:
        promise: Id of the promise.
        metric: Name of the number.
        events: What the target said.
        kinds: Kinds of alert that accuse.
        watched: All tenants that were there.
        guilty_from: From when on each guilty tenant may be named (seconds, monotonic clock).
        since: Begin of the observation.
        until: Its end.
        usage: What the operator API told of usage.
        silence: The longest time without a word.
    """
    before_end = [event for event in events if event.seen_at <= until]
    found = judge_innocents(promise, metric, before_end, kinds, watched, guilty_from, since)
    longest = longest_silence(usage, since, until)
    if found.verdict is not Verdict.PASS or silence.comparison.holds(seconds_as(longest, silence.unit), silence.value):
        return found
    reason = f"{found.reason} The operator API told nothing for {amount(longest, 's')}, so this does not decide."
    return found.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})
