"""Promises in time: how long until the target named, did or finished something.

Principle: a clock starts when the cause was set in motion and stops at the first matching entry that an operator could
*see* (`PlatformEvent.seen_at`). Naming is judged twice: the guilty one must be named in time, and nobody may be named
who was not guilty at that moment. Identification and mitigation have separate clocks.

Source: requirements.md, RI-2, RI-3 and RI-5. Assumption: one monotonic clock for the suite and its operator door. If
the suite polls that door every p seconds, a clock reads up to p seconds late, against the target.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Limit, Measurement, PlatformEvent

ALERT = "alert"
AUDIT = "audit"


def first_event(
    events: Sequence[PlatformEvent],
    stream: str,
    kinds: Collection[str],
    tenant: str,
    since: float,
    resources: Collection[str] = (),
) -> PlatformEvent | None:
    """The first entry that names a tenant for one of the given kinds.

    Args:
        events: What the target said.
        stream: ``alert`` or ``audit``.
        kinds: Kinds of entry that count, in the target file's words.
        tenant: Who must be named.
        since: Entries seen earlier do not count (seconds, monotonic clock).
        resources: When given, an entry that states another resource does not count; one that states none does.
    """
    matching = [
        event
        for event in events
        if event.stream == stream
        and says(event, kinds)
        and event.tenant == tenant
        and event.seen_at >= since
        and (not resources or not event.resource or event.resource in resources)
    ]
    return min(matching, key=lambda event: (event.seen_at, event.sequence), default=None)


def judge_clock(
    promise: str, metric: str, tenant: str, deed: str, since: float, at: float | None, limit: Limit
) -> Measurement:
    """Hold the time until something happened against a limit.

    Args:
        tenant: Whom it concerns, or empty.
        deed: What should have happened, as in "was ``reported as noisy``".
        since: Start of the clock (seconds, monotonic clock).
        at: When it happened, or None when it never did.
        limit: The longest time, in seconds.

    Returns:
        The time; FAIL with zero samples when it never happened.
    """
    who = f"Tenant '{tenant}'" if tenant else "The target"
    concerned = (tenant,) if tenant else ()
    if at is None:
        return no_evidence(
            promise, metric, limit, f"{who} was not {deed} within {amount(limit.value, limit.unit)}", tenants=concerned
        )
    return judged(
        promise, metric, at - since, limit, 1, f"{who} was {deed} after {amount(at - since, 's')}", tenants=concerned
    )


def judge_named(
    promise: str,
    metric: str,
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    tenant: str,
    since: float,
    deed: str,
    limit: Limit,
    resources: Collection[str] = (),
) -> Measurement:
    """How long until the first alert named the guilty tenant; arguments as in `first_event` and `judge_clock`."""
    event = first_event(events, ALERT, kinds, tenant, since, resources)
    return judge_clock(promise, metric, tenant, deed, since, None if event is None else event.seen_at, limit)


def judge_innocents(
    promise: str,
    metric: str,
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    watched: Collection[str],
    guilty_from: Mapping[str, float],
    since: float,
) -> Measurement:
    """No alert may name a tenant that was not guilty when the alert was seen.

    Args:
        events: What the target said.
        kinds: Kinds of alert that accuse.
        watched: All tenants that were there.
        guilty_from: From when on each guilty tenant may be named (seconds, monotonic clock).
        since: Begin of the observation; alerts seen before belong to another case.

    Returns:
        The number of alerts against innocent tenants, which must be zero. Its samples are the tenants that were
        innocent all the time; without any, nothing can be shown and the verdict is FAIL. INCONCLUSIVE when not even a
        guilty tenant was named: whoever says nothing names nobody wrongly.
    """
    innocent = sorted(set(watched) - set(guilty_from))
    accusing = [e for e in events if e.stream == ALERT and says(e, kinds) and e.tenant and e.seen_at >= since]
    wrong = [event for event in accusing if event.seen_at < guilty_from.get(event.tenant, float("inf"))]
    accused = list(dict.fromkeys(event.tenant for event in wrong))
    limit = zero(f"promise {promise}: nobody innocent is named")
    if wrong:
        worst = wrong[0]
        claim = (
            f"{plural(len(wrong), 'alert')} named innocent {names(accused)} (first '{worst.kind}'"
            f"{' ' + worst.resource if worst.resource else ''} at {amount(worst.seen_at - since, 's')})"
        )
        return judged(promise, metric, float(len(wrong)), limit, max(1, len(innocent)), claim, tenants=accused)
    if not innocent:
        return no_evidence(promise, metric, limit, "No innocent tenant was there that could have been named wrongly")
    claim = f"None of {plural(len(innocent), 'innocent tenant')} was named by an alert"
    if not accusing:
        claim += ", but nor was any of the guilty, so it proves nothing"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=len(innocent))
    claim += f", while {plural(len(accusing), 'alert')} named the guilty"
    return judged(promise, metric, 0.0, limit, len(innocent), claim)


def says(event: PlatformEvent, words: Collection[str]) -> bool:
    """By the suite's words; the target's own ones count as long as not every caller speaks the suite's."""
    return event.word in words or event.kind in words
