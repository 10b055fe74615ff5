"""Whether noise is identified by the right name, contained in time, visible to an operator, and over soon (RI-5).

Principle: identification and mitigation have clocks of their own, both from the moment the noise began. *Identified*
is the first alert that names the noisy tenant; naming anybody else is a FAIL. *Mitigated* needs two witnesses, the
target's audit record and the effect: the tenant's usage came down and stayed down until the noise ended; the later
one counts. *Recovered* is the first moment after the noise from which all the tenant's operations are answered in its
normal time, and the target says that it let the tenant go; again the later one counts.

All kinds of resource are judged alike: usage comes in as readings of any unit, made from samples by `noise_readings`
(processor, memory, input and output), or from the messages that the suite itself received.

Assumptions: readings are dense (1 s) and reach to the end of the noise; when they never rise above what counts as
calm, the noise was too weak and nothing is decided.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from isolation.judge.rules.clocks import ALERT, AUDIT, first_event, judge_clock, judge_innocents, judge_named, says
from isolation.judge.rules.limit_units import seconds_as
from isolation.judge.rules.series import Reading, cpu_readings, io_curve, kept_from, memory_readings, rate_readings
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, some
from isolation.record import Limit, Measurement, Operation, Outcome, PlatformEvent, Sample
from isolation.target.words import Audit


@dataclass(frozen=True, slots=True)
class Noise:
    """One tenant that makes noise.

    Attributes:
        resources: The resources that an alert may name for it, the main one first: an input/output and database storm
            may be named for either.
        started_at: When the noise began (seconds, monotonic clock).
    """

    tenant: str
    resources: tuple[str, ...]
    started_at: float
    ended_at: float


def noise_readings(samples: Sequence[Sample], tenant: str, resource: str, window_s: float) -> list[Reading]:
    """A tenant's usage of a resource over time, from samples.

    Args:
        resource: ``cpu`` (per cent of one core), ``memory`` (bytes) or ``io`` (bytes per second).
        window_s: Over how many seconds a rate is averaged.

    Returns:
        Readings, each at the end of its window; empty for a resource that samples do not show.
    """
    if resource == "cpu":
        return cpu_readings(samples, tenant, window_s)
    if resource == "memory":
        return memory_readings(samples, tenant)
    if resource == "io":
        return rate_readings(io_curve(samples, tenant), window_s)
    return []


def judge_identified(
    promise: str,
    noises: Sequence[Noise],
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    watched: Collection[str],
    limit: Limit,
) -> list[Measurement]:
    """Every noisy tenant must be named in time, and nobody else.

    Args:
        noises: All noisy tenants of the case.
        events: The target's alerts.
        kinds: Kinds of alert that accuse a tenant of noise.
        watched: All tenants that were there.
        limit: The longest time, in seconds.

    Returns:
        One clock per noisy tenant, and the alerts against innocent tenants.
    """
    clocks = [
        judge_named(
            promise, f"time until {noise.resources[0]} noise of '{noise.tenant}' was reported", events, kinds,
            noise.tenant, noise.started_at, "reported as noisy", limit, noise.resources,
        )
        for noise in noises
    ]  # fmt: skip
    guilty_from = {noise.tenant: noise.started_at for noise in noises}
    since = min((noise.started_at for noise in noises), default=0.0)
    innocents = judge_innocents(
        promise, "alerts that name an innocent tenant", events, kinds, watched, guilty_from, since
    )
    return [*clocks, innocents]


def judge_mitigated(
    promise: str,
    noise: Noise,
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    readings: Sequence[Reading],
    calm: Limit,
    limit: Limit,
) -> Measurement:
    """The noisy tenant must be contained: the target says so and its usage has come down.

    Args:
        noise: Who, what and when.
        events: The target's audit trail.
        kinds: Kinds of entry that record containment.
        readings: The tenant's usage of the main resource during the noise.
        calm: What counts as come down, in the unit of the readings.
        limit: The longest time, in seconds.

    Returns:
        The time until the later of the two. FAIL when one of them never came; INCONCLUSIVE when the usage could not be
        read or never rose above `calm`.
    """
    metric = f"time until {noise.resources[0]} noise of '{noise.tenant}' was contained"
    who = (noise.tenant,)
    during = [r for r in readings if noise.started_at <= r.at <= noise.ended_at]
    record = first_event(events, AUDIT, kinds, noise.tenant, noise.started_at)
    loud = [r for r in during if not calm.comparison.holds(r.value, calm.value)]
    if record is None or record.seen_at > noise.ended_at:
        return judge_clock(promise, metric, noise.tenant, "recorded as contained", noise.started_at, None, limit)
    said = record.seen_at - noise.started_at
    if not loud:
        reason = "could not be read" if not during else f"never left the calm ({amount(calm.value, calm.unit)})"
        claim = (
            f"Tenant '{noise.tenant}' was recorded as contained after {amount(said, 's')}, "
            f"but its {noise.resources[0]} usage {reason}"
        )
        return inconclusive(promise, metric, limit, claim, value=said, samples=len(during), tenants=who)
    calm_at = kept_from(during, calm)
    last = f"{amount(during[-1].value, calm.unit)} at the end (calm is {amount(calm.value, calm.unit)})"
    if calm_at is None:
        claim = (
            f"Tenant '{noise.tenant}' was recorded as contained after {amount(said, 's')}, "
            f"but its {noise.resources[0]} usage did not come down to stay: {last}"
        )
        return no_evidence(promise, metric, limit, claim, samples=len(during), tenants=who)
    effect = calm_at - noise.started_at
    seconds = max(said, effect)
    claim = (
        f"Tenant '{noise.tenant}' was contained after {amount(seconds, 's')} "
        f"(on record after {amount(said, 's')}, usage down after {amount(effect, 's')}, {last})"
    )
    details = {"recorded after s": said, "usage down after s": effect}
    return judged(promise, metric, seconds, limit, len(during), claim, tenants=who, details=details)


def judge_recovered(
    promise: str,
    noise: Noise,
    operations: Sequence[Operation],
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    normal: Limit,
    stable_s: float,
    limit: Limit,
) -> Measurement:
    """After the noise the tenant must be back to normal: served in its usual time, and let go.

    Args:
        noise: Who and when.
        operations: The tenant's ordinary operations after the noise.
        events: The target's audit trail.
        kinds: Kinds of entry that record the release.
        normal: The tenant's normal answer time.
        stable_s: How long the normal service must have lasted, in seconds.
        limit: The longest time, in seconds.

    Returns:
        The time until the later of the two. INCONCLUSIVE when the normal service was not watched for `stable_s` yet and
        the limit was not exceeded either.
    """
    metric = f"time until '{noise.tenant}' was back to normal after {noise.resources[0]} noise"
    who = (noise.tenant,)
    own = sorted(
        (
            o
            for o in operations
            if o.tenant == noise.tenant and o.intended_at >= noise.ended_at and o.outcome is not Outcome.NOT_SENT
        ),
        key=lambda o: o.intended_at,
    )
    if not own:
        return no_evidence(promise, metric, limit, f"Tenant '{noise.tenant}' sent nothing after its noise", tenants=who)
    released = first_event(events, AUDIT, kinds, noise.tenant, noise.ended_at)
    held = first_event(events, AUDIT, (Audit.CONTAINED,), noise.tenant, noise.started_at)
    until_s = own[-1].intended_at - noise.ended_at
    if held and not released and not limit.comparison.holds(seconds_as(until_s + stable_s, limit.unit), limit.value):
        claim = f"Tenant '{noise.tenant}' was contained, and not let go {amount(until_s, 's')} after its noise"
        return no_evidence(promise, metric, limit, f"{claim}: not back to normal", samples=len(own), tenants=who)
    normal_at = _normal_from(own, normal)
    watched_for = own[-1].intended_at - (own[-1].intended_at if normal_at is None else normal_at)
    if normal_at is None or watched_for < stable_s:
        so_far = own[-1].intended_at - noise.ended_at
        claim = (
            f"Tenant '{noise.tenant}' was in normal service for {amount(watched_for, 's')} at the end of the record, "
            f"{amount(so_far, 's')} after its noise; {amount(stable_s, 's')} are needed"
        )
        if limit.comparison.holds(seconds_as(so_far - watched_for, limit.unit), limit.value):
            return inconclusive(promise, metric, limit, claim, samples=len(own), tenants=who)
        return no_evidence(promise, metric, limit, claim, samples=len(own), tenants=who)
    if released is None:
        claim = f"Tenant '{noise.tenant}' was served normally, but the target never recorded its release"
        return no_evidence(promise, metric, limit, claim, samples=len(own), tenants=who)
    served, let_go = normal_at - noise.ended_at, released.seen_at - noise.ended_at
    seconds = max(served, let_go)
    claim = (
        f"Tenant '{noise.tenant}' was back to normal {amount(seconds, 's')} after its noise "
        f"(answers in normal time after {amount(served, 's')}, released after {amount(let_go, 's')}, "
        f"{plural(len(own), 'operation')})"
    )
    return judged(promise, metric, seconds, limit, len(own), claim, tenants=who)


def judge_visible(
    promise: str,
    noise: Noise,
    events: Sequence[PlatformEvent],
    kinds: Collection[str],
    operator_readings: Sequence[Reading],
    more: Limit,
) -> list[Measurement]:
    """An operator must see the noise: as an alert and in the metrics.

    Args:
        noise: Who and when.
        events: The target's alerts.
        kinds: Kinds of alert that tell of noise.
        operator_readings: The tenant's usage of the resource that the noise takes, as the operator's door showed it, also
            before the noise.
        more: Which multiple of what was shown last before the noise counts as shown.

    Returns:
        The number of alerts, and the number of readings during the noise that show so much more; each must be above zero.
    """
    alerts = [
        e for e in events
        if e.stream == ALERT and says(e, kinds) and e.tenant == noise.tenant and e.seen_at >= noise.started_at
    ]  # fmt: skip
    earlier = [r.value for r in operator_readings if r.at < noise.started_at]
    usual = earlier[-1] if earlier else 0.0
    during = [r.value for r in operator_readings if noise.started_at <= r.at <= noise.ended_at]
    shown = [value for value in during if more.comparison.holds(value, more.value * usual)]
    limit = some(f"promise {promise}: visible to an operator")
    found = (
        ("alerts that an operator can see", len(alerts), "alert"),
        ("metrics that an operator can see", len(shown), "reading"),
    )
    return [
        judged(
            promise, f"{metric} ('{noise.tenant}')", float(number), limit, number,
            f"An operator could see {plural(number, noun)} of the {noise.resources[0]} noise of '{noise.tenant}'",
            tenants=(noise.tenant,),
        )
        for metric, number, noun in found
    ]  # fmt: skip


def judge_answers_throughout(promise: str, operations: Sequence[Operation], limit: Limit) -> Measurement:
    """Every single answer of every victim must come in time, before the mitigation too.

    Args:
        operations: All operations of the victims during the case.
        limit: The longest time from the intended send time to the answer.

    Returns:
        The longest answer time. An operation that was sent and not answered fails by itself.
    """
    metric = "longest answer of the victims throughout"
    sent = [o for o in operations if o.outcome is not Outcome.NOT_SENT]
    if not sent:
        return no_evidence(promise, metric, limit, "The victims sent nothing")
    unanswered = [o for o in sent if not o.answered or o.latency is None]
    if unanswered:
        first = unanswered[0]
        ending = f"{first.outcome} {first.code}".rstrip()
        tenants = list(dict.fromkeys(o.tenant for o in unanswered))
        claim = (
            f"{len(unanswered):,} of {plural(len(sent), 'operation')} were not answered, of {names(tenants)} "
            f"(the first was {ending})"
        )
        return no_evidence(promise, metric, limit, claim, samples=len(sent), tenants=tenants)
    longest: dict[str, float] = {}
    for operation in sent:
        seconds = operation.latency or 0.0
        longest[operation.tenant] = max(longest.get(operation.tenant, 0.0), seconds)
    slow = sorted(longest, key=lambda tenant: -longest[tenant])
    value = seconds_as(longest[slow[0]], limit.unit)
    over = [t for t in slow if not limit.comparison.holds(seconds_as(longest[t], limit.unit), limit.value)]
    claim = (
        f"Tenant '{slow[0]}', the slowest of {plural(len(slow), 'victim')}, waited {amount(value, limit.unit)} "
        f"for its longest of {plural(len(sent), 'answer')} in all"
    )
    return judged(promise, metric, value, limit, len(sent), claim, tenants=over)


def _normal_from(own: Sequence[Operation], normal: Limit) -> float | None:
    """Intended time of the first operation from which all are answered in normal time."""
    since: float | None = None
    for operation in own:
        latency = operation.latency if operation.answered else None
        good = latency is not None and normal.comparison.holds(seconds_as(latency, normal.unit), normal.value)
        since = (operation.intended_at if since is None else since) if good else None
    return since


def judge_noise_was_made(
    promise: str, operations: Sequence[Operation], noisy: Collection[str], limit: Limit
) -> Measurement:
    """A control of every campaign: noise that never sounded proves nothing by leaving the victims in peace.

    A request counts when the target took it up, or when it waited behind the tenant's own noise. Refusing it is an answer,
    too: a target may contain a tenant so. Being cancelled before the target had begun is none.

    Args:
        operations: What the noisy tenants asked for in their own blocks.
        noisy: Names of the noisy tenants.
        limit: Smallest share that must be taken up, in per cent.

    Returns:
        PASS when the target took up enough of it for every noisy tenant, else INCONCLUSIVE.
    """
    metric = "control: the noise was made"
    own = {tenant: [o for o in operations if o.tenant == tenant] for tenant in sorted(noisy)}
    made = {tenant: 100.0 * _made(asked) / max(1, len(asked)) for tenant, asked in own.items()}
    least = min(made, key=lambda tenant: made[tenant])
    share, samples = made[least], len(own[least])
    claim = f"Of {plural(samples, 'noisy request')} of tenant '{least}' {share:.0f} % were taken up, the least of all"
    if not limit.comparison.holds(share, limit.value):
        return inconclusive(promise, metric, limit, claim, value=share, samples=samples, tenants=[least], control=True)
    return judged(promise, metric, share, limit, samples, claim, control=True)


def _made(asked: Sequence[Operation]) -> int:
    """How many requests of one tenant were noise, or waited while its noise went on."""
    begun = [operation for operation in asked if _taken_up(operation)]
    going_on = [(operation.intended_at, operation.completed_at or math.inf) for operation in begun]
    return sum(any(start <= operation.intended_at <= end for start, end in going_on) for operation in asked)


def _taken_up(operation: Operation) -> bool:
    """Whether anything came back about it before its cancellation was confirmed."""
    if operation.accepted_at is None:
        return False
    if operation.outcome is not Outcome.CANCELLED or operation.completed_at is None:
        return True
    return operation.accepted_at < operation.completed_at
