"""What a platform promises about very many tenants at once, judged from the record of rising load (RI-6, OP-1)."""

from __future__ import annotations

import statistics

from isolation.judge.resources.burn import judge_burn
from isolation.judge.resources.overhead import judge_sampling_overhead
from isolation.judge.rules.series import cpu_curve
from isolation.judge.rules.statistics import percentile, samples_needed
from isolation.judge.rules.verdicts import amount, inconclusive, judged, no_evidence, plural
from isolation.judge.slowdown.fairness import (
    FairnessLimits,
    Share,
    judge_fairness,
    judge_gradual,
    max_min_entitlements,
)
from isolation.judge.slowdown.fairness import LoadStep as Delivered
from isolation.judge.traffic.answers import judge_answers, judge_lateness
from isolation.judge.traffic.connecting import judge_all_connected
from isolation.record import Measurement, Operation, Outcome, Verdict
from isolation.record.limits import Limits
from isolation.record.resource_isolation.concurrent_stress import LoadStep, StressRecord


class NoSuchStep(ValueError):
    """A sentence names a step that its scenario does not have; that accuses nobody."""

    ROBOT_SUPPRESS_NAME = True


def judge_connected_at_once(promise: str, record: StressRecord, limits: Limits) -> list[Measurement]:
    """Every single tenant is connected, in time."""
    expected = len(record.tenants)
    return judge_all_connected(promise, record.attempts, expected, record.connected_in_s, limits["connect"])


def judge_answered_in_every_step(promise: str, record: StressRecord, limits: Limits) -> list[Measurement]:
    """Of all requests, and in each step for itself, also beyond saturation; and the suite was on time."""
    connected, expected = sum(not one.reason for one in record.attempts), len(record.tenants)
    found = judge_answers(record.operations, promise, limits, connected, expected)
    for step in record.steps:
        _, answered = judge_answers(_asked(record, step), promise, limits, connected, expected)
        found.append(answered.model_copy(update={"metric": f"answered ({step.name})"}))
    return [*found, judge_lateness(record.operations, promise, limits["lateness"]), _worked(promise, record, limits)]


def judge_fair_shares(promise: str, record: StressRecord, limits: Limits, *, step: str) -> list[Measurement]:
    """Of CPU time and of answers every tenant gets what it is entitled to, and none waits much longer than others like it."""
    chosen = _step(record, step)
    found = []
    for what, shares in (("", shares_of_cpu(record, step)), ("answers, ", shares_of_answered_work(record, step))):
        judged_shares = judge_fairness(shares, promise, fairness_limits(limits))
        found += [m.model_copy(update={"metric": f"{m.metric} ({what}{step})"}) for m in judged_shares]
    found.append(_waiting(promise, record, limits, chosen))
    worked = _worked(promise, record, limits)
    if worked.verdict is not Verdict.PASS:  # nobody competed for anything, and whose time it is is not known
        found = [_undecided(one, worked) for one in found]
    return [*found, worked]


def judge_gradual_degradation(promise: str, record: StressRecord, limits: Limits) -> list[Measurement]:
    """From one step of mixed load to the next the platform does not deliver much less."""
    gradual = judge_gradual([_delivered(record, step) for step in _mixed(record)], promise, limits["gradual"])
    return [gradual, _worked(promise, record, limits)]


def judge_watching(promise: str, record: StressRecord, limits: Limits) -> list[Measurement]:
    """What watching costs, at the number of tenants that the promise is about."""
    scale = round(limits["tenants"].value)
    return [judge_sampling_overhead(record.watching, promise, limits["overhead"], scale)]


def fairness_limits(limits: Limits) -> FairnessLimits:
    """What shares are held against."""
    return FairnessLimits(limits["jain"], limits["least share"], limits["largest share"], limits["variation"])


def shares_of_cpu(record: StressRecord, step: str) -> dict[str, Share]:
    """CPU time that each tenant got, against its max-min fair share of what all got."""
    chosen = _step(record, step)
    obtained = {name: _cpu_seconds(record, chosen, name) for name in chosen.work_s}
    return _shares(record, chosen, obtained)


def shares_of_answered_work(record: StressRecord, step: str) -> dict[str, Share]:
    """Answers that each tenant got within the step, each worth what it costs, against its share of those of all."""
    chosen = _step(record, step)
    cost = _costs(record, chosen)
    answers = dict.fromkeys(chosen.work_s, 0)
    for one in _asked(record, chosen):
        answers[one.tenant] += one.answered and one.completed_at is not None and one.completed_at <= chosen.ended_at
    return _shares(record, chosen, {name: cost[name] * count for name, count in answers.items()})


