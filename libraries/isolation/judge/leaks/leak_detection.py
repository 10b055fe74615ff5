"""What a platform promises about leaks, runaways and operations without end, judged from the record of the nine tenants (RI-3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from isolation.judge.leaks.memory_growth import LeakRule, ResourceLeakDetector, judge_healthy_left_alone
from isolation.judge.leaks.runaways import (
    judge_cleaned_up,
    judge_operation_ends,
    judge_runaway_stopped,
    judge_sustained,
)
from isolation.judge.rules.clocks import first_event, judge_innocents, judge_named
from isolation.judge.rules.limit_units import bytes_as, in_bytes
from isolation.judge.rules.series import Reading, memory_readings
from isolation.judge.rules.verdicts import inconclusive, judged, names, plural
from isolation.judge.traffic.served import judge_served
from isolation.record import Comparison, Measurement, Sample, Verdict
from isolation.record.limits import Limits
from isolation.record.resource_isolation.leak_detection import LeakDetectionRecord
from isolation.target.words import Alert, Audit, Code, RequestKind

_KINDS = {
    "memory": (RequestKind.MEMORY_LEAK, Alert.MEMORY_LEAK, "bytes of memory"),
    "file descriptor": (RequestKind.HANDLE_LEAK, Alert.HANDLE_LEAK, "file descriptors"),
    "connection": (RequestKind.CONNECTION_LEAK, Alert.CONNECTION_LEAK, "database connections"),
}
_ACCUSING = tuple(str(alert) for alert in Alert if alert is not Alert.OPERATION_TIMEOUT)


def judge_leak_reported(
    promise: str, record: LeakDetectionRecord, limits: Limits, *, tenant: int, kind: str
) -> list[Measurement]:
    """The platform names the leak and the tenant in time."""
    request, alert, _ = _KINDS[kind]
    name = record.tenants.number(tenant)
    metric, limit = f"time until the {kind} leak was reported", limits["leak named"]
    since = record.beginning(name, request)
    if since is None:
        return [inconclusive(promise, metric, limit, f"Tenant '{name}' did not begin to leak ({kind})")]
    deed = f"reported as leaking ({kind})"
    return [judge_named(promise, metric, record.events, (alert,), name, since, deed, limit)]


def judge_leak_cleaned_up(
    promise: str, record: LeakDetectionRecord, limits: Limits, *, tenant: int, kind: str
) -> list[Measurement]:
    """What leaked is gone again, by itself, in time after it was reported."""
    request, alert, things = _KINDS[kind]
    name, limit = record.tenants.number(tenant), limits["cleaned up"]
    began = record.beginning(name, request)
    if began is None:
        claim = f"Tenant '{name}' did not begin to leak ({kind})"
        return [inconclusive(promise, f"time until leaked {things} were cleaned up", limit, claim)]
    reported = first_event(record.events, "alert", (alert,), name, began)
    readings = _readings(record, kind, name)
    before = next((reading.value for reading in reversed(readings) if reading.at < began), None)
    after = [reading for reading in readings if reading.at >= began]
    tolerance = limits[f"{kind} tolerance"]
    most = in_bytes(tolerance) if kind == "memory" else tolerance.value
    since = reported.seen_at if reported else began
    return [judge_cleaned_up(promise, things, name, before, after, since, most, limit)]


def judge_runaway(promise: str, record: LeakDetectionRecord, limits: Limits, *, tenant: int) -> list[Measurement]:
    """The calculation that never ends is stopped in time: its usage falls, and the audit log says so."""
    name, limit = record.tenants.number(tenant), limits["runaway stopped"]
    since = record.beginning(name, RequestKind.ENDLESS_LOOP)
    if since is None:
        claim = f"Tenant '{name}' did not run away"
        return [inconclusive(promise, "time until the runaway was stopped", limit, claim)]
    samples = _until_after_its_end(record, name)
    calm, window_s = limits["calm"].value, limits["calm window"].value
    return judge_runaway_stopped(promise, samples, record.events, (Audit.STOPPED,), name, since, calm, limit, window_s)


def judge_endless_operation(promise: str, record: LeakDetectionRecord, limits: Limits) -> list[Measurement]:
    """The operation that never ends is ended by the platform, which says that its time was over."""
    return [judge_operation_ends(promise, record.endless, Code.TIMEOUT, limits["operation ends"])]


def judge_sustained_use(promise: str, record: LeakDetectionRecord, limits: Limits) -> list[Measurement]:
    """Who uses most of a core for long is flagged, and nobody else is."""
    limit, window_s = limits["sustained use"], record.sustained_s
    margin, grace_s = limits["sustained margin"].value, limits["sustained grace"].value
    kinds = (Alert.SUSTAINED_USE,)
    return [judge_sustained(promise, record.samples, record.events, kinds, limit, window_s, margin, grace_s)]


def judge_healthy_tenants(
    promise: str, record: LeakDetectionRecord, limits: Limits, *, tenants: Sequence[int]
) -> list[Measurement]:
    """No alert names a tenant that only looks suspicious, and the suite's own detector does not flag it either."""
    healthy = record.tenants.numbers(tenants)
    guilty = {name: record.began_at for name in record.tenants if name not in healthy}
    named = judge_innocents(
        promise,
        "alerts against healthy tenants",
        record.events,
        _ACCUSING,
        tuple(record.tenants),
        guilty,
        record.began_at,
    )
    own = judge_healthy_left_alone(promise, ResourceLeakDetector(LeakRule.of(limits)), record.samples, healthy)
    if own.verdict is Verdict.FAIL:
        # The suite's own detector erred: that says nothing about the target.
        own = own.model_copy(update={"verdict": Verdict.INCONCLUSIVE})
    return [named, own, _grew(promise, record, limits, healthy)]


