"""What the target must do about a leak, a runaway or an operation without end: stop it, clean up, say so (RI-3).

Principle: what the target says is checked against what it does. A runaway counts as stopped when its processor usage
has come down to stay; something counts as cleaned up when its count is back at its base line to stay; a tenant counts
as a sustained heavy user when its mean usage over a sliding window is above the limit.

Clocks read the *first* moment of the calm that lasts until the end of the record. Assumption: the record goes on for
some seconds after the stop; a record that ends too early shows no calm and the verdict is FAIL or INCONCLUSIVE.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from isolation.judge.rules.clocks import ALERT, AUDIT, first_event, judge_clock
from isolation.judge.rules.series import Reading, cpu_curve, cpu_readings, kept_from, rate_readings
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Comparison, Limit, Measurement, Operation, Outcome, PlatformEvent, Sample


def judge_runaway_stopped(
    promise: str,
    samples: Sequence[Sample],
    events: Sequence[PlatformEvent],
    audit_kinds: Collection[str],
    tenant: str,
    started_at: float,
    calm_percent: float,
    limit: Limit,
    window_s: float,
) -> list[Measurement]:
    """A runaway must be stopped: its usage comes down to stay, and the audit trail says so.

    Args:
        samples: Samples from the runaway's start until some seconds after its stop.
        events: The target's audit trail.
        audit_kinds: Kinds of entry that record a stop.
        tenant: Whose operation ran away.
        started_at: When it started (seconds, monotonic clock).
        calm_percent: Usage in per cent of one core that counts as stopped.
        limit: The longest time, in seconds.
        window_s: Over how many seconds usage is averaged.

    Returns:
        The time until the usage was calm and the time until the audit record. INCONCLUSIVE when the runaway was never
        seen to use more than `calm_percent`: then nothing was stopped.
    """
    metric = "time until the runaway was stopped"
    usage = [r for r in cpu_readings(samples, tenant, window_s) if r.at - window_s >= started_at]
    peak = max((r.value for r in usage), default=0.0)
    record = first_event(events, AUDIT, audit_kinds, tenant, started_at)
    recorded = judge_clock(
        promise, "time until the stop was on record", tenant, "recorded as stopped", started_at,
        None if record is None else record.seen_at, limit,
    )  # fmt: skip
    if not usage:
        return [no_evidence(promise, metric, limit, f"Tenant '{tenant}' was not sampled", tenants=(tenant,)), recorded]
    if peak <= calm_percent:
        claim = f"The runaway of tenant '{tenant}' never used more than {amount(peak, '%')} of a core"
        return [inconclusive(promise, metric, limit, claim, samples=len(usage), tenants=(tenant,)), recorded]
    calm = Limit(value=calm_percent, unit="%", comparison=Comparison.AT_MOST, source="calm")
    calm_from = kept_from(usage, calm)
    stopped_at = None if calm_from is None else calm_from - window_s
    return [judge_clock(promise, metric, tenant, "stopped", started_at, stopped_at, limit), recorded]


def sustained_usage(samples: Sequence[Sample], tenant: str, percent: float, window_s: float) -> float | None:
    """When a tenant had first used more than `percent` of a core on average over a whole window.

    Args:
        percent: Per cent of one core.
        window_s: Length of the window, such as 300 s.

    Returns:
        The end of that window (seconds, monotonic clock), or None.
    """
    readings = rate_readings(cpu_curve(samples, tenant), window_s, 100.0)
    return next((reading.at for reading in readings if reading.value > percent), None)


def judge_sustained(
    promise: str,
    samples: Sequence[Sample],
    events: Sequence[PlatformEvent],
    alert_kinds: Collection[str],
    limit: Limit,
    window_s: float,
    margin_percent: float,
    grace_s: float,
) -> Measurement:
    """The target must flag exactly the tenants that the suite's own numbers show as sustained heavy users.

    Args:
        samples: Samples of all tenants.
        events: The target's alerts.
        alert_kinds: Kinds of alert that flag sustained usage.
        limit: The usage above which a tenant is flagged, in per cent of one core.
        window_s: For how long.
        margin_percent: Tenants this near to the limit may be flagged or not: two samplers differ.
        grace_s: How long after the window the flag may come.

    Returns:
        The number of tenants that were missed or flagged wrongly, which must be zero; FAIL when nobody was sampled
        for a whole window, INCONCLUSIVE when nobody exceeded the limit (there was nothing to flag).
    """
    metric = "tenants missed or wrongly flagged for sustained usage"
    none_wrong = zero(f"promise {promise}: above {amount(limit.value, limit.unit)} for {amount(window_s, 's')}")
    watched = [t for t in sorted({s.tenant for s in samples}) if cpu_curve(samples, t).seconds >= window_s]
    if not watched:
        return no_evidence(promise, metric, none_wrong, f"No tenant was sampled for {amount(window_s, 's')}")
    reached = {t: sustained_usage(samples, t, limit.value + margin_percent, window_s) for t in watched}
    heavy = {t: at for t, at in reached.items() if at is not None}
    border = {t for t in watched if sustained_usage(samples, t, limit.value - margin_percent, window_s) is not None}
    flags = {t: e.seen_at for t in watched if (e := first_event(events, ALERT, alert_kinds, t, 0.0))}
    late = [t for t, at in heavy.items() if t in flags and flags[t] > at + grace_s]
    missed = [t for t in heavy if t not in flags]
    wrong = [t for t in flags if t not in border]
    bad = [*missed, *late, *wrong]
    if bad:
        parts = (("never flagged", missed), ("flagged late", late), ("flagged without cause", wrong))
        claim = "Sustained usage: " + ", ".join(f"{names(who)} {what}" for what, who in parts if who)
        return judged(promise, metric, float(len(bad)), none_wrong, len(watched), claim, tenants=bad)
    if not heavy:
        claim = f"None of {plural(len(watched), 'tenant')} was a heavy user for {amount(window_s, 's')}"
        return inconclusive(promise, metric, none_wrong, claim, samples=len(watched))
    claim = (
        f"Who used more than {amount(limit.value, limit.unit)} for {amount(window_s, 's')} was flagged: {names(heavy)}"
    )
    return judged(promise, metric, 0.0, none_wrong, len(watched), claim)


def judge_cleaned_up(
    promise: str,
    things: str,
    tenant: str,
    before: float | None,
    readings: Sequence[Reading],
    since: float,
    tolerance: float,
    limit: Limit,
) -> Measurement:
    """What leaked must be gone again, by itself.

    Args:
        things: What is counted, such as ``file handles`` or ``bytes of memory``.
        tenant: Whose they are.
        before: Their number before the leak, or None when it could not be read.
        readings: Their number over time, from the leak on.
        since: Start of the clock: when the target named the leak, or the leak ended.
        tolerance: How many more than before are still clean; 0 for things that are counted.
        limit: The longest time, in seconds.

    Returns:
        The time until the number was back to stay. INCONCLUSIVE when it could not be read or never rose.
    """
    metric = f"time until leaked {things} were cleaned up"
    who = (tenant,)
    if before is None or not readings:
        missing = "before the leak" if before is None else "after the leak"
        claim = f"The {things} of tenant '{tenant}' could not be read {missing}"
        return inconclusive(promise, metric, limit, claim, samples=len(readings), tenants=who)
    peak = max(reading.value for reading in readings)
    if peak <= before + tolerance:
        claim = f"The {things} of tenant '{tenant}' never rose above {amount(before)} (at most {amount(peak)})"
        return inconclusive(promise, metric, limit, claim, samples=len(readings), tenants=who)
    clean = Limit(value=before + tolerance, unit="", comparison=Comparison.AT_MOST, source="base line")
    clean_at = kept_from(readings, clean)
    shown = f"{things} of tenant '{tenant}' went from {amount(before)} to {amount(peak)}"
    if clean_at is None:
        claim = f"The {shown} and were still {amount(readings[-1].value)} {amount(readings[-1].at - since, 's')} later"
        return no_evidence(promise, metric, limit, claim, samples=len(readings), tenants=who)
    taken = max(0.0, clean_at - since)
    when = f"after {amount(taken, 's')}" if taken else "by the time that the leak was named"
    claim = f"The {shown} and were clean again {when}"
    return judged(promise, metric, taken, limit, len(readings), claim, tenants=who)


def judge_operation_ends(promise: str, operations: Sequence[Operation], code: str, limit: Limit) -> Measurement:
    """Operations that never end by themselves must be ended by the target, with its time-out code, in time.

    Args:
        operations: The endless operations.
        code: The error code that names a time-out.
        limit: The longest time from sending to refusal, in seconds.

    Returns:
        The longest time; FAIL when one was not ended, claims to be complete, or ended with another code.
    """
    metric = "time until an endless operation was ended"
    sent = [o for o in operations if o.sent_at is not None]
    if not sent:
        return no_evidence(promise, metric, limit, "No endless operation was sent")
    wrong = [
        o for o in sent if o.outcome is not Outcome.REFUSED or (o.refusal or o.code) != code or o.completed_at is None
    ]
    if wrong:
        first = wrong[0]
        ending = f"{first.outcome} {first.code}".rstrip()
        claim = (
            f"{len(wrong)} of {plural(len(sent), 'endless operation')} were not ended with '{code}': "
            f"that of tenant '{first.tenant}' was {ending}"
        )
        return no_evidence(
            promise, metric, limit, claim, samples=len(sent), tenants=dict.fromkeys(o.tenant for o in wrong)
        )
    durations = [
        (o.completed_at - o.sent_at, o.tenant) for o in sent if o.completed_at is not None and o.sent_at is not None
    ]
    longest, tenant = max(durations)
    claim = f"{plural(len(sent), 'endless operation')} ended with '{code}' within {amount(longest, 's')} ('{tenant}')"
    return judged(promise, metric, longest, limit, len(sent), claim, tenants=(tenant,))
