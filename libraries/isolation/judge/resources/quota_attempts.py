"""What a platform promises about quotas, judged from the record of tenants that try to exceed theirs (RI-2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from isolation.judge.resources.quotas import Excess, judge_control, judge_quota, max_window_usage
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, plural, some, zero
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement, PlatformEvent, Verdict
from isolation.record.limits import Limits
from isolation.record.resource_isolation.quotas import QuotaAttempt, QuotasRecord
from isolation.record.tenants import NoSuchTenant
from isolation.target.words import Alert, Audit, ResourceKind

REPORTING = (Alert.QUOTA, Alert.NOISE)
"""Alerts that report that a tenant takes too much."""
_EFFECT = "usage under the quota"


def judge_held_to_quota(
    promise: str, record: QuotasRecord, limits: Limits, *, tenant: int, resource: str
) -> list[Measurement]:
    """A tenant that tried to exceed its own quota was held to it, by its own limit, and reported; nobody else was.

    Whoever was contained already when it tried says nothing about its quota.
    """
    attempt = attempt_of(record, tenant, resource)
    control = _control(promise, record, limits, attempt)
    since, until = attempt.started_at, attempt.ended_at + 1
    events = [event for event in record.events if event.seen_at >= since]
    span = _span(record, limits, attempt)
    # What is left of the suite's own controls, and of those that tried before, is nobody innocent's.
    exceeding = [one.tenant for one in (*record.attempts, *record.controls)]
    found = judge_quota(
        promise,
        Excess(attempt.tenant, attempt.resource, attempt.quota, since, span.active_from, span.ended_at),
        [sample for sample in record.samples if since <= sample.at <= until],
        control,
        attempt.counters,
        exceeding,
        events,
        REPORTING,
        overshoot=limits["overshoot"],
        active_limit=limits["active"],
        alert_limit=limits["identified"],
        near=limits["near quota"],
        window_s=span.window_s,
    )
    if span.is_short and not any(m.metric.endswith(_EFFECT) and m.verdict is Verdict.PASS for m in found):
        why = f"Tenant '{attempt.tenant}' was contained {amount(span.ended_at - since, 's')} after it began, too soon to tell."
        found = [_undecided(one, why) if one.verdict is Verdict.FAIL else one for one in found]
    tried = _tried(promise, record, attempt)
    found += [
        tried,
        *_reached(promise, record, limits, attempt),
        _others_live_on(promise, record, limits, attempt, exceeding),
    ]
    if tried.verdict is not Verdict.PASS:
        found = [_undecided(one, tried.reason) for one in found]
    if was_contained(record.events, attempt.tenant, since):
        found = [_undecided(one, f"Tenant '{attempt.tenant}' was contained before it tried.") for one in found]
    return [_named(one, resource) for one in found]


def judge_served_after_attempt(
    promise: str, record: QuotasRecord, limits: Limits, *, tenant: int, resource: str
) -> list[Measurement]:
    """Ordinary requests of the tenant are answered after its attempt; and it had made one."""
    attempt = attempt_of(record, tenant, resource)
    own = [operation for operation in record.served if operation.tenant == attempt.tenant]
    found = judge_served(promise, "answered again", own, limits["answered"], f"after it tried to exceed its {resource}")
    if found.verdict is not Verdict.PASS:
        return [found]
    held = judge_held_to_quota(promise, record, limits, tenant=tenant, resource=resource)
    effect = next((one for one in held if one.metric.endswith(_EFFECT)), None)
    if effect is not None and effect.samples and effect.verdict in (Verdict.PASS, Verdict.FAIL):
        return [found]
    return [_undecided(found, effect.reason if effect is not None else "Nothing shows that it tried.")]


def attempt_of(record: QuotasRecord, tenant: int, resource: str) -> QuotaAttempt:
    """The attempt that a sentence names.

    Raises:
        NoSuchTenant: That tenant did not try that.
    """
    name = record.tenants.number(tenant)
    for attempt in record.attempts:
        if attempt.tenant == name and attempt.resource == resource:
            return attempt
    tried = ", ".join(f"'{one.tenant}' ({one.resource})" for one in record.attempts)
    raise NoSuchTenant(f"Tenant '{name}' did not try to exceed its {resource} quota; these did: {tried or 'none'}.")


def was_contained(events: list[PlatformEvent], tenant: str, at: float) -> bool:
    """Whether a tenant was contained at a moment (seconds, monotonic clock), by the audit log."""
    own = [e for e in events if e.tenant == tenant and e.seen_at < at and e.word in (Audit.CONTAINED, Audit.RELEASED)]
    return bool(own) and max(own, key=lambda event: (event.seen_at, event.sequence)).word == Audit.CONTAINED


@dataclass(frozen=True, slots=True)
class _Span:
    """In which part of an attempt it is the quota that holds the tenant back.

    Attributes:
        active_from: When the quota was first seen to be in force, or None.
        ended_at: When the attempt ended, or when the tenant was contained: from then on it is the containment that holds it back.
        window_s: Over how many seconds usage is averaged.
        is_short: Whether the containment came before a whole window could be seen.
    """

    active_from: float | None
    ended_at: float
    window_s: float
    is_short: bool = False


def _span(record: QuotasRecord, limits: Limits, attempt: QuotaAttempt) -> _Span:
    """Whoever is ended is not held to a quota from then on, and whoever is contained is held by something else."""
    own = [
        e for e in record.events if e.tenant == attempt.tenant and attempt.started_at <= e.seen_at < attempt.ended_at
    ]
    mine = [s.at for s in record.samples if s.tenant == attempt.tenant and s.at <= attempt.ended_at]
    last = max(mine, default=attempt.started_at)
    window_s = limits["window"].value
    contained_at = min((e.seen_at for e in own if e.word == Audit.CONTAINED), default=None)
    if attempt.resource != ResourceKind.CPU or contained_at is None:
        active = [e.seen_at for e in own if e.word in (*REPORTING, Audit.STOPPED) and e.seen_at < last]
        return _Span(min(active, default=None), attempt.ended_at, window_s)
    active = [e.seen_at for e in own if e.word == Alert.QUOTA and e.seen_at < contained_at]
    if active and contained_at - min(active) >= window_s:
        return _Span(min(active), contained_at, window_s)
    # The quota was set before the attempt: where it held from the first moment on, that shows in any stretch.
    shortest_s = limits["sampled again"].value / 2
    stretch_s = contained_at - attempt.started_at - shortest_s
    return _Span(None, contained_at, max(shortest_s, min(window_s, stretch_s)), stretch_s < window_s)


def _control(promise: str, record: QuotasRecord, limits: Limits, attempt: QuotaAttempt) -> Measurement:
    """The same load without a quota exceeds the quota that the tenant has."""
    control = next(one for one in record.controls if one.resource == attempt.resource)
    unlimited = Excess(control.tenant, control.resource, attempt.quota, control.started_at, None, control.ended_at)
    samples = [sample for sample in record.samples if control.started_at <= sample.at <= control.ended_at]
    return judge_control(promise, unlimited, samples, limits["burner"], limits["control window"].value)


def _tried(promise: str, record: QuotasRecord, attempt: QuotaAttempt) -> Measurement:
    """A request that was refused before anything was done is no attempt."""
    own = [one for one in record.asked if one.tenant == attempt.tenant]
    refused = next((one for one in own if one.code and one.accepted_at is None), None)
    metric, limit = f"control: tenant '{attempt.tenant}' tried", some(f"promise {promise}: something was tried")
    if refused is not None:
        claim = f"The request of tenant '{attempt.tenant}' was refused ('{refused.code}') before it began"
        return inconclusive(promise, metric, limit, claim, control=True)
    if not own:
        return inconclusive(promise, metric, limit, f"Tenant '{attempt.tenant}' asked for nothing", control=True)
    return judged(promise, metric, float(len(own)), limit, len(own), f"Tenant '{attempt.tenant}' tried", control=True)


def _reached(promise: str, record: QuotasRecord, limits: Limits, attempt: QuotaAttempt) -> list[Measurement]:
    """A tenant that was contained before it came near its quota of CPU time was not held by the quota."""
    if attempt.resource != ResourceKind.CPU:
        return []  # how near it came to its quota of memory stands in the effect
    limit, window_s = limits["near quota"], limits["control window"].value
    own = [sample for sample in record.samples if attempt.started_at <= sample.at <= attempt.ended_at + 1]
    most = max_window_usage(own, attempt.tenant, window_s)
    metric = f"control: tenant '{attempt.tenant}' came near its quota"
    ratio = most.percent / attempt.quota if most is not None else 0.0
    claim = f"Tenant '{attempt.tenant}' used {amount(ratio, 'x')} its quota in its worst {amount(window_s, 's')}"
    if not limit.comparison.holds(ratio, limit.value):
        return [inconclusive(promise, metric, limit, claim, value=ratio, samples=len(own), control=True)]
    return [judged(promise, metric, ratio, limit, len(own), claim, control=True)]


def _others_live_on(
    promise: str, record: QuotasRecord, limits: Limits, attempt: QuotaAttempt, exceeding: Collection[str]
) -> Measurement:
    """Whoever enforces a quota by ending a process must not end another tenant's."""
    metric = "processes of other tenants that ended"
    limit, again_s = zero(f"promise {promise}: only who exceeds is held back"), limits["sampled again"].value
    others = [sample for sample in record.samples if sample.tenant not in exceeding and sample.at <= attempt.ended_at]
    last: dict[tuple[str, int], float] = {}
    for sample in others:
        last[sample.tenant, sample.pid] = max(sample.at, last.get((sample.tenant, sample.pid), sample.at))
    there = {process: at for process, at in last.items() if at >= attempt.started_at - again_s}
    if not there:
        return inconclusive(promise, metric, limit, "No process of another tenant was sampled when the attempt began")
    ended = [process for process, at in there.items() if at < max(there.values()) - again_s]
    shown = f": {names(f'process {pid} of {tenant}' for tenant, pid in ended)}" if ended else ""
    claim = (
        f"{len(ended)} of {plural(len(there), 'process')} of other tenants ended while '{attempt.tenant}' tried{shown}"
    )
    who = dict.fromkeys(tenant for tenant, _ in ended)
    return judged(promise, metric, float(len(ended)), limit, len(there), claim, tenants=who)


def _undecided(found: Measurement, why: str) -> Measurement:
    if found.verdict not in (Verdict.PASS, Verdict.FAIL):
        return found
    reason = f"{found.reason} {why} So this says nothing about its quota."
    return found.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _named(found: Measurement, resource: str) -> Measurement:
    metric = found.metric if resource in found.metric else f"{resource}: {found.metric}"
    return found.model_copy(update={"metric": metric})
