"""What a platform promises to those who work beside noise, judged from the record of noises in turns with quiet time (RI-2, 4, 5)."""

from __future__ import annotations

import statistics

from isolation.judge.resources.noise import judge_answers_throughout, judge_noise_was_made, noise_readings
from isolation.judge.rules.series import Reading, count_readings, cpu_curve
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names
from isolation.judge.rules.watched import judge_innocents_watched
from isolation.judge.slowdown.degradation import DELAY_CONTROL, DegradationLimits, judge_degradation
from isolation.judge.slowdown.fairness import FairnessLimits, Share, judge_fairness, shares_of_answers
from isolation.judge.slowdown.looks import confidence_of, needs_second_look
from isolation.judge.traffic.served import judge_connections_of_one, judge_served
from isolation.record import Block, Measurement, Verdict
from isolation.record.limits import Limits
from isolation.record.resource_isolation.noise_campaign import CampaignNoise, NextLook, NoiseCampaignRecord
from isolation.record.traffic.blocks import blocks_of, label_set_aside
from isolation.target.words import Alert, ResourceKind

ACCUSING = (Alert.NOISE, Alert.QUOTA, Alert.RUNAWAY, Alert.MEMORY_LEAK)


_ANY = "RI-4"
"""Under which promise a first look is judged: the rule is the same for all, and nobody is told."""


class NoSuchNoise(ValueError):
    """A sentence names a noise that its scenario does not have; that accuses nobody."""

    ROBOT_SUPPRESS_NAME = True


def judge_victims_not_slowed(
    promise: str, record: NoiseCampaignRecord, limits: Limits, *, noise: str
) -> list[Measurement]:
    """By the degradation rule: mean, P95, and each victim for itself, with controls; and the noise was made."""
    made = _noise(record, noise)
    if made.lacks:
        return [_not_applicable(promise, "slowdown of the victims", made)]
    return [
        *_slowdown(promise, record, limits, noise),
        *_was_made(promise, record, limits, made),
    ]


def judge_victims_answered_in_time(
    promise: str, record: NoiseCampaignRecord, limits: Limits, *, noise: str
) -> list[Measurement]:
    """Every single answer to the others, before the noise was contained too; and the noise was made."""
    made = _noise(record, noise)
    if made.lacks:
        return [_not_applicable(promise, "longest answer of the victims throughout", made)]
    labels = {block.label for block in blocks_of(record.blocks, noise)}
    labels |= {label_set_aside(label) for label in labels}
    measured = [operation for operation in record.operations if operation.block in labels]
    return [
        judge_answers_throughout(promise, [*measured, *record.before], limits["answer time"]),
        *_was_made(promise, record, limits, made),
    ]


def judge_victims_not_accused(promise: str, record: NoiseCampaignRecord, limits: Limits) -> list[Measurement]:
    """No alert names a tenant that only worked beside the noises, at any time from when they began; and one was made."""
    noisy = {tenant: record.began_at for noise in record.noises for tenant in noise.tenants}
    metric = "alerts against tenants that made no noise"
    return [
        judge_innocents_watched(
            promise, metric, record.events, ACCUSING, record.tenants.names, noisy, record.began_at, record.ended_at,
            record.notes,
        ),
        *_one_was_made(promise, record, limits),
    ]  # fmt: skip


def judge_equal_shares(promise: str, record: NoiseCampaignRecord, limits: Limits, *, noise: str) -> list[Measurement]:
    """While there is a noise, the others get equal shares of answers.

    An answer that takes longer than one turn does not count: in that turn its tenant got nothing.
    """
    made = _noise(record, noise)
    if made.lacks:
        return [_not_applicable(promise, "Jain's index", made)]
    return judge_fairness(shares_beside(record, noise), promise, fairness_limits(limits))


def judge_connections_shared(promise: str, record: NoiseCampaignRecord, limits: Limits) -> list[Measurement]:
    """Who asks for many database connections gets those allowed, and the others' database work is done all the same."""
    limit, asked = limits["connections"], record.connections
    if asked is None:
        reason = "The target file names no request that takes database connections and does database work."
        metric = "database connections of one tenant"
        return [Measurement(promise=promise, metric=metric, samples=0, verdict=Verdict.NOT_APPLICABLE, reason=reason)]
    beside = f"beside a tenant that wants {asked.wanted} database connections"
    return [
        judge_connections_of_one(
            promise, asked.tenant, asked.wanted, asked.held, record.greedy, limit, granted=asked.granted
        ),
        judge_served(promise, "victims' database work answered", record.beside, limits["answered"], beside),
    ]


def shares_beside(record: NoiseCampaignRecord, noise: str) -> dict[str, Share]:
    """What each victim got of the answers that it asked for, in the turns of a noise."""
    labels = {block.label for block in blocks_of(record.blocks, noise) if block.noise}
    own = [operation for operation in record.operations if operation.block in labels]
    return shares_of_answers(own, record.victims, record.slice_s)


def fairness_limits(limits: Limits) -> FairnessLimits:
    """What shares are held against."""
    return FairnessLimits(limits["jain"], limits["least share"], limits["largest share"])


def next_look(record: NoiseCampaignRecord, limits: Limits) -> NextLook | None:
    """What a second look should be about; None when the first has decided everything."""
    undecided: list[str] = []
    with_delay = False
    for noise in (one.name for one in record.noises if not one.lacks):
        found = _slowdown(_ANY, record, limits, noise)
        if needs_second_look(found):
            undecided.append(noise)
            with_delay |= any(m.metric == DELAY_CONTROL and m.verdict is not Verdict.PASS for m in found)
    return NextLook(tuple(undecided), with_delay) if undecided else None