def _shares(record: StressRecord, step: LoadStep, obtained: dict[str, float]) -> dict[str, Share]:
    cost = _costs(record, step)
    demands = dict.fromkeys(step.work_s, 0.0)
    for one in _asked(record, step):
        demands[one.tenant] += cost[one.tenant]
    entitled = max_min_entitlements(demands, sum(obtained.values()))
    return {name: Share(obtained[name], entitled[name]) for name in step.work_s if entitled[name] > 0}


def _costs(record: StressRecord, step: LoadStep) -> dict[str, float]:
    """CPU seconds of one request of each tenant: those of the step without shortage, or the same for all who ask for the same."""
    reference = min(_mixed(record), key=lambda one: one.percent)
    if step.name not in {one.name for one in _mixed(record)}:
        return dict.fromkeys(step.work_s, 1.0 * next(iter(step.work_s.values())))
    costs = {}
    for name in step.work_s:
        answered = sum(one.answered for one in _asked(record, reference) if one.tenant == name)
        costs[name] = _cpu_seconds(record, reference, name) / answered if answered else 0.0
    return costs


def _mixed(record: StressRecord) -> list[LoadStep]:
    """The steps in which tenants ask for different work."""
    return [step for step in record.steps if len(set(step.work_s.values())) > 1]


def _step(record: StressRecord, name: str) -> LoadStep:
    for step in record.steps:
        if step.name == name:
            return step
    raise NoSuchStep(
        f"There is no step '{name}' in this scenario; there are {', '.join(s.name for s in record.steps)}."
    )


def _asked(record: StressRecord, step: LoadStep) -> list[Operation]:
    return [operation for operation in record.operations if operation.block == step.name]


def _cpu_seconds(record: StressRecord, step: LoadStep, tenant: str) -> float:
    own = [s for s in record.samples if s.tenant == tenant and step.started_at <= s.at <= step.ended_at]
    curve = cpu_curve(own, tenant)
    return float(curve.values[-1] - curve.values[0]) if len(curve.times) else 0.0


def _delivered(record: StressRecord, step: LoadStep) -> Delivered:
    seconds, operations = step.ended_at - step.started_at, _asked(record, step)
    latencies = [one.latency for one in operations if one.answered and one.latency is not None]
    within = sum(
        one.answered and one.completed_at is not None and one.completed_at <= step.ended_at for one in operations
    )
    p95 = percentile(latencies, 0.95) if len(latencies) >= samples_needed(0.95) else None
    return Delivered(len(operations) / seconds, within / seconds, p95)


def _worked(promise: str, record: StressRecord, limits: Limits) -> Measurement:
    """A control: the named processes did the work that was answered, all steps together; else nothing was loaded."""
    worked = dict.fromkeys(record.tenants, 0.0)
    for step in record.steps:
        for one in _asked(record, step):
            if one.answered and one.completed_at is not None and one.completed_at <= step.ended_at:
                worked[one.tenant] += step.work_s[one.tenant]
    return judge_burn(promise, record.samples, worked, limits["burn"])


def _undecided(found: Measurement, control: Measurement) -> Measurement:
    if found.verdict not in (Verdict.PASS, Verdict.FAIL):
        return found
    reason = f"{found.reason} It decides nothing: {control.reason}"
    return found.model_copy(update={"verdict": Verdict.INCONCLUSIVE, "reason": reason})


def _waiting(promise: str, record: StressRecord, limits: Limits, step: LoadStep) -> Measurement:
    """How much longer the slowest tenant waits than others that ask for the same work (mean against the median of means)."""
    metric, limit = f"longest wait ({step.name})", limits["longest wait"]
    means: dict[str, float] = {}
    for name in step.work_s:
        own = [one for one in _asked(record, step) if one.tenant == name and one.outcome is not Outcome.NOT_SENT]
        waits = [one.latency if one.answered and one.latency is not None else record.patience_s for one in own]
        if waits:
            means[name] = statistics.fmean(waits)
    if not means:
        return no_evidence(promise, metric, limit, f"Nobody asked for anything at {step.name}")
    alike = {work: [means[name] for name in means if step.work_s[name] == work] for work in step.work_s.values()}
    ratios = {name: mean / statistics.median(alike[step.work_s[name]]) for name, mean in means.items()}
    if min(map(len, alike.values())) < 2:
        return inconclusive(promise, metric, limit, "Of some kind of work there is one tenant only", samples=len(means))
    worst = max(ratios, key=lambda name: ratios[name])
    claim = (
        f"Tenant '{worst}' waited {amount(means[worst], 's')} on average, {amount(ratios[worst], 'x')} the median of tenants"
        f" with the same work, the longest of {plural(len(means), 'tenant')}"
    )
    slow = [name for name in ratios if not limit.comparison.holds(ratios[name], limit.value)]
    return judged(promise, metric, ratios[worst], limit, len(means), claim, tenants=slow)