def judge_nobody_else_reported(
    promise: str, record: LeakDetectionRecord, limits: Limits, *, tenant: int
) -> list[Measurement]:
    """No alert names anybody but the tenant that leaks; without one that names it, nothing is shown."""
    name = record.tenants.number(tenant)
    since = min((one.at for one in record.began if one.tenant == name), default=record.ended_at)
    everybody = tuple(record.tenants)
    metric = "alerts against other tenants"
    return [judge_innocents(promise, metric, record.events, _ACCUSING, everybody, {name: since}, record.began_at)]


def _grew(promise: str, record: LeakDetectionRecord, limits: Limits, healthy: Sequence[str]) -> Measurement:
    """A control: whoever did not even look suspicious could not be mistaken for one who leaks."""
    limit = limits["memory tolerance"].model_copy(update={"comparison": Comparison.ABOVE})
    risen = {name: _rise(record, name) for name in healthy}
    quiet = sorted(name for name, rise in risen.items() if rise <= in_bytes(limit))
    metric = "control: memory of the healthy tenants moved"
    claim = f"The memory of {len(risen) - len(quiet)} of {plural(len(risen), 'healthy tenant')} rose by more than a tolerance"
    if quiet or not risen:
        claim += f", that of {names(quiet)} did not, so nothing could be mistaken for a leak"
        return inconclusive(promise, metric, limit, claim, samples=len(risen), tenants=quiet, control=True)
    least = bytes_as(min(risen.values()), limit.unit)
    return judged(promise, metric, least, limit, len(risen), claim, control=True)


def _rise(record: LeakDetectionRecord, name: str) -> float:
    sizes = [reading.value for reading in memory_readings(record.samples, name)]
    peaks = [float(s.peak_rss_bytes) for s in record.samples if s.tenant == name and s.peak_rss_bytes is not None]
    return max(max(sizes, default=0.0), max(peaks, default=0.0)) - min(sizes, default=0.0)


def judge_service_afterwards(promise: str, record: LeakDetectionRecord, limits: Limits) -> list[Measurement]:
    """Ordinary requests of everybody are answered after all of it."""
    return [judge_served(promise, "answered again", record.afterwards, limits["answered"], "after the leaks")]


def _readings(record: LeakDetectionRecord, kind: str, name: str) -> list[Reading]:
    """How much a tenant holds over time; one whose process has ended holds nothing from the next sweep on."""
    if kind == "connection":
        return [Reading(one.at, float(one.database_connections)) for one in record.usage if one.tenant == name]
    own = [sample for sample in record.samples if sample.tenant == name]
    if kind == "memory":
        readings = memory_readings(own, name)
    else:
        readings = [Reading(sample.at, float(sample.handles)) for sample in own if sample.handles is not None]
    if readings and name in record.gone:
        readings.append(Reading(min(readings[-1].at + record.sampling_s, record.ended_at), 0.0))
    return readings


def _until_after_its_end(record: LeakDetectionRecord, name: str) -> list[Sample]:
    """The samples and, when the tenant has no process any more, what is known of it since: it uses nothing more."""
    own = [sample for sample in record.samples if sample.tenant == name]
    if not own or name not in record.gone:
        return record.samples
    last, step = own[-1], record.sampling_s
    steps = math.floor((record.ended_at - last.at) / step)
    return [*record.samples, *(replace(last, at=last.at + (number + 1) * step) for number in range(steps))]
