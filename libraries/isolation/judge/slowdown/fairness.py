"""Did every tenant get its fair share, and did service degrade gradually?

Principle: a share is obtained / entitled. The entitlement is the max-min fair share of what the target delivered to all
together: nobody is entitled to more than it asked for, and what one does not need is divided among the others
(water-filling; D. Bertsekas, R. Gallager, Data Networks, 1992, section 6.5.2). Work is counted in requests, or in
the cost of each kind of request, so that few heavy requests and many light ones compare.

Jain's index ``(sum x)^2 / (n sum x^2)`` over the shares decides together with the smallest and the largest share; the
coefficient of variation is ``sqrt(1/Jain - 1)`` and stands beside it.

Assumption: tenants have equal rights. When demand was never above what the target delivers, every entitlement is the
demand, and the shares then only say that everybody was answered: fairness shows under saturation.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isolation.judge.rules.statistics import jain
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence
from isolation.record import Limit, Measurement, Operation, Outcome


@dataclass(frozen=True, slots=True)
class Share:
    """What a tenant got and what was its due, in the same unit (requests, seconds of work, connections ...).

    Attributes:
        obtained: Not negative.
        entitled: More than zero; a tenant that is entitled to nothing has no share.
    """

    obtained: float
    entitled: float

    def __post_init__(self) -> None:
        """Refuse a share that cannot be.

        Raises:
            ValueError: When obtained is negative or entitled is not positive.
        """
        if self.obtained < 0 or self.entitled <= 0:
            raise ValueError(f"a share needs obtained >= 0 and entitled > 0, not {self.obtained} and {self.entitled}")

    @property
    def ratio(self) -> float:
        """Obtained over entitled."""
        return self.obtained / self.entitled


@dataclass(frozen=True, slots=True)
class FairnessLimits:
    """What shares are held against.

    Attributes:
        jain: Smallest index of Jain.
        least: Smallest share of any tenant, in entitlements.
        largest: Largest share of any tenant, in entitlements.
        variation: Largest coefficient of variation; None leaves it out.
    """

    jain: Limit
    least: Limit
    largest: Limit
    variation: Limit | None = None


def max_min_entitlements(demands: Mapping[str, float], capacity: float) -> dict[str, float]:
    """Divide a capacity by water-filling: small demands are met in full, the rest is shared evenly.

    Args:
        demands: What each tenant asked for, none negative.
        capacity: What there is to divide, in the same unit.

    Returns:
        The entitlement of each tenant, never above its demand; together at most the capacity.
    """
    entitlements: dict[str, float] = {}
    left = capacity
    for position, tenant in enumerate(sorted(demands, key=lambda name: demands[name])):
        even = left / (len(demands) - position)
        entitlements[tenant] = min(demands[tenant], even)
        left -= entitlements[tenant]
    return entitlements


def shares_of_answers(operations: Sequence[Operation], tenants: Sequence[str], within_s: float) -> dict[str, Share]:
    """Who got how many of the answers that it asked for, in time: who is served late gets less in any stretch of time.

    Args:
        operations: What was asked; what the suite did not send is no demand.
        tenants: Whose shares.
        within_s: An answer that takes longer does not count, seconds.

    Returns:
        The share of each of these tenants that asked for anything.
    """
    asked, in_time = Counter[str](), Counter[str]()
    for operation in operations:
        if operation.outcome is not Outcome.NOT_SENT:
            asked[operation.tenant] += 1
            in_time[operation.tenant] += operation.answered and (operation.latency or 0.0) <= within_s
    return {name: Share(in_time[name], asked[name]) for name in tenants if asked[name]}


def judge_fairness(shares: Mapping[str, Share], promise: str, limits: FairnessLimits) -> list[Measurement]:
    """Hold the shares of all tenants against the limits.

    Args:
        shares: Share per tenant.
        limits: What decides.

    Returns:
        The measurements ``Jain's index``, ``least share``, ``largest share`` and, when asked for, ``variation``.
    """
    wanted = [("Jain's index", limits.jain), ("least share", limits.least), ("largest share", limits.largest)]
    if limits.variation is not None:
        wanted.append(("variation", limits.variation))
    ratios = {tenant: share.ratio for tenant, share in shares.items()}
    if not any(ratios.values()):
        claim = f"None of {len(shares)} tenants obtained anything"
        return [no_evidence(promise, metric, limit, claim, tenants=sorted(ratios)) for metric, limit in wanted]
    if len(ratios) < 2:
        claim = "There was 1 tenant; fairness needs at least 2"
        return [inconclusive(promise, metric, limit, claim, samples=1) for metric, limit in wanted]
    found = [_spread(ratios, promise, limits), *_extremes(shares, promise, limits)]
    return found if limits.variation is None else [*found, _variation(ratios, promise, limits.variation)]


def _spread(ratios: Mapping[str, float], promise: str, limits: FairnessLimits) -> Measurement:
    index = jain(list(ratios.values()))
    mean = math.fsum(ratios.values()) / len(ratios)
    claim = f"Jain's index over {len(ratios)} tenants was {index:.3f}"
    apart: list[str] = []
    if not limits.jain.comparison.holds(index, limits.jain.value):
        apart = sorted(ratios, key=lambda tenant: -abs(ratios[tenant] - mean))[:5]
        claim += ", farthest from equal: " + ", ".join(f"'{tenant}' {ratios[tenant]:.0%}" for tenant in apart)
    return judged(promise, "Jain's index", index, limits.jain, len(ratios), claim, tenants=apart)


def _extremes(shares: Mapping[str, Share], promise: str, limits: FairnessLimits) -> list[Measurement]:
    ordered = sorted(shares, key=lambda tenant: (shares[tenant].ratio, tenant))
    found = []
    for metric, limit, order in (
        ("least share", limits.least, ordered),
        ("largest share", limits.largest, ordered[::-1]),
    ):
        worst = order[0]
        share = shares[worst]
        breaking = [tenant for tenant in order if not limit.comparison.holds(shares[tenant].ratio, limit.value)]
        claim = (
            f"Tenant '{worst}' had the {metric}, {share.ratio:.0%} of its due"
            f" ({amount(share.obtained)} of {amount(share.entitled)})"
        )
        if breaking:
            claim += f"; outside the limit: {names(breaking)}"
        found.append(judged(promise, metric, share.ratio, limit, len(shares), claim, tenants=breaking))
    return found


def _variation(ratios: Mapping[str, float], promise: str, limit: Limit) -> Measurement:
    values = list(ratios.values())
    value = float(np.std(values) / np.mean(values))
    claim = f"The coefficient of variation over {len(ratios)} tenants was {value:.3f}"
    return judged(promise, "variation", value, limit, len(ratios), claim)


@dataclass(frozen=True, slots=True)
class LoadStep:
    """One step of a rising load.

    Attributes:
        offered: Requests per second that the suite intended.
        answered: Requests per second that were answered.
        p95: 95th percentile of the answer time in seconds, or None with too few answers.
    """

    offered: float
    answered: float
    p95: float | None


def judge_gradual(steps: Sequence[LoadStep], promise: str, limit: Limit) -> Measurement:
    """More load may not make the target deliver much less: no collapse from one step to the next.

    Args:
        steps: The steps in any order; they are compared by rising offered rate.
        limit: Smallest answered rate of a step, in parts of the best rate of all smaller steps.

    Returns:
        The measurement ``gradual degradation``; INCONCLUSIVE with fewer than two steps.
    """
    metric = "gradual degradation"
    rising = sorted(steps, key=lambda step: step.offered)
    if not any(step.answered > 0 for step in rising):
        return no_evidence(promise, metric, limit, f"No request was answered in {len(rising)} load steps")
    if len(rising) < 2:
        return inconclusive(promise, metric, limit, "There was 1 load step; at least 2 are needed", samples=1)
    kept = [
        (step.answered / best, step)
        for index, step in enumerate(rising)
        if index and (best := max(earlier.answered for earlier in rising[:index])) > 0
    ]
    if not kept:
        claim = "Only the largest load step was answered, so there is nothing to compare it with"
        return inconclusive(promise, metric, limit, claim, samples=len(rising))
    value, step = min(kept, key=lambda entry: entry[0])
    times = ", ".join("?" if each.p95 is None else amount(each.p95, "s") for each in rising)
    claim = (
        f"At {amount(step.offered, 'requests/s')} offered, {amount(step.answered, 'requests/s')} were answered,"
        f" {value:.0%} of the best smaller step (P95 over the steps: {times})"
    )
    return judged(promise, metric, value, limit, len(rising), claim)
