"""Fairness: many tenants at once, up to saturation, and whether each gets its share."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.plans import Stream
from isolation.judge.rules.series import cpu_curve
from isolation.judge.rules.statistics import jain, percentile, samples_needed
from isolation.judge.slowdown.fairness import (
    FairnessLimits,
    LoadStep,
    Share,
    judge_fairness,
    judge_gradual,
    max_min_entitlements,
)
from isolation.judge.traffic.answers import judge_answers, judge_lateness
from isolation.record import Operation, Sample
from isolation.show.charts.fairness_bars import Share as Bar
from isolation.show.charts.fairness_bars import fairness_bars
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.quantities import CONVERTERS, Duration, Percentage
from robot_support.scenario import Window, scenario

_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of load: what was asked and answered, and what the processes used."""

    window: Window
    operations: list[Operation]
    samples: list[Sample]

    def cpu_seconds(self, tenant: str) -> float:
        """Processor time that a tenant's own processes got in the step."""
        curve = cpu_curve(self.samples, tenant)
        return float(curve.values[-1] - curve.values[0]) if len(curve.times) else 0.0


@library(scope="GLOBAL", converters=CONVERTERS)
class FairnessLibrary(DynamicCore):
    """Loads the platform in rising steps and compares what each tenant got with what it was entitled to.

    Entitled is the max-min fair share: who asks for little gets it, the rest is divided evenly. What tenants get is the
    processor time of their own processes.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def load_everybody(self, step: str, share: Percentage, duration: Duration, *works: Duration) -> None:
        """Let all tenants work at once, so that together they ask for a share of the whole machine.

        Args:
            step: Name of this step, for later sentences.
            share: How much of the machine's processor time all requests together ask for.
            duration: How long.
            works: Processor time of one request; tenants take these in turn.

        Example:
        | Load Everybody | saturated | 130 percent | 4 seconds | 5 ms | 15 ms | 40 ms |
        """
        run, now = runs.current(), scenario()
        work = {name: works[index % len(works)] for index, name in enumerate(now.names)}
        rate = share / 100 * run.environment().cores / sum(work.values())
        streams = [Stream(name, "typical", rate, {"milliseconds": seconds * 1000}) for name, seconds in work.items()]
        run.monitor.call("sample_now", False)
        start = time.monotonic()
        run.engine.call("start_load", step, streams, float(duration), _PATIENCE)
        time.sleep(duration)
        run.monitor.call("sample_now", False)
        window = Window(start - 0.5, time.monotonic())
        operations = run.engine.call("end_load", step, False, timeout=_PATIENCE + 30)
        now.operations[step] = operations
        now.notes[f"step {step}"] = _Step(window, operations, now.samples(window))

    @keyword
    def everybody_should_be_answered(self, promise: str, *steps: str) -> None:
        """The promised share of all requests of some steps should have been answered.

        Args:
            promise: Id of the promise; its limit ``answered`` decides.
            steps: Names of the steps.

        Example:
        | Everybody Should Be Answered | RI-6 | light | saturated |
        """
        run, now = runs.current(), scenario()
        connected = sum(1 for opening in now.openings if opening.opening is not None)
        operations = [operation for step in steps for operation in now.operations[step]]
        on_time = judge_lateness(operations, promise, run.limit("RI-4", "lateness"))
        limit = run.limit(promise, "answered")
        COLLECTOR.decide([*judge_answers(operations, promise, limit, connected, len(now.tenants)), on_time])

    @keyword
    def shares_should_be_fair(self, promise: str, step: str, reference: str) -> None:
        """In a step, every tenant should have got what it was entitled to.

        Args:
            promise: Id of the promise; its limits ``jain``, ``least share``, ``largest share`` and ``variation`` decide.
            step: Name of the step.
            reference: Name of a step without shortage, which tells what one request of each tenant really costs.

        Example:
        | Shares Should Be Fair | RI-6 | saturated | light |
        """
        _decide(promise, step, _shares(_step(step), _step(reference), scenario().names))

    @keyword
    def shares_should_be_equal(self, promise: str, step: str) -> None:
        """In a step in which all tenants asked for the same, each should have got the same.

        Args:
            promise: Id of the promise; its limits ``jain``, ``least share``, ``largest share`` and ``variation`` decide.
            step: Name of the step.

        Example:
        | Shares Should Be Equal | RI-6 | polite |
        """
        obtained = {name: _step(step).cpu_seconds(name) for name in scenario().names}
        due = statistics.fmean(obtained.values())
        _decide(promise, step, {name: Share(seconds, due) for name, seconds in obtained.items() if due > 0})

    @keyword
    def service_should_degrade_gradually(self, promise: str, *steps: str) -> None:
        """From one step of load to the next, the platform should not collapse.

        Args:
            promise: Id of the promise; its limit ``gradual`` decides.
            steps: Names of the steps, from light to saturated.

        Example:
        | Service Should Degrade Gradually | RI-6 | light | busy | saturated |
        """
        limit = runs.current().limit(promise, "gradual")
        COLLECTOR.decide(judge_gradual([_load_step(_step(step)) for step in steps], promise, limit))


def _decide(promise: str, step: str, shares: dict[str, Share]) -> None:
    run = runs.current()
    limits = FairnessLimits(
        jain=run.limit(promise, "jain"),
        least=run.limit(promise, "least share"),
        largest=run.limit(promise, "largest share"),
        variation=run.limit(promise, "variation"),
    )
    ratios = [share.ratio for share in shares.values()]
    chart = fairness_bars(
        [Bar(name, share.ratio) for name, share in shares.items()],
        title=f"What each tenant got of its due, {step}",
        lowest=limits.least,
        highest=limits.largest,
        jain=jain(ratios) if any(ratios) else None,
    )
    found = judge_fairness(shares, promise, limits)
    COLLECTOR.decide([m.model_copy(update={"metric": f"{m.metric} ({step})"}) for m in found], chart)


def _step(name: str) -> _Step:
    step = scenario().notes.get(f"step {name}")
    if isinstance(step, _Step):
        return step
    raise ValueError(f"There is no step '{name}' in this scenario.")


def _shares(step: _Step, reference: _Step, tenants: list[str]) -> dict[str, Share]:
    cost = {name: _cost(reference, name) for name in tenants}
    demands = {name: cost[name] * sum(o.tenant == name for o in step.operations) for name in tenants}
    obtained = {name: step.cpu_seconds(name) for name in tenants}
    entitled = max_min_entitlements(demands, sum(obtained.values()))
    return {name: Share(obtained[name], entitled[name]) for name in tenants if entitled[name] > 0}


def _cost(reference: _Step, tenant: str) -> float:
    answered = sum(operation.answered for operation in reference.operations if operation.tenant == tenant)
    return reference.cpu_seconds(tenant) / answered if answered else 0.0


def _load_step(step: _Step) -> LoadStep:
    seconds = step.window.end - step.window.start
    latencies = [o.latency for o in step.operations if o.answered and o.latency is not None]
    within = sum(
        1 for o in step.operations if o.answered and o.completed_at is not None and o.completed_at <= step.window.end
    )
    p95 = percentile(latencies, 0.95) if len(latencies) >= samples_needed(0.95) else None
    return LoadStep(len(step.operations) / seconds, within / seconds, p95)
