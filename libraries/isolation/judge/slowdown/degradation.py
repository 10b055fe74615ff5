"""The degradation rule: did a noisy neighbour slow down the victims by 10 % or more?

Principle: blocks of load come in rounds, two quiet and one noisy in random order (and sometimes one with an injected
delay). Per round ``d = ln(noisy/quiet)`` of the mean, the quiet blocks taken together; Student's 90 % interval of d over
rounds decides:

- PASS when it lies inside (1/limit, limit): two one-sided tests at 5 % each (Schuirmann 1987), so a system that is
  really over the limit is accepted in at most 5 % of campaigns;
- FAIL when its lower end is above the limit;
- INCONCLUSIVE otherwise, with the spread and the number of pairs that would decide.

The block P95 is judged the same way against its own limit; the median is only reported, for it hardly moves while
victims suffer. A mean over victims can hide one of them, so each victim is also tested alone (one-sided t, "slowed
down by at most the limit", Holm over victims): one rejection is a FAIL that names it. Not rejecting proves little by
itself, so the smallest slowdown of a single victim that the campaign would have found stands beside it.

Controls: the two quiet blocks of each round against each other must pass, an injected delay of 20 % must be found, the load generator must be on time.
On a virtual machine, its host must not have disturbed the noisy slices more often than the others.
A PASS needs all four; a FAIL needs a punctual generator, and more than the machine moved by itself: its proven part (the
lower end of the interval) must be above the limit even after the largest movement that the quiet/quiet control leaves
possible is taken off. Otherwise INCONCLUSIVE. Two things are not excused. Victims that got no answer are a FAIL whatever the controls say. And a generator that was late, because the noise
took the processors from it too, excuses nobody whose own statement of the time that the work took is over the limit.

Assumptions: rounds are independent, d is roughly normal. When the machine drifts or is shared, the quiet/quiet control
shows it. A fixed floor in the latency (transport) hides a slowdown: the injected delay is then not found.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from isolation.judge.rules.host import explained, judge_host
from isolation.judge.rules.statistics import log_ratio_interval, pairs_needed, samples_needed
from isolation.judge.rules.verdicts import amount, inconclusive, judged, no_evidence
from isolation.judge.slowdown.block_pairs import PairEffect, block_latencies, effects_of, quiet_effects
from isolation.judge.slowdown.degradation_report import reported
from isolation.judge.slowdown.victims import Campaign, judge_worst_victim, percent
from isolation.judge.traffic.answers import chain, judge_lateness, too_many_not_sent
from isolation.record import Block, Condition, Interval, Limit, Measurement, Operation, Outcome, Verdict

MEAN = "slowdown of the victims (mean)"
P95 = "slowdown of the victims (P95)"
WORST = "slowdown of the worst victim"
ANSWERED = "victims answered"
QUIET_CONTROL = "control: quiet against quiet"
DELAY_CONTROL = "control: injected delay"


@dataclass(frozen=True, slots=True)
class DegradationLimits:
    """What a campaign is held against.

    Attributes:
        mean: Largest ratio of the block means, such as 1.10.
        p95: Largest ratio of the block P95, such as 1.25.
        answered: Smallest share of the victims' requests that must be answered, per cent.
        lateness: Largest lateness of the load generator.
        slo_seconds: The answer time that victims were promised; for the reported SLO-violation ratio.
        patience_seconds: How long a request was waited for; an unanswered one counts this long.
        strength: Largest slowdown of one victim that may escape the campaign (ratio, at 80 % power); a weaker
            campaign is INCONCLUSIVE about single victims. None: the strength is only stated.
        confidence: Of the two-sided intervals, 0 to 1.
        power: Share of campaigns in which a victim's slowdown that is called findable is found, 0 to 1.
        host_significance: Probability below which the host is not taken to have met all slices alike.
        not_sent: Per cent of the requests that may fail to leave the suite.
    """

    mean: Limit
    p95: Limit
    answered: Limit
    lateness: Limit
    slo_seconds: float
    patience_seconds: float
    confidence: float
    power: float
    host_significance: float
    not_sent: Limit
    strength: Limit | None = None


def judge_degradation(
    operations: Sequence[Operation],
    promise: str,
    blocks: Sequence[Block],
    victims: Collection[str],
    limits: DegradationLimits,
) -> list[Measurement]:
    """Judge one campaign of quiet and noisy blocks.

    Args:
        operations: All operations of the campaign, of victims and of noisy tenants, with their block labels.
        blocks: The blocks; one NOISY and one or more QUIET per pair number, and possibly one DELAYED.
        victims: Names of the tenants whose speed is protected.
        limits: What the campaign is held against.

    Returns:
        The measurements that decide, the controls, and the numbers that are only reported.
    """
    labels = {block.label for block in blocks}
    in_blocks = [operation for operation in operations if operation.block in labels]
    campaign = Campaign(promise, tuple(sorted(set(victims))), limits.confidence, limits.power)
    answered = _victims_answered(in_blocks, campaign, limits)
    late = judge_lateness(in_blocks, promise, limits.lateness)
    if answered.value is None:
        return [answered, *(_unmeasured(campaign, metric, limit) for metric, limit in _main_limits(limits)), late]
    found = block_latencies(in_blocks, blocks, victims, limits.patience_seconds)
    noisy = effects_of(found, Condition.NOISY)
    quiet_control = _quiet_control(campaign, quiet_effects(found), limits.mean)
    delay_control = _delay_control(campaign, effects_of(found, Condition.DELAYED), limits.mean)
    host_control = judge_host(promise, blocks, limits.host_significance)
    main = [
        _equivalence(campaign, MEAN, "slowed down by", [effect.d_mean for effect in noisy], noisy, limits.mean),
        _tail(campaign, noisy, limits.p95),
        judge_worst_victim(campaign, WORST, noisy, limits.mean, limits.strength),
    ]
    extra = reported(in_blocks, promise, found, noisy, limits.slo_seconds)
    weighed = [
        answered,
        *(_weighed(measurement, quiet_control, delay_control, host_control) for measurement in main),
        quiet_control,
        delay_control,
        host_control,
        *extra,
    ]
    own_word = "" if late.verdict is Verdict.PASS else _own_word(in_blocks, blocks, campaign, limits)
    return [*(explained(_on_time(measurement, late, own_word), blocks) for measurement in weighed), late]


def _main_limits(limits: DegradationLimits) -> list[tuple[str, Limit]]:
    return [(MEAN, limits.mean), (P95, limits.p95), (WORST, limits.mean)]


def _unmeasured(campaign: Campaign, metric: str, limit: Limit) -> Measurement:
    claim = f"Not one request of the {len(campaign.victims)} victims was answered, so their slowdown has no measure"
    return no_evidence(campaign.promise, metric, limit, claim, tenants=campaign.victims)


def _victims_answered(operations: Sequence[Operation], campaign: Campaign, limits: DegradationLimits) -> Measurement:
    """The share of answers of the worst victim; without any answer the value is None."""
    limit = limits.answered
    own = [operation for operation in operations if operation.tenant in campaign.victims]
    sent = [operation for operation in own if operation.outcome is not Outcome.NOT_SENT]
    answers = sum(operation.answered for operation in sent)
    claim = f"{answers} of {len(own)} requests of the {len(campaign.victims)} victims were answered"
    if answers == 0:
        return no_evidence(campaign.promise, ANSWERED, limit, f"{claim}: {chain(own)}", tenants=campaign.victims)
    shares = {tenant: _share([o.answered for o in sent if o.tenant == tenant]) for tenant in campaign.victims}
    worst = sorted(shares, key=lambda tenant: (shares[tenant], tenant))
    below = [tenant for tenant in worst if not limit.comparison.holds(shares[tenant], limit.value)]
    if below:
        claim += f", of tenant '{worst[0]}' only {shares[worst[0]]:.1f} %: {chain(own)}"
    unsent = len(own) - len(sent)
    if not below and too_many_not_sent(unsent, len(own), limits.not_sent):
        claim += f"; {unsent} never left the suite, more than {amount(limits.not_sent.value, '%')}"
        return inconclusive(campaign.promise, ANSWERED, limit, claim, value=shares[worst[0]], samples=len(sent))
    return judged(campaign.promise, ANSWERED, shares[worst[0]], limit, len(sent), claim, tenants=below)


def _share(answers: Sequence[bool]) -> float:
    return 100.0 * sum(answers) / len(answers) if answers else 0.0


def _equivalence(
    campaign: Campaign,
    metric: str,
    verb: str,
    differences: Sequence[float],
    effects: Sequence[PairEffect],
    limit: Limit,
) -> Measurement:
    """The rule for one block statistic: where does the interval of the ratio lie?"""
    pairs = len(differences)
    if pairs < 2:
        why = f"{pairs} usable pairs of blocks do not decide; at least 2 are needed"
        return campaign.measurement(metric, None, None, pairs, limit, Verdict.INCONCLUSIVE, why)
    interval = log_ratio_interval(differences, campaign.confidence)
    ratio = math.exp(float(np.mean(differences)))
    spread = float(np.std(differences, ddof=1))
    shown = f"{percent(ratio)} [{percent(interval.low)}, {percent(interval.high)}] in {pairs} pairs"
    claim = f"The {len(campaign.victims)} victims {verb} {shown}"
    verdict = _verdict_of(interval, limit.value)
    if verdict is Verdict.INCONCLUSIVE:
        needed = pairs_needed(spread, limit.value, campaign.confidence, campaign.power)
        claim += (
            f", which does not decide: the whole interval has to lie between {percent(1 / limit.value)} and"
            f" {percent(limit.value)}, {_where_it_does_not(interval, limit.value)} (s_d {spread:.3f} between pairs; a target"
            f" without any slowdown would need {max(needed, pairs + 1)} pairs)"
        )
    elif verdict is Verdict.FAIL:
        worst = max(effects, key=lambda effect: effect.d_mean)
        claim += (
            f"; worst was pair {worst.pair}, with a mean of {_ms(worst.first_mean)} quiet"
            f" and {_ms(worst.second_mean)} in the other block"
        )
    details: dict[str, float | int | str | None] = {"s_d between pairs": spread}
    return campaign.measurement(metric, ratio, interval, pairs, limit, verdict, claim, details=details)


def _verdict_of(interval: Interval, limit: float) -> Verdict:
    if interval.low > limit:
        return Verdict.FAIL
    return Verdict.PASS if 1 / limit < interval.low and interval.high < limit else Verdict.INCONCLUSIVE


def _where_it_does_not(interval: Interval, limit: float) -> str:
    """Which end of an undecided interval is outside; a target that seems quicker beside noise is a machine that moved."""
    low, high = interval.low <= 1 / limit, interval.high >= limit
    return "and both ends lie outside" if low and high else f"and its {'lower' if low else 'upper'} end lies outside"


def _tail(campaign: Campaign, noisy: Sequence[PairEffect], limit: Limit) -> Measurement:
    short = [effect for effect in noisy if effect.d_p95 is None]
    if short:
        why = (
            f"{len(short)} of {len(noisy)} pairs hold too few samples for a P95:"
            f" {min(effect.smallest_count for effect in short)}, needed {samples_needed(0.95)} per block"
        )
        return campaign.measurement(P95, None, None, len(noisy), limit, Verdict.INCONCLUSIVE, why)
    differences = [effect.d_p95 for effect in noisy if effect.d_p95 is not None]
    return _equivalence(campaign, P95, "had their P95 grow by", differences, noisy, limit)


def _quiet_control(campaign: Campaign, effects: Sequence[PairEffect], limit: Limit) -> Measurement:
    differences = [effect.d_mean for effect in effects]
    found = _equivalence(campaign, QUIET_CONTROL, "differed between quiet blocks by", differences, effects, limit)
    if found.verdict is Verdict.PASS:
        return found.model_copy(update={"control": True})
    reason = f"The machine is too noisy, or the control was not run: {found.reason}"
    return found.model_copy(update={"control": True, "verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _delay_control(campaign: Campaign, effects: Sequence[PairEffect], limit: Limit) -> Measurement:
    """The method must see a slowdown that the suite itself made."""
    pairs = len(effects)
    if pairs < 2:
        why = f"The injected delay was tried in {pairs} pairs; at least 2 are needed"
        return campaign.measurement(DELAY_CONTROL, None, None, pairs, limit, Verdict.INCONCLUSIVE, why, control=True)
    differences = [effect.d_mean for effect in effects]
    interval = log_ratio_interval(differences, campaign.confidence)
    ratio = math.exp(float(np.mean(differences)))
    seen = interval.low > limit.value
    claim = (
        f"The delay that the suite injected was measured as {percent(ratio)} [{percent(interval.low)},"
        f" {percent(interval.high)}] in {pairs} pairs"
    )
    if not seen:
        claim += ", so the method could not see a 20 % slowdown here"
    verdict = Verdict.PASS if seen else Verdict.INCONCLUSIVE
    return campaign.measurement(DELAY_CONTROL, ratio, interval, pairs, limit, verdict, claim, control=True)


def _weighed(found: Measurement, quiet_control: Measurement, *others: Measurement) -> Measurement:
    """A PASS needs all controls, a FAIL more than the machine moved by itself."""
    needed = {Verdict.PASS: [quiet_control, *others], Verdict.FAIL: [quiet_control]}.get(found.verdict, [])
    broken = [control for control in needed if control.verdict is not Verdict.PASS]
    if found.verdict is Verdict.FAIL and broken and (moved := _movement(quiet_control)) is not None:
        proven = _proven_ratio(found)
        if proven is not None and found.limit is not None and proven > found.limit.value * moved:
            reason = (
                f"{found.reason} The machine moved by at most {percent(moved)} by itself, which does not explain it."
            )
            return found.model_copy(update={"reason": reason})
    return _excused(found, " and ".join(control.metric for control in broken)) if broken else found


def _movement(quiet_control: Measurement) -> float | None:
    """The largest ratio between quiet blocks that the control leaves possible, either way; None when it was not run."""
    interval = quiet_control.interval
    return None if interval is None else max(interval.high, 1 / interval.low)


def _proven_ratio(found: Measurement) -> float | None:
    """What of a slowdown is proven: the lower end of its interval, or the bound of a single victim."""
    if found.interval is not None:
        return found.interval.low
    proven = found.details.get("proven ratio")
    return float(proven) if isinstance(proven, int | float) else None


def _own_word(
    operations: Sequence[Operation], blocks: Sequence[Block], campaign: Campaign, limits: DegradationLimits
) -> str:
    """What the target itself says of the victims' work, in words, when that alone is over the limit; else empty."""
    told = [
        replace(
            operation, sent_at=operation.intended_at, completed_at=operation.intended_at + operation.service_seconds
        )
        for operation in operations
        if operation.answered and operation.service_seconds is not None
    ]
    found = block_latencies(told, blocks, campaign.victims, limits.patience_seconds)
    differences = [effect.d_mean for effect in effects_of(found, Condition.NOISY)]
    if len(differences) < 2:
        return ""
    interval = log_ratio_interval(differences, campaign.confidence)
    if interval.low <= limits.mean.value:
        return ""
    ratio = math.exp(float(np.mean(differences)))
    return f"by the target's own word the work took {percent(ratio)} [{percent(interval.low)}, {percent(interval.high)}] longer"


def _on_time(found: Measurement, late: Measurement, own_word: str) -> Measurement:
    """Nothing counts that a late generator measured, but requests without an answer stay without one."""
    known = found.model_copy(update={"engine_lag_ms": late.engine_lag_ms})
    if own_word and found.metric == MEAN and found.verdict is Verdict.FAIL:
        return known.model_copy(update={"reason": f"{found.reason} The load generator was late, but {own_word}."})
    unanswered = found.metric == ANSWERED and found.verdict is Verdict.FAIL
    return known if late.verdict is Verdict.PASS or unanswered else _excused(known, late.metric)


def _excused(found: Measurement, control: str) -> Measurement:
    reason = f"{found.reason} It does not count as {found.verdict}, for this did not hold: {control}."
    return found.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _ms(seconds: float) -> str:
    return amount(1000 * seconds, "ms")
