"""Were requests answered, in time, and was the suite itself on time?

Principle: an operation counts only when its own completing frame came (outcome ANSWERED); error frames, pongs and
silence do not. Share of answers = answered / sent. The chain connected -> sent -> started -> answered shows where it
broke.

What never left the suite (NOT_SENT) says nothing about the target: a little is left out of the share, with more the
verdict is INCONCLUSIVE, unless not one answer came, which is always a FAIL.

Times are counted from the *intended* send time (open loop), so a stalled target cannot hide the requests that had to
wait. The worst tenant decides. A percentile that has fewer than ``10/(1-q)`` samples is replaced by the maximum, and
the sentence says so. Assumption: the record is complete. A lost record makes the share worse, never better.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence

from isolation.judge.rules.limit_units import seconds_as
from isolation.judge.rules.statistics import highest_supported, percentile, samples_needed
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence
from isolation.record import Limit, Measurement, Operation, Outcome
from isolation.record.limits import Limits


def judge_answers(
    operations: Sequence[Operation], promise: str, limits: Limits, connected: int, expected: int
) -> list[Measurement]:
    """Hold the share of sessions that connected and of requests that were answered against one limit.

    Args:
        operations: All requests of the case, sent or not.
        limits: ``answered``, the smallest share, and ``not sent``.
        connected: How many sessions opened.
        expected: How many sessions should have opened.

    Returns:
        The measurements ``connected`` and ``answered``.
    """
    return [
        _connected(promise, limits["answered"], connected, expected),
        _answered(operations, promise, limits, connected, expected),
    ]


def _connected(promise: str, limit: Limit, connected: int, expected: int) -> Measurement:
    claim = f"{connected} of {expected} connected"
    if expected == 0:
        return no_evidence(promise, "connected", limit, claim)
    return judged(promise, "connected", 100.0 * connected / expected, limit, expected, claim)


def _answered(
    operations: Sequence[Operation], promise: str, limits: Limits, connected: int, expected: int
) -> Measurement:
    limit, most = limits["answered"], limits["not sent"]
    asked = len(operations)
    sent = [operation for operation in operations if operation.outcome is not Outcome.NOT_SENT]
    answered = sum(operation.answered for operation in sent)
    claim = f"{connected} of {expected} connected, {answered} of {asked} answered"
    if answered == 0:
        where = chain(operations) if asked else "no request was ever made"
        return no_evidence(promise, "answered", limit, f"{claim}: {where}", samples=len(sent))
    share = 100.0 * answered / len(sent)
    silent_tenants = _unanswered_tenants(sent)
    if silent_tenants:
        claim += f": {chain(operations)}; worst served: {names(silent_tenants, 3)}"
    details: dict[str, float | int | str | None] = dict(
        Counter(f"{operation.outcome} count" for operation in operations)
    )
    not_sent = asked - len(sent)
    if too_many_not_sent(not_sent, asked, most):
        claim += f"; {not_sent} of {asked} requests never left the suite, more than {amount(most.value, '%')}"
        return inconclusive(
            promise, "answered", limit, claim, value=share, samples=len(sent), tenants=silent_tenants, details=details
        )
    return judged(promise, "answered", share, limit, len(sent), claim, tenants=silent_tenants, details=details)


def too_many_not_sent(not_sent: int, asked: int, most: Limit) -> bool:
    """Whether so much never left the suite that the evidence does not decide."""
    return not most.comparison.holds(100.0 * not_sent / max(1, asked), most.value)


def chain(operations: Sequence[Operation]) -> str:
    """Where requests got lost on their way: the step with the largest loss, and what became of those.

    Returns:
        Such as ``the chain broke after 'sent' (100 sent, 0 started; 100 timed out)``.
    """
    counts = {
        "asked": len(operations),
        "sent": sum(operation.outcome is not Outcome.NOT_SENT for operation in operations),
        "started": sum(operation.answered or operation.accepted_at is not None for operation in operations),
        "answered": sum(operation.answered for operation in operations),
    }
    steps = list(counts)
    losses = [counts[before] - counts[after] for before, after in itertools.pairwise(steps)]
    if max(losses, default=0) <= 0:
        return "the chain held"
    at = losses.index(max(losses))
    ends = Counter(str(operation.outcome) for operation in operations if not operation.answered)
    codes = Counter(operation.code for operation in operations if operation.code and not operation.answered)
    fate = ", ".join(f"{count} {outcome}" for outcome, count in ends.most_common())
    why = f" with code '{codes.most_common(1)[0][0]}'" if codes else ""
    before, after = steps[at], steps[at + 1]
    return f"the chain broke after '{before}' ({counts[before]} {before}, {counts[after]} {after}; {fate}{why})"


def _unanswered_tenants(sent: Sequence[Operation]) -> list[str]:
    """The tenants with unanswered requests, the lowest share of answers first."""
    shares: dict[str, list[bool]] = defaultdict(list)
    for operation in sent:
        shares[operation.tenant].append(operation.answered)
    lacking = [tenant for tenant, answers in shares.items() if not all(answers)]
    return sorted(lacking, key=lambda tenant: (sum(shares[tenant]) / len(shares[tenant]), tenant))


def judge_answer_time(operations: Sequence[Operation], promise: str, limit: Limit, quantile: float) -> Measurement:
    """Hold the answer time of the slowest tenant against the limit.

    Args:
        operations: All requests of the case; only answered ones have an answer time.
        limit: The longest answer time.
        quantile: Which percentile decides for each tenant, 0 to 1; its maximum when it has too few answers.

    Returns:
        The measurement ``answer time``; FAIL when a tenant that sent requests got no answer at all.
    """
    metric = f"answer time (P{100 * quantile:g})"
    times: dict[str, list[float]] = defaultdict(list)
    asked = {operation.tenant for operation in operations if operation.outcome is not Outcome.NOT_SENT}
    for operation in operations:
        if operation.answered and operation.latency is not None:
            times[operation.tenant].append(operation.latency)
    samples = sum(map(len, times.values()))
    without = sorted(asked - times.keys())
    if without or not times:
        claim = (
            f"{names(without)} got no answer at all" if without else "There was no answer whose time could be measured"
        )
        return no_evidence(promise, metric, limit, claim, samples=samples, tenants=without)
    decided = {tenant: _decisive(values, quantile) for tenant, values in times.items()}
    slowest = sorted(decided, key=lambda tenant: -decided[tenant][0])
    seconds, statistic = decided[slowest[0]]
    value = seconds_as(seconds, limit.unit)
    pooled = [latency for values in times.values() for latency in values]
    details: dict[str, float | int | str | None] = {
        "pooled median s": percentile(pooled, 0.5),
        "pooled maximum s": max(pooled),
        "unanswered count": sum(not operation.answered for operation in operations),
    }
    return judged(
        promise,
        metric,
        value,
        limit,
        samples,
        f"Tenant '{slowest[0]}', the slowest of {len(times)}, answered in {amount(value, limit.unit)} ({statistic})",
        tenants=[
            tenant
            for tenant in slowest
            if not limit.comparison.holds(seconds_as(decided[tenant][0], limit.unit), limit.value)
        ],
        details=details,
    )


def _decisive(values: Sequence[float], quantile: float) -> tuple[float, str]:
    """The percentile, or the maximum when there are too few samples for it; and its name in words."""
    if len(values) >= samples_needed(quantile):
        return percentile(values, quantile), f"P{100 * quantile:g} of {len(values):,} answers"
    return max(values), f"the longest of {len(values):,} answers, too few for P{100 * quantile:g}"


def judge_answer_rate(
    operations: Sequence[Operation], promise: str, limit: Limit, tenants: Sequence[str], start: float, end: float
) -> Measurement:
    """Hold the answers per minute of the tenant that got fewest against the limit.

    Args:
        operations: All requests of the case.
        limit: Smallest rate, ``requests/min``.
        tenants: Everybody who was to be served.
        start: Begin of the window, seconds, monotonic clock.
        end: End of the window; answers that completed inside it count.

    Returns:
        The measurement ``answer rate``; a tenant without any answer has the rate 0.
    """
    done = Counter(o.tenant for o in operations if o.answered and o.completed_at and start <= o.completed_at <= end)
    if not done or end <= start:
        return no_evidence(promise, "answer rate", limit, f"None of {len(tenants)} tenants got an answer in the window")
    rates = {tenant: 60.0 * done[tenant] / (end - start) for tenant in tenants}
    slowest = min(tenants, key=lambda tenant: rates[tenant])
    claim = f"Tenant '{slowest}', the least served of {len(tenants)}, got {amount(rates[slowest], limit.unit)}"
    lacking = sorted(
        (t for t in tenants if not limit.comparison.holds(rates[t], limit.value)), key=lambda tenant: rates[tenant]
    )
    return judged(promise, "answer rate", rates[slowest], limit, done.total(), claim, tenants=lacking)


def judge_lateness(operations: Sequence[Operation], promise: str, limit: Limit) -> Measurement:
    """Was the load generator itself on time? Late, it says nothing about the target: INCONCLUSIVE, never FAIL.

    Args:
        operations: All requests of the case.
        limit: Largest lateness of the highest percentile that the samples support (P99, else P95, else the maximum).

    Returns:
        The control ``lateness of the load generator``.
    """
    metric = "lateness of the load generator"
    late = [operation.lateness for operation in operations if operation.lateness is not None]
    if not late:
        return inconclusive(promise, metric, limit, "The load generator sent nothing", control=True)
    name, seconds = highest_supported(late)
    value, longest = seconds_as(seconds, limit.unit), seconds_as(max(late), limit.unit)
    claim = (
        f"The load generator sent {amount(value, limit.unit)} late ({name} of {len(late):,} requests;"
        f" longest {amount(longest, limit.unit)})"
    )
    details = {f"maximum {limit.unit}": longest}
    if limit.comparison.holds(value, limit.value):
        found = judged(promise, metric, value, limit, len(late), claim, control=True, details=details)
    else:
        claim += ", so the evidence does not decide"
        found = inconclusive(
            promise, metric, limit, claim, value=value, samples=len(late), control=True, details=details
        )
    return found.model_copy(update={"engine_lag_ms": 1000.0 * seconds})
