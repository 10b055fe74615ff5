"""Noise: tenants that disturb, what the platform does about it, and whether the others feel it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from enum import Enum

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.campaign import CampaignPlan, CampaignRecord
from isolation.drive.engine import Ask
from isolation.drive.load import Stream
from isolation.judge.clocks import first_event
from isolation.judge.degradation import DegradationLimits, judge_degradation
from isolation.judge.fairness import FairnessLimits, Share, judge_fairness
from isolation.judge.noise import (
    Noise,
    judge_answers_throughout,
    judge_identified,
    judge_mitigated,
    judge_recovered,
    judge_visible,
    noise_readings,
)
from isolation.judge.series import Reading
from isolation.judge.statistics import jain
from isolation.judge.verdicts import judged, silent
from isolation.record import Comparison, Limit, Operation
from isolation.show.charts.clocks import NoisyTenant, Stage, clocks
from isolation.show.charts.fairness_bars import Share as Bar
from isolation.show.charts.fairness_bars import fairness_bars
from robot_support import run as runs
from robot_support.book import BOOK
from robot_support.graphs import cpu_chart, latencies_chart, pairs_chart
from robot_support.quantities import CONVERTERS, Duration, Percentage, Rate
from robot_support.scenario import scenario

_PATIENCE = 8.0
_STABLE = 3.0
_SHORT = 1.5
"""Seconds over which a noisy tenant's use is averaged; little more than one sampling interval, as containment is quick."""
_AFTERWARDS = 5.0
"""Seconds to go on watching after the containment, so that whole windows of samples lie after it."""
_ALERTS = ("noisy_tenant",)
_NAMED = ("noisy_tenant", "quota_exceeded", "runaway", "memory_leak")


class NoiseKind(Enum):
    """What a noisy tenant does."""

    ENDLESS_CALCULATION = "endless_loop"
    MEMORY_HUNGER = "memory_hunger"
    STORM = "storm"
    MESSAGE_FLOOD = "message_flood"


_RESOURCES = {
    NoiseKind.ENDLESS_CALCULATION: ("cpu",),
    NoiseKind.MEMORY_HUNGER: ("memory", "cpu"),
    NoiseKind.STORM: ("io", "database", "cpu"),
    NoiseKind.MESSAGE_FLOOD: ("messages", "cpu"),
}
_ARGUMENTS: dict[NoiseKind, dict[str, object]] = {
    NoiseKind.ENDLESS_CALCULATION: {},
    NoiseKind.MEMORY_HUNGER: {"megabytes": 400},
    NoiseKind.STORM: {},
    NoiseKind.MESSAGE_FLOOD: {"bytes": 200},
}


