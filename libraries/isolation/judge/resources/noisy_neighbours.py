"""What a platform promises about noisy tenants, judged from the record of tenants that make noise and stop again (RI-5).

What is said of a tenant's noise counts only when there was a noise: it took more than the others did, of what it is noisy with.
"""

from __future__ import annotations

import itertools
import statistics

from isolation.judge.resources.noise import (
    Noise,
    judge_identified,
    judge_mitigated,
    judge_recovered,
    judge_visible,
    noise_readings,
)
from isolation.judge.rules.clocks import first_event
from isolation.judge.rules.series import Reading, count_readings
from isolation.judge.rules.verdicts import amount, inconclusive, judged
from isolation.judge.rules.watched import judge_innocents_watched
from isolation.record import Comparison, Limit, Measurement, OperatorUsage, Verdict
from isolation.record.limits import Limits
from isolation.record.resource_isolation.noisy_neighbours import MadeNoise, NoisyNeighboursRecord
from isolation.record.tenants import NoSuchTenant
from isolation.target.words import Alert, Audit, ResourceKind

ACCUSING = (Alert.NOISE, Alert.QUOTA, Alert.RUNAWAY, Alert.MEMORY_LEAK)
"""Alerts that say of a tenant that it disturbs."""
_UNITS: dict[str, str] = {ResourceKind.IO: "bytes/s", ResourceKind.MESSAGES: "messages/s"}


def judge_noise_reported(
    promise: str, record: NoisyNeighboursRecord, limits: Limits, *, first: int, last: int
) -> list[Measurement]:
    """Each noisy tenant is reported in time, by the right name and for the right resource, and nobody else is."""
    found = _left_out(promise, record, first, last, "reported")
    for made in _made(record, first, last):
        clock, _ = judge_identified(
            promise, [_noise(record, made)], record.events, ACCUSING, record.tenants.names, limits["identified"]
        )
        found += _if_made(promise, record, made, limits, clock)
    began = {made.tenant: made.at for made in record.noises if made.at is not None}
    metric = "alerts that name an innocent tenant"
    return [
        *found,
        judge_innocents_watched(
            promise, metric, record.events, ACCUSING, record.tenants.names, began, min(began.values()),
            record.stopped_at, record.notes,
        ),
    ]  # fmt: skip


def judge_noise_contained(
    promise: str, record: NoisyNeighboursRecord, limits: Limits, *, first: int, last: int
) -> list[Measurement]:
    """Each noisy tenant is contained in time: the audit log says so, and what it gets has come down to half of its peak."""
    found = _left_out(promise, record, first, last, "contained")
    for made in _made(record, first, last):
        readings = _taken(record, made.tenant, made.resources[0], limits)
        peak = max((reading.value for reading in readings if reading.at >= (made.at or 0.0)), default=0.0)
        unit = _UNITS.get(made.resources[0], "% of one core")
        share = limits["calm"]
        calm = Limit(value=peak * share.value, unit=unit, comparison=Comparison.AT_MOST, source=share.source)
        clock = judge_mitigated(
            promise, _noise(record, made), record.events, (Audit.CONTAINED,), readings, calm, limits["mitigated"]
        )
        found += _if_made(promise, record, made, limits, clock)
    return found


def judge_noise_visible(promise: str, record: NoisyNeighboursRecord, limits: Limits) -> list[Measurement]:
    """An operator sees an alert about each noisy tenant, and usage above what was told before its noise."""
    found = _left_out(promise, record, 1, len(record.noises), "seen")
    for made in _made(record, 1, len(record.noises)):
        told = _told(record, made)
        alerts, metrics = judge_visible(
            promise, _noise(record, made), record.events, ACCUSING, told, limits["noise shown"]
        )
        if metrics.limit is not None and not any(reading.at < (made.at or 0.0) for reading in told):
            claim = f"Nothing was read of the usage of '{made.tenant}' before its noise, so it has no comparison"
            metrics = inconclusive(promise, metrics.metric, metrics.limit, claim, tenants=(made.tenant,))
        found += _if_made(promise, record, made, limits, alerts, metrics)
    return found


def judge_back_to_normal(promise: str, record: NoisyNeighboursRecord, limits: Limits) -> list[Measurement]:
    """After its noise each noisy tenant is released, and served as before; whoever never was away cannot come back."""
    found = _left_out(promise, record, 1, len(record.noises), "back to normal")
    for made in _made(record, 1, len(record.noises)):
        own = [one for one in record.afterwards if one.tenant == made.tenant]
        normal = _normal_time(record, made.tenant, limits)
        back = judge_recovered(
            promise, _noise(record, made), own, record.events, (Audit.RELEASED,), normal, limits["stable"].value,
            limits["recovered"],
        )  # fmt: skip
        if not _was_away(record, made, normal):
            claim = (
                f"Tenant '{made.tenant}' was neither contained nor served slowly while it made noise,"
                " so there was nothing to come back from"
            )
            back = inconclusive(promise, back.metric, limits["recovered"], claim, tenants=(made.tenant,))
        found.append(back)
    return found