def degradation_limits(limits: Limits, record: NoiseCampaignRecord) -> DegradationLimits:
    """What slowdowns are held against."""
    return DegradationLimits(
        mean=limits["slowdown"],
        p95=limits["slowdown p95"],
        answered=limits["answered"],
        lateness=limits["lateness"],
        slo_seconds=limits["answer time"].value,
        patience_seconds=record.patience_s,
        confidence=confidence_of(limits, two_looks=record.two_looks),
        power=limits["power"].value,
        host_significance=limits["host significance"].value,
        not_sent=limits["not sent"],
    )


def blocks_beside(record: NoiseCampaignRecord, noise: str) -> list[Block]:
    """The noise's own blocks, and the quiet and delayed ones of its rounds."""
    return blocks_of(record.blocks, _noise(record, noise).name)


def _slowdown(promise: str, record: NoiseCampaignRecord, limits: Limits, noise: str) -> list[Measurement]:
    """The one place that calls the degradation rule."""
    return judge_degradation(
        [*record.operations, *record.noise],
        promise,
        blocks_of(record.blocks, noise),
        record.victims,
        degradation_limits(limits, record),
    )


def _was_made(promise: str, record: NoiseCampaignRecord, limits: Limits, made: CampaignNoise) -> list[Measurement]:
    """Controls: the noise was taken up, loud, and work."""
    own = [one for one in record.noise if one.tenant in made.tenants]
    return [
        judge_noise_was_made(promise, own, made.tenants, limits["noise taken up"]),
        *(_loud(promise, record, limits, tenant) for tenant in made.tenants),
        *(_worked(promise, record, limits, tenant) for tenant in made.tenants),
    ]


def _one_was_made(promise: str, record: NoiseCampaignRecord, limits: Limits) -> list[Measurement]:
    """A control: beside no noise at all nobody could be mistaken for a noisy tenant."""
    controls = [_was_made(promise, record, limits, noise) for noise in record.noises if not noise.lacks]
    whole = [found for found in controls if all(one.verdict is Verdict.PASS for one in found)]
    return [one for found in (whole or controls)[:1] for one in found]


def _loud(promise: str, record: NoiseCampaignRecord, limits: Limits, tenant: str) -> Measurement:
    """A control: before it was contained, the tenant took more of something than the others, who worked as ever."""
    metric, limit = f"control: '{tenant}' was loud until it was contained", limits["noise made"]
    window_s = limits["noise window"].value
    ratios: dict[str, float] = {}
    for resource in (ResourceKind.CPU, ResourceKind.IO, ResourceKind.MESSAGES):
        own = _peak(record, tenant, resource, window_s)
        usual = statistics.median(_peak(record, victim, resource, window_s) for victim in record.victims)
        # Whoever uses something of which others use nothing is loud enough.
        ratios[resource] = own / usual if usual > 0 else limit.value if own > 0 else 0.0
    most = max(ratios, key=lambda resource: ratios[resource])
    claim = f"Tenant '{tenant}' took {amount(ratios[most], 'x')} as much {most} as the others (median of peaks)"
    samples = len(record.victims)
    if not limit.comparison.holds(ratios[most], limit.value):
        return inconclusive(
            promise, metric, limit, claim, value=ratios[most], samples=samples, tenants=(tenant,), control=True
        )
    return judged(promise, metric, ratios[most], limit, samples, claim, control=True)


def _peak(record: NoiseCampaignRecord, tenant: str, resource: str, window_s: float) -> float:
    if resource == ResourceKind.MESSAGES:
        readings = count_readings(
            [Reading(u.at, float(u.messages)) for u in record.usage if u.tenant == tenant], window_s
        )
    else:
        readings = noise_readings(record.samples, tenant, resource, window_s)
    return max((one.value for one in readings if record.began_at <= one.at <= record.measured_at), default=0.0)


def _worked(promise: str, record: NoiseCampaignRecord, limits: Limits, tenant: str) -> Measurement:
    """A control: a request that was taken up is no noise yet; the tenant's processes did work in its turns."""
    metric, limit = f"control: '{tenant}' worked", limits["noise work"]
    until = record.ended_at + limits["noise window"].value
    own = [one for one in record.samples if one.tenant == tenant and record.measured_at <= one.at <= until]
    curve = cpu_curve(own, tenant)
    turns_s = sum(
        block.seconds
        for block in record.blocks
        if block.noise in {n.name for n in record.noises if tenant in n.tenants}
    )
    if len(own) < 2 or not turns_s:
        claim = f"The work of tenant '{tenant}' was not sampled in its turns"
        return inconclusive(promise, metric, limit, claim, samples=len(own), tenants=(tenant,), control=True)
    percent = 100 * float(curve.values[-1] - curve.values[0]) / turns_s
    claim = (
        f"The processes of tenant '{tenant}' used {amount(percent, '% of one core')} in {amount(turns_s, 's')} of noise"
    )
    if not limit.comparison.holds(percent, limit.value):
        return inconclusive(
            promise, metric, limit, claim, value=percent, samples=len(own), tenants=(tenant,), control=True
        )
    return judged(promise, metric, percent, limit, len(own), claim, control=True)


def _noise(record: NoiseCampaignRecord, name: str) -> CampaignNoise:
    for noise in record.noises:
        if noise.name == name:
            return noise
    raise NoSuchNoise(f"There is no noise '{name}' in this scenario; there are {names(n.name for n in record.noises)}.")


def _not_applicable(promise: str, metric: str, noise: CampaignNoise) -> Measurement:
    return Measurement(promise=promise, metric=metric, samples=0, verdict=Verdict.NOT_APPLICABLE, reason=noise.lacks)