@library(scope="GLOBAL", converters=CONVERTERS)
class NoiseLibrary(DynamicCore):
    """Makes tenants noisy and measures what the others feel.

    Victims are measured in quiet and noisy blocks in random order; the mean decides at 10 percent, the P95 at 25 percent, by 90 %
    confidence intervals. Each campaign also compares quiet with quiet (must agree) and finds a slowdown of 20 percent that
    the suite itself injects (must be seen).
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def become_noisy(self, kind: NoiseKind, number: int, duration: Duration = Duration(600)) -> None:
        """Let one tenant begin to disturb.

        Args:
            kind: What it does.
            number: Number of the tenant.
            duration: How long at most.

        Example:
        | Become Noisy | Endless Calculation | 3 |
        """
        scenario().operations.setdefault("usual", []).extend(_ask_thrice(scenario().tenant(number).name))
        name = scenario().tenant(number).name
        began = runs.current().engine.call(
            "begin", [Ask(name, kind.value, {**_ARGUMENTS[kind], "seconds": float(duration)})]
        )
        noises = scenario().notes.setdefault("noises", {})
        assert isinstance(noises, dict)
        noises[name] = (kind, began[0])

    @keyword
    def silence(self, *numbers: int) -> None:
        """Let some tenants stop their noise for now, by cutting and renewing their connections.

        Args:
            numbers: Numbers of the tenants.

        Example:
        | Silence | 1 | 2 |
        """
        agents = [scenario().tenant(number) for number in numbers]
        manager = runs.current().manager
        manager.disconnect(agents)
        manager.establish_agent_connections(agents)

    @keyword
    def work_heavily_until_contained(self, number: int, rate: Rate, work: Duration, at_most: Duration) -> None:
        """Let one tenant work heavily, before anything is measured, until the platform has contained it or the time is over.

        Args:
            number: Number of the tenant.
            rate: Its requests.
            work: Processor time of each request.
            at_most: How long at most.

        Example:
        | Work Heavily Until Contained | 3 | 100 requests/min | 400 ms | 15 seconds |
        """
        name, engine = scenario().tenant(number).name, runs.current().engine
        stream = Stream(name, "heavy", rate, {"milliseconds": work * 1000, "megabytes": 64})
        began = engine.call("start_load", "heavy work", [stream], float(at_most), _PATIENCE)
        _wait_until(
            lambda: first_event(scenario().events(), "audit", ("contained",), name, began) is not None, began + at_most
        )
        engine.call("end_load", "heavy work", timeout=_PATIENCE + 20)

    @keyword
    def connections_should_be_shared(self, promise: str) -> None:
        """Nobody should hold more database connections than the platform allows a tenant.

        Args:
            promise: Id of the promise; its limit ``connections`` decides.

        Example:
        | Connections Should Be Shared | RI-4 |
        """
        metric, limit = "database connections of one tenant", runs.current().limit(promise, "connections")
        counted = [usage for name in scenario().names for usage in scenario().operator_usage(name)]
        most = max(counted, key=lambda usage: usage.database_connections, default=None)
        if most is None:
            BOOK.decide(silent(promise, metric, limit, "No tenant's database connections were counted"))
            return
        claim = f"Tenant '{most.tenant}' held {most.database_connections} database connections, the most at any time"
        BOOK.decide(judged(promise, metric, float(most.database_connections), limit, len(counted), claim))

    @keyword
    def noise_should_be_reported(self, promise: str, within: Duration) -> None:
        """Every noisy tenant should be reported, by the right name and for the right resource, and nobody else.

        Args:
            promise: Id of the promise; its limit ``identified`` decides.
            within: The longest time.

        Example:
        | Noise Should Be Reported | RI-5 | 30 seconds |
        """
        noises = _noises()
        _wait_until(lambda: all(_told(noise, "alert", _ALERTS) for noise in noises), noises[0].started_at + within)
        limit = runs.current().limit(promise, "identified", within)
        BOOK.decide(judge_identified(promise, noises, scenario().events(), _NAMED, scenario().names, limit))

    @keyword
    def noise_should_be_contained(self, promise: str, within: Duration) -> None:
        """Every noisy tenant should be contained: the audit trail says so, and what it gets has come down.

        Args:
            promise: Id of the promise; its limit ``mitigated`` decides.
            within: The longest time.

        Example:
        | Noise Should Be Contained | RI-5 | 60 seconds |
        """
        run, noises = runs.current(), _noises()
        _wait_until(
            lambda: all(_told(noise, "audit", ("contained",)) for noise in noises), noises[0].started_at + within
        )
        time.sleep(_AFTERWARDS)
        limit = run.limit(promise, "mitigated", within)
        samples, events = scenario().samples(), scenario().events()
        found = []
        for noise in noises:
            readings = noise_readings(samples, noise.tenant, "io" if noise.resources[0] == "io" else "cpu", _SHORT)
            found.append(
                judge_mitigated(promise, noise, events, ("contained",), readings, _calm(noise, readings), limit)
            )
        chart = cpu_chart(samples, events, [noise.tenant for noise in noises], None, "Noise and what became of it")
        BOOK.decide(found, chart, clocks(_clock_bars(noises), title="From the beginning of the noise"))

    @keyword
    def operator_should_see_the_noise(self, promise: str) -> None:
        """An operator should see the noise: alerts that name the tenants, and usage numbers.

        Args:
            promise: Id of the promise.

        Example:
        | Operator Should See The Noise | RI-5 |
        """
        readings = {
            noise.tenant: [
                Reading(u.at, u.cpu_percent + u.memory_bytes) for u in scenario().operator_usage(noise.tenant)
            ]
            for noise in _noises()
        }
        events = scenario().events()
        BOOK.decide([m for n in _noises() for m in judge_visible(promise, n, events, _NAMED, readings[n.tenant])])

    @keyword
    def compare_quiet_and_noisy(self, rate: Rate, work: Duration, *numbers: int) -> None:
        """Measure the other tenants in quiet and noisy blocks, the named tenants making their noise in the noisy ones.

        Args:
            rate: Requests of each victim.
            work: Processor time of each request.
            numbers: Numbers of the noisy tenants.

        Example:
        | Compare Quiet And Noisy | 15 requests/s | 3 ms | 3 |
        """
        noisy = {scenario().tenant(number).name for number in numbers}
        noises = scenario().notes.get("noises", {})
        assert isinstance(noises, dict)
        streams = [
            Stream(name, noises[name][0].value, 1.0, {**_ARGUMENTS[noises[name][0]], "seconds": 1.0})
            for name in sorted(noisy)
        ]
        _campaign(streams, rate, work)

    @keyword
    def compare_with_and_without_heavy_work(
        self, rate: Rate, work: Duration, number: int, heavy_rate: Rate, heavy_work: Duration
    ) -> None:
        """Measure the other tenants in blocks without and with one tenant that works heavily.

        Args:
            rate: Requests of each victim.
            work: Processor time of each of their requests.
            number: Number of the tenant that works heavily.
            heavy_rate: Its requests.
            heavy_work: Processor time of each of them.

        Example:
        | Compare With And Without Heavy Work | 15 requests/s | 3 ms | 3 | 100 requests/min | 400 ms |
        """
        name = scenario().tenant(number).name
        stream = Stream(name, "heavy", heavy_rate, {"milliseconds": heavy_work * 1000, "megabytes": 64})
        _campaign([stream], rate, work)

    @keyword
    def victims_should_not_be_slowed(self, promise: str, percent: Percentage) -> None:
        """No other tenant should have been slowed down by more than a limit in the campaign.

        Args:
            promise: Id of the promise; its limits ``slowdown`` and ``slowdown p95`` decide.
            percent: Largest slowdown of the mean that the scenario states.

        Example:
        | Victims Should Not Be Slowed | RI-5 | 10 percent |
        """
        run, record = runs.current(), _record()
        victims = _victims(record)
        limits = DegradationLimits(
            mean=run.limit(promise, "slowdown", 1 + percent / 100),
            p95=run.limit(promise, "slowdown p95"),
            answered=run.limit("RI-1", "answered"),
            lateness=run.limit("RI-4", "lateness"),
            slo_seconds=run.limit("RI-4", "answer time").value,
            patience_seconds=_PATIENCE,
        )
        operations = record.operations + record.noise
        found = judge_degradation(operations, promise, record.blocks, victims, limits)
        title = "The victims, in quiet and in noisy blocks"
        BOOK.decide(
            found,
            pairs_chart(operations, record.blocks, victims, limits.mean, title),
            latencies_chart(operations, record.blocks, victims, title),
        )

    @keyword
    def victims_should_be_answered_within(self, promise: str, within: Duration) -> None:
        """Every single answer of the victims, in every block, should come within the limit.

        Args:
            promise: Id of the promise; its limit ``answer time`` decides.
            within: The longest answer time.

        Example:
        | Victims Should Be Answered Within | RI-5 | 2 seconds |
        """
        record = _record()
        operations: list[Operation] = [*record.operations, *scenario().operations.get("steady", [])]
        victims = set(_victims(record))
        limit = runs.current().limit(promise, "answer time", within)
        BOOK.decide(judge_answers_throughout(promise, [o for o in operations if o.tenant in victims], limit))

    @keyword
    def victims_should_get_equal_shares(self, promise: str) -> None:
        """While one tenant works heavily, the others should get equal shares of answers and bandwidth.

        Args:
            promise: Id of the promise; its limit ``jain`` decides.

        Example:
        | Victims Should Get Equal Shares | RI-4 |
        """
        run, record = runs.current(), _record()
        noisy_blocks = {block.label for block in record.blocks if block.condition.value == "noisy"}
        own = [o for o in record.operations if o.block in noisy_blocks]
        shares = {
            name: Share(sum(o.answered for o in own if o.tenant == name), max(1, sum(o.tenant == name for o in own)))
            for name in _victims(record)
        }
        limits = FairnessLimits(
            run.limit(promise, "jain"), run.limit("RI-6", "least share"), run.limit("RI-6", "largest share")
        )
        bars = [Bar(name, share.ratio) for name, share in shares.items()]
        chart = fairness_bars(
            bars,
            title="Answers that each victim got, of those it asked for",
            lowest=limits.least,
            highest=limits.largest,
            jain=jain([share.ratio for share in shares.values()]),
        )
        BOOK.decide(judge_fairness(shares, promise, limits), chart)

    @keyword
    def noisy_tenants_should_recover(self, promise: str, within: Duration) -> None:
        """After their noise, the noisy tenants should be released and served as usual.

        Args:
            promise: Id of the promise; its limit ``recovered`` decides.
            within: The longest time.

        Example:
        | Noisy Tenants Should Recover | RI-5 | 2 minutes |
        """
        run, ended = runs.current(), time.monotonic()
        noises = [Noise(n.tenant, n.resources, n.started_at, ended) for n in _noises()]
        names = [noise.tenant for noise in noises]
        operations = _ask_until_released(names, ended, float(within))
        limit = run.limit(promise, "recovered", within)
        events = scenario().events()
        found = []
        for noise in noises:
            own = [operation for operation in operations if operation.tenant == noise.tenant]
            normal = _normal_answer_time(noise.tenant)
            found.append(judge_recovered(promise, noise, own, events, ("released",), normal, _STABLE, limit))
        BOOK.decide(found)


def _calm(noise: Noise, readings: Sequence[Reading]) -> Limit:
    """Contained is at most half of the most that the tenant took."""
    peak = max((reading.value for reading in readings), default=0.0)
    unit = "bytes/s" if noise.resources[0] == "io" else "% of one core"
    return Limit(value=peak / 2, unit=unit, comparison=Comparison.AT_MOST, source="half of what it took before")


def _normal_answer_time(tenant: str) -> Limit:
    """Three times the tenant's own median before its noise, and at least 0.1 s."""
    before = [
        o.latency for o in scenario().operations["usual"] if o.tenant == tenant and o.answered and o.latency is not None
    ]
    usual = 3 * statistics.median(before) if before else 0.0
    return Limit(
        value=max(0.1, usual), unit="s", comparison=Comparison.AT_MOST, source="3 x its own median before the noise"
    )


