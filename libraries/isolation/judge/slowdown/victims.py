"""Is one single victim slowed down more than the limit allows? A mean over victims can hide it.

Principle: per victim the one-sided t test of "its true slowdown is at most the limit" over pairs, and Holm's correction
over all victims, so that the whole family raises a false alarm in at most 5 % of campaigns on a target at the limit.

Strength: with k victims, n pairs and the victims' pooled spread s, the smallest slowdown of one victim that is found
in 80 % of campaigns is ``exp(ln(limit) + c s / sqrt(n))``, where c is the noncentrality at which the noncentral t
distribution lies above the critical value of Holm's first step (level/k) with that probability.

Assumption: one victim's differences are independent between pairs and roughly normal; few requests per block make them
skewed and the test blunt, and the strength says how blunt.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from isolation.judge.rules.statistics import holm, p_mean_above
from isolation.judge.rules.verdicts import amount, names
from isolation.judge.slowdown.block_pairs import PairEffect
from isolation.record import Interval, Limit, Measurement, Verdict


def percent(ratio: float) -> str:
    """A ratio as a change: 1.023 is ``2.3 %``."""
    return amount(100 * (ratio - 1), "%")


@dataclass(frozen=True, slots=True)
class Campaign:
    """What all measurements of one campaign share: promise, victims, two-sided confidence and power (0 to 1)."""

    promise: str
    victims: tuple[str, ...]
    confidence: float
    power: float

    @property
    def level(self) -> float:
        """Level of the one-sided tests."""
        return (1 - self.confidence) / 2

    def measurement(
        self,
        metric: str,
        value: float | None,
        interval: Interval | None,
        samples: int,
        limit: Limit,
        verdict: Verdict,
        claim: str,
        *,
        tenants: Sequence[str] = (),
        control: bool = False,
        details: Mapping[str, float | int | str | None] | None = None,
    ) -> Measurement:
        """A measurement of a ratio; its sentence gives the limit as a change in per cent."""
        where = "" if verdict is Verdict.PASS else f" See evidence {self.promise}."
        return Measurement(
            promise=self.promise,
            metric=metric,
            value=value,
            unit=limit.unit,
            interval=interval,
            samples=samples,
            limit=limit,
            verdict=verdict,
            reason=f"{claim}; the limit is {percent(limit.value)}.{where}",
            tenants=tuple(tenants),
            control=control,
            details=dict(details or {}),
        )


def judge_worst_victim(
    campaign: Campaign, metric: str, effects: Sequence[PairEffect], limit: Limit, strength: Limit | None
) -> Measurement:
    """Test every victim alone.

    Args:
        campaign: Promise, victims and confidence.
        metric: Name of the measurement.
        effects: The noisy pairs.
        limit: Largest ratio of means that is promised to each victim.
        strength: Largest slowdown (ratio) that may escape with 80 % power; None to state it only.

    Returns:
        FAIL naming the slowed victims, worst first, with the estimate; INCONCLUSIVE when a victim has fewer than two pairs or
        the campaign is too weak; else PASS. Its value is then how much is proven of the worst one (the lower bound at the
        level of Holm's first step): that is what is held against the limit.
    """
    by_victim: dict[str, list[float]] = defaultdict(list)
    for effect in effects:
        for tenant, difference in effect.d_by_tenant.items():
            by_victim[tenant].append(difference)
    tested = {tenant: by_victim[tenant] for tenant in campaign.victims if len(by_victim[tenant]) >= 2}
    untested = [tenant for tenant in campaign.victims if tenant not in tested]
    if not tested:
        why = f"No victim has samples in 2 pairs ({len(effects)} usable pairs)"
        return campaign.measurement(
            metric, None, None, len(effects), limit, Verdict.INCONCLUSIVE, why, tenants=untested
        )
    estimates = {tenant: float(np.mean(differences)) for tenant, differences in tested.items()}
    adjusted = holm([p_mean_above(differences, math.log(limit.value)) for differences in tested.values()])
    p_of = dict(zip(tested, adjusted, strict=True))
    slowed = sorted((t for t in tested if p_of[t] < campaign.level), key=lambda tenant: -estimates[tenant])
    worst = slowed[0] if slowed else max(estimates, key=lambda tenant: estimates[tenant])
    findable = smallest_findable(tested, limit.value, campaign)
    estimate, proven = math.exp(estimates[worst]), _proven(tested[worst], campaign.level / len(tested))
    shown = (
        f"Tenant '{worst}', the worst, was slowed down by {percent(estimate)}, of which {percent(proven)} are proven"
    )
    shown += f" (p {p_of[worst]:.2g} after Holm)"
    verdict, claim = _decide(slowed, untested, shown, findable, strength)
    return campaign.measurement(
        metric,
        estimate if slowed else proven,
        None,
        len(effects),
        limit,
        verdict,
        f"{claim} ({len(tested)} victims tested in {len(effects)} pairs)",
        tenants=slowed or untested,
        details={
            "worst victim": worst,
            "estimated ratio": estimate,
            "proven ratio": proven,
            "Holm p": p_of[worst],
            "smallest findable slowdown ratio": findable,
        },
    )


def _decide(
    slowed: Sequence[str],
    untested: Sequence[str],
    estimate: str,
    findable: float,
    strength: Limit | None,
) -> tuple[Verdict, str]:
    known = f"a single victim slowed down by {percent(findable)} would have been found in 80 % of such campaigns"
    if slowed:
        return Verdict.FAIL, f"{estimate}; over the limit: {names(slowed)}"
    if untested:
        return Verdict.INCONCLUSIVE, f"{estimate}, but {names(untested)} could not be tested"
    if strength is not None and not strength.comparison.holds(findable, strength.value):
        return (
            Verdict.INCONCLUSIVE,
            f"{estimate}, but the campaign is too weak: {known}, needed {percent(strength.value)}",
        )
    return Verdict.PASS, f"{estimate}, none proven over the limit; {known}"


def _proven(differences: Sequence[float], level: float) -> float:
    """The lower end of the one-sided interval of a mean slowdown, as a ratio."""
    error = float(np.std(differences, ddof=1)) / math.sqrt(len(differences))
    return math.exp(float(np.mean(differences)) - float(stats.t.isf(level, len(differences) - 1)) * error)


def smallest_findable(by_victim: Mapping[str, Sequence[float]], limit: float, campaign: Campaign) -> float:
    """The smallest slowdown of one victim that is found with the power of the campaign (ratio); see the module's formula.

    Args:
        by_victim: At least two differences ``ln(noisy/quiet)`` per victim.
        limit: The ratio that the tests allow.
        campaign: Its level, for the whole family, and its power.
    """
    pairs = min(len(differences) for differences in by_victim.values())
    spread = math.sqrt(float(np.mean([np.var(differences, ddof=1) for differences in by_victim.values()])))
    critical = float(stats.t.isf(campaign.level / len(by_victim), pairs - 1))
    normal = critical + float(stats.norm.ppf(campaign.power))

    def shortfall(noncentrality: float) -> float:
        return float(stats.nct.sf(critical, pairs - 1, noncentrality)) - campaign.power

    try:
        noncentrality = float(optimize.brentq(shortfall, 0.0, 4 * normal + 10))
    except ValueError:
        noncentrality = 4 * normal + 10
    return math.exp(math.log(limit) + noncentrality * spread / math.sqrt(pairs))