def noise_made(promise: str, record: NoisyNeighboursRecord, made: MadeNoise, limits: Limits) -> Measurement:
    """A control: the tenant took more of what it is noisy with than the others did."""
    resource, limit = made.resources[0], limits["noise made"]
    noisy = {one.tenant for one in record.noises if one.at is not None}
    since = made.at or 0.0
    own = _peak(record, made.tenant, resource, since, limits)
    others = [_peak(record, name, resource, since, limits) for name in record.tenants if name not in noisy]
    usual = statistics.median(others) if others else 0.0
    metric = f"control: {resource} noise of '{made.tenant}' was made"
    unit = _UNITS.get(resource, "% of one core")
    claim = f"Tenant '{made.tenant}' took up to {amount(own, unit)}, others {amount(usual, unit)} (median of peaks)"
    refused = next((one for one in record.asked if one.tenant == made.tenant and one.code), None)
    claim += f"; its request ended with '{refused.code}'" if refused is not None else ""
    # Whoever uses nothing beside others that use nothing made no noise; beside them, a little is a great deal.
    ratio = own / usual if usual > 0 else limit.value if own > 0 else 0.0
    if not limit.comparison.holds(ratio, limit.value):
        return inconclusive(promise, metric, limit, claim, value=ratio, samples=len(others), control=True)
    return judged(promise, metric, ratio, limit, max(1, len(others)), claim, control=True)


def _if_made(
    promise: str, record: NoisyNeighboursRecord, made: MadeNoise, limits: Limits, *found: Measurement
) -> list[Measurement]:
    """The control first; without a noise nothing that did not happen is the platform's fault."""
    control = noise_made(promise, record, made, limits)
    if control.verdict is Verdict.PASS:
        return [control, *found]
    return [control, *(_excused(m, control) for m in found)]


def _excused(found: Measurement, control: Measurement) -> Measurement:
    if found.verdict not in (Verdict.FAIL, Verdict.PASS):
        return found
    reason = f"{found.reason} There was hardly a noise ({control.reason.rstrip('.')}), so this does not decide."
    return found.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _made(record: NoisyNeighboursRecord, first: int, last: int) -> list[MadeNoise]:
    return [made for made in _meant(record, first, last) if made.at is not None]


def _meant(record: NoisyNeighboursRecord, first: int, last: int) -> list[MadeNoise]:
    by_name = {made.tenant: made for made in record.noises}
    tenants = record.tenants.numbers(range(first, last + 1))
    if quiet := [name for name in tenants if name not in by_name]:
        raise NoSuchTenant(f"Tenant '{quiet[0]}' makes no noise in this scenario; {', '.join(by_name)} do.")
    return [by_name[name] for name in tenants]


def _left_out(promise: str, record: NoisyNeighboursRecord, first: int, last: int, what: str) -> list[Measurement]:
    return [
        Measurement(
            promise=promise,
            metric=f"{made.resources[0]} noise {what}",
            samples=0,
            verdict=Verdict.NOT_APPLICABLE,
            reason=f"The target file names no request '{made.request}'.",
        )
        for made in _meant(record, first, last)
        if made.at is None
    ]


def _noise(record: NoisyNeighboursRecord, made: MadeNoise) -> Noise:
    return Noise(made.tenant, made.resources, made.at or 0.0, record.stopped_at)


def _taken(record: NoisyNeighboursRecord, tenant: str, resource: str, limits: Limits) -> list[Reading]:
    """What a tenant took over time: bytes of storage, messages, or CPU time, which taking memory costs too."""
    window_s = limits["noise window"].value
    if resource == ResourceKind.MESSAGES:
        counts = [Reading(one.at, float(one.received)) for one in record.received if one.tenant == tenant]
        return count_readings(counts, window_s)
    kind = ResourceKind.IO if resource == ResourceKind.IO else ResourceKind.CPU
    readings = noise_readings(record.samples, tenant, kind, window_s)
    if readings and tenant in record.gone:
        # Whose process has ended uses nothing from the next sweep on.
        readings.append(Reading(min(readings[-1].at + record.sampling_s, record.stopped_at), 0.0))
    return readings


def _peak(record: NoisyNeighboursRecord, tenant: str, resource: str, since: float, limits: Limits) -> float:
    readings = _taken(record, tenant, resource, limits)
    return max((one.value for one in readings if since <= one.at <= record.stopped_at), default=0.0)


def _told(record: NoisyNeighboursRecord, made: MadeNoise) -> list[Reading]:
    """What the operator API told of the resource that the noise takes."""
    own = [one for one in record.usage if one.tenant == made.tenant]
    if made.resources[0] == ResourceKind.MESSAGES:
        # A counter that only grows, and that nothing had moved when the experiment began.
        counts = [Reading(record.began_at, 0.0), *(Reading(one.at, float(one.messages)) for one in own)]
        return [Reading(b.at, (b.value - a.value) / max(b.at - a.at, 1e-9)) for a, b in itertools.pairwise(counts)]
    return [Reading(one.at, _amount(made.resources[0], one)) for one in own]


def _amount(resource: str, usage: OperatorUsage) -> float:
    if resource == ResourceKind.MEMORY:
        return float(usage.memory_bytes)
    return usage.io_bytes_per_second if resource == ResourceKind.IO else usage.cpu_percent


def _normal_time(record: NoisyNeighboursRecord, tenant: str, limits: Limits) -> Limit:
    """What the tenant is used to, with some room; an answer that is quick enough for anybody is always normal."""
    before = [o.latency for o in record.before if o.tenant == tenant and o.answered and o.latency is not None]
    usual = limits["normal answer"].value * statistics.median(before) if before else 0.0
    value = max(limits["quick answer"].value, usual)
    return limits["quick answer"].model_copy(update={"value": value, "source": limits["normal answer"].source})


def _was_away(record: NoisyNeighboursRecord, made: MadeNoise, normal: Limit) -> bool:
    contained = first_event(record.events, "audit", (Audit.CONTAINED,), made.tenant, made.at or 0.0)
    if contained is not None and contained.seen_at <= record.stopped_at:
        return True
    during = [o for o in record.steady if o.tenant == made.tenant and (made.at or 0.0) <= o.intended_at]
    return any(
        not o.answered or o.latency is None or o.latency > normal.value
        for o in during
        if o.intended_at < record.stopped_at - normal.value
    )