def _ask_thrice(name: str) -> list[Operation]:
    engine = runs.current().engine
    ask = [Ask(name, "typical", {"milliseconds": 3})]
    return [operation for _ in range(3) for operation in engine.call("ask", ask, 5.0)]


def _noises() -> list[Noise]:
    noises = scenario().notes.get("noises")
    assert isinstance(noises, dict) and noises, "no tenant was made noisy"
    return [Noise(name, _RESOURCES[kind], began, time.monotonic()) for name, (kind, began) in noises.items()]


def _told(noise: Noise, stream: str, kinds: Sequence[str]) -> bool:
    return first_event(scenario().events(), stream, kinds, noise.tenant, noise.started_at) is not None


def _wait_until(condition: Callable[[], bool], deadline: float) -> None:
    while time.monotonic() < deadline and not condition():
        time.sleep(0.2)


def _campaign(noise: list[Stream], rate: float, work: float) -> None:
    run, noisy = runs.current(), {stream.tenant for stream in noise}
    plan = CampaignPlan(
        victims=[Stream(n, "typical", rate, {"milliseconds": work * 1000}) for n in scenario().names if n not in noisy],
        noise=noise,
        pairs=run.profile.campaign.pairs,
        controls=run.profile.campaign.controls,
        block_s=run.profile.campaign.block,
        settle_s=run.profile.campaign.settle,
        answer_within_s=_PATIENCE,
        seed=len(noise),
    )
    blocks = 2 * plan.pairs + plan.controls
    scenario().campaign = run.engine.call("campaign", plan, timeout=blocks * (plan.block_s + plan.settle_s + 10) + 60)


