"""Whether a quota holds, by independent witnesses (RI-2).

Principle: one witness can lie, so four are heard. The *effect*: from the moment of enforcement on, the tenant's usage
over any window is at most quota x tolerance. The *cause*: that tenant's own throttle or out-of-memory counter moved,
and no other tenant's did. The *victims*: RI-4's rule, in `isolation.judge.slowdown.degradation`. The *positive control*: the
same burner without a quota exceeds it; if not, the burner is too weak and whatever did not happen proves nothing.

The processor's effect is the highest mean over any window, searched on the interpolated cumulative counters
(`isolation.judge.rules.series`). Memory has no counter: the highest sum at any sweep decides, or what the kernel's
high-water mark says of the time between two sweeps, which is never below the highest mean of a window and so stricter
than the promise. Memory is RSS unless every sample carries PSS; RSS counts
shared pages in every process, against the target.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from isolation.judge.rules.clocks import judge_clock, judge_innocents, judge_named
from isolation.judge.rules.series import (
    WindowUsage,
    cpu_curve,
    highest_window,
    memory_kind,
    memory_readings,
    peak_readings,
)
from isolation.judge.rules.verdicts import amount, inconclusive, judged, no_evidence, plural, some, zero
from isolation.record import Limit, Measurement, PlatformEvent, Sample, Verdict
from isolation.record.resource_isolation.quotas import CounterReading

OWN_COUNTER = "own throttle or out-of-memory counter"
EXCESS_ALERT = "time until the excess was reported"
ENFORCED = "time until the quota was enforced"
_NEEDS_EXCESS = (OWN_COUNTER, EXCESS_ALERT, ENFORCED)


@dataclass(frozen=True, slots=True)
class Excess:
    """One tenant that tries to exceed its quota.

    Attributes:
        resource: ``cpu`` or ``memory``.
        quota: The quota itself: per cent of one core, or bytes.
        started_at: When the burner started (seconds, monotonic clock).
        active_from: When enforcement was first seen, or None when it never was.
        ended_at: When the burner ended.
    """

    tenant: str
    resource: str
    quota: float
    started_at: float
    active_from: float | None
    ended_at: float


def max_window_usage(samples: Sequence[Sample], tenant: str, window_s: float) -> WindowUsage | None:
    """The window in which a tenant used most processor time, all its processes together.

    Args:
        samples: Samples of any tenants, in any order, evenly spaced or not.
        window_s: Length of the sliding window in seconds.

    Returns:
        The window, or None when the record is shorter than one window.
    """
    curve = cpu_curve(samples, tenant)
    found = highest_window(curve, window_s)
    if found is None:
        return None
    used, start = found
    return WindowUsage(100.0 * used / window_s, start, start + window_s, sum(s.tenant == tenant for s in samples))


def judge_quota(
    promise: str,
    excess: Excess,
    samples: Sequence[Sample],
    control: Measurement,
    counters: Sequence[CounterReading],
    exceeding: Collection[str],
    events: Sequence[PlatformEvent],
    alert_kinds: Collection[str],
    overshoot: Limit,
    active_limit: Limit,
    alert_limit: Limit,
    near: Limit,
    window_s: float,
) -> list[Measurement]:
    """All witnesses of one tenant's quota; the victims and the resumption are judged elsewhere.

    Args:
        excess: Who tried to exceed which quota, and when.
        samples: Samples of the whole case.
        control: The result of `judge_control` for the same burner.
        counters: Enforcement counters of *all* tenants.
        exceeding: All tenants that tried to exceed a quota in this case.
        events: The target's alerts.
        alert_kinds: Kinds of alert that report an excess.
        overshoot: Largest multiple of the quota, such as at most 1.05.
        active_limit: Longest time until enforcement, in seconds.
        alert_limit: Longest time until the alert, in seconds.
        near: Which part of its memory quota a tenant must have been seen to use.
        window_s: Length of the sliding window in seconds.

    Returns:
        One measurement per witness. A quota that nobody reported was in force from the start when effect and cause say
        so; the missing report is a measurement of its own. When the control shows that the burner is too weak, what did not happen for want
        of an excess (no throttling, no alert, no enforcement) is INCONCLUSIVE instead of FAIL.
    """
    watched = {s.tenant for s in samples}
    guilty_from = dict.fromkeys(exceeding, excess.started_at)
    effect = judge_effect(promise, excess, samples, overshoot, near, window_s)
    own = judge_own_counter(promise, excess.tenant, counters)
    held_from = excess.active_from
    if held_from is None and effect.verdict is own.verdict is Verdict.PASS:
        held_from = excess.started_at  # nobody said so, but it never got more, and its own counter tells why
    witnesses = [
        judge_clock(promise, ENFORCED, excess.tenant, "held to its quota", excess.started_at, held_from, active_limit),
        effect,
        own,
        judge_other_counters(promise, counters, exceeding),
        judge_named(
            promise, EXCESS_ALERT, events, alert_kinds, excess.tenant, excess.started_at,
            f"reported for exceeding its {excess.resource} quota", alert_limit, (excess.resource,),
        ),
        judge_innocents(
            promise, "alerts that name another tenant", events, alert_kinds, watched, guilty_from, excess.started_at
        ),
    ]  # fmt: skip
    if control.verdict is not Verdict.PASS:
        witnesses = [_without_excess(witness) for witness in witnesses]
    return [*witnesses, control]


def judge_effect(
    promise: str, excess: Excess, samples: Sequence[Sample], overshoot: Limit, near: Limit, window_s: float
) -> Measurement:
    """The tenant's highest usage while the quota was in force, as a multiple of the quota.

    Args:
        excess: Who, which quota, and when.
        samples: Samples of the whole case.
        overshoot: The largest multiple of the quota, such as at most 1.05.
        near: Which part of its memory quota it must have been seen to use: memory comes and goes between two samples.
        window_s: Length of the sliding window in seconds.

    Returns:
        The highest usage over the quota. A quota that was never enforced is judged from the start of the excess on.
        INCONCLUSIVE when the record is shorter than one window, or when no sample saw the tenant near its memory
        quota: then nobody knows how much it had at its height.
    """
    # A memory quota holds from the first byte; whoever exceeds it has often ended before enforcement is seen.
    always = excess.resource == "memory" or excess.active_from is None
    since = excess.started_at if always or excess.active_from is None else excess.active_from
    metric = f"highest {excess.resource} usage under the quota"
    who = (excess.tenant,)
    most = _most(excess, samples, since, window_s)
    if most.samples == 0:
        return no_evidence(promise, metric, overshoot, f"No sample of tenant '{excess.tenant}' was taken", tenants=who)
    if most.value is None:
        claim = (
            f"{plural(most.samples, 'sample')} of tenant '{excess.tenant}' under its quota do not fill "
            f"one window of {amount(window_s, 's')}"
        )
        return inconclusive(promise, metric, overshoot, claim, samples=most.samples, tenants=who)
    ratio = most.value / excess.quota
    claim = f"Tenant '{excess.tenant}' used {most.words}, {amount(ratio, 'x')} its quota of {_words(excess)}"
    if excess.resource == "memory" and not near.comparison.holds(ratio, near.value):
        claim += f", so not one of {plural(most.samples, 'sample')} saw it near its quota"
        return inconclusive(promise, metric, overshoot, claim, value=ratio, samples=most.samples, tenants=who)
    details = {"enforced": "no" if excess.active_from is None else "yes", "window_seconds": window_s}
    return judged(promise, metric, ratio, overshoot, most.samples, claim, tenants=who, details=details)


def judge_own_counter(promise: str, tenant: str, counters: Sequence[CounterReading]) -> Measurement:
    """The enforcement counter of the tenant that exceeded must have moved."""
    own = [c for c in counters if c.tenant == tenant]
    limit = some(f"promise {promise}: the cause is on record")
    if not own:
        return no_evidence(promise, OWN_COUNTER, limit, f"No counter of tenant '{tenant}' was read", tenants=(tenant,))
    shown = ", ".join(f"{c.name} {c.before} -> {c.after}" for c in own)
    claim = f"The enforcement counters of tenant '{tenant}' went {shown}"
    return judged(promise, OWN_COUNTER, float(sum(c.moved for c in own)), limit, len(own), claim, tenants=(tenant,))


def judge_other_counters(promise: str, counters: Sequence[CounterReading], exceeding: Collection[str]) -> Measurement:
    """The enforcement counter of nobody else may have moved."""
    metric = "other tenants' throttle or out-of-memory counters"
    limit = zero(f"promise {promise}: only who exceeds is held back")
    others = [c for c in counters if c.tenant not in exceeding]
    if not others:
        return no_evidence(promise, metric, limit, "No counter of a tenant inside its quota was read")
    moved = sorted((c for c in others if c.moved), key=lambda c: -c.moved)
    claim = f"None of {plural(len(others), 'counter')} of tenants inside their quotas moved"
    if moved:
        shown = ", ".join(f"{c.name} of '{c.tenant}' {c.before} -> {c.after}" for c in moved[:5])
        claim = f"{plural(len(moved), 'counter')} of tenants inside their quotas moved: {shown}"
    tenants = tuple(dict.fromkeys(c.tenant for c in moved))
    return judged(promise, metric, float(len(moved)), limit, len(others), claim, tenants=tenants)


def judge_control(
    promise: str, unlimited: Excess, samples: Sequence[Sample], limit: Limit, window_s: float
) -> Measurement:
    """The same burner without the quota (or with a much higher one) must exceed the quota.

    Args:
        unlimited: The control tenant; its ``quota`` is the one that it must be seen to exceed.
        samples: Samples of the control.
        limit: Which multiple of the quota it must exceed.
        window_s: Length of the sliding window in seconds.

    Returns:
        PASS when the control exceeded the quota, else INCONCLUSIVE: the burner is too weak to prove anything.
    """
    metric = f"{unlimited.resource} usage of the same burner without the quota (positive control)"
    who = (unlimited.tenant,)
    most = _most(unlimited, samples, unlimited.started_at, window_s)
    if most.value is None:
        claim = f"The control tenant '{unlimited.tenant}' gave {plural(most.samples, 'sample')}, too few for a window"
        return inconclusive(promise, metric, limit, claim, samples=most.samples, tenants=who, control=True)
    ratio = most.value / unlimited.quota
    claim = f"without the quota tenant '{unlimited.tenant}' used {most.words}, {amount(ratio, 'x')} the quota"
    if limit.comparison.holds(ratio, limit.value):
        claim = f"The burner is strong enough: {claim}"
        return judged(promise, metric, ratio, limit, most.samples, claim, tenants=who, control=True)
    claim = f"The burner is too weak: {claim}"
    return inconclusive(promise, metric, limit, claim, value=ratio, samples=most.samples, tenants=who, control=True)


@dataclass(frozen=True, slots=True)
class _Most:
    """The highest usage of a case in the unit of its quota, or None when the record is too short."""

    value: float | None
    words: str
    samples: int


def _most(excess: Excess, samples: Sequence[Sample], since: float, window_s: float) -> _Most:
    own = [s for s in samples if s.tenant == excess.tenant and since <= s.at <= excess.ended_at]
    if excess.resource == "memory":
        seen = max((reading.value for reading in memory_readings(own, excess.tenant)), default=None)
        between = max((reading.value for reading in peak_readings(own, excess.tenant)), default=0.0)
        peak = None if seen is None else max(seen, between)
        words = "" if peak is None else f"at most {amount(peak, 'bytes')} of memory ({memory_kind(own, excess.tenant)})"
        if seen is not None and between > seen:
            words += ", between two samples, by the kernel's high-water mark"
        return _Most(peak, words, len(own))
    worst = max_window_usage(own, excess.tenant, window_s)
    if worst is None:
        return _Most(None, "", len(own))
    words = f"{amount(worst.percent, '%')} of a core in its worst {amount(window_s, 's')}"
    return _Most(worst.percent, words, len(own))


def _words(excess: Excess) -> str:
    return amount(excess.quota, "bytes") if excess.resource == "memory" else amount(excess.quota, "%")


def _without_excess(witness: Measurement) -> Measurement:
    if witness.metric not in _NEEDS_EXCESS or witness.verdict is not Verdict.FAIL:
        return witness
    reason = f"{witness.reason} The burner was too weak to exceed the quota, so this decides nothing."
    return witness.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})