def _record() -> CampaignRecord:
    record = scenario().campaign
    assert record is not None, "no campaign was run in this scenario"
    return record


def _victims(record: CampaignRecord) -> list[str]:
    return sorted({operation.tenant for operation in record.operations})


def _ask_until_released(names: list[str], since: float, within: float) -> list[Operation]:
    operations: list[Operation] = []
    calm_since: float | None = None
    while time.monotonic() < since + within:
        asks = [Ask(name, "typical", {"milliseconds": 3}) for name in names]
        operations.extend(runs.current().engine.call("ask", asks, 5.0))
        events = scenario().events()
        released = all(first_event(events, "audit", ("released",), name, since) is not None for name in names)
        calm_since = (calm_since or time.monotonic()) if released else None
        if calm_since is not None and time.monotonic() > calm_since + _STABLE + 1:
            break
        time.sleep(0.3)
    return operations


def _clock_bars(noises: Sequence[Noise]) -> list[NoisyTenant]:
    run, events = runs.current(), scenario().events()
    bars = []
    for noise in noises:
        named = first_event(events, "alert", _ALERTS, noise.tenant, noise.started_at)
        contained = first_event(events, "audit", ("contained",), noise.tenant, noise.started_at)
        stages = [
            Stage(
                "identified",
                "start of the noise",
                named.seen_at - noise.started_at if named else None,
                run.limit("RI-5", "identified"),
            ),
            Stage(
                "contained",
                "start of the noise",
                contained.seen_at - noise.started_at if contained else None,
                run.limit("RI-5", "mitigated"),
            ),
        ]
        bars.append(NoisyTenant(noise.tenant, noise.resources[0], stages))
    return bars
