"""Performance isolation: the victims in quiet and in noisy blocks, their answers and their shares."""

from __future__ import annotations

import time

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.campaign import CampaignPlan, CampaignRecord
from isolation.drive.load import Stream
from isolation.judge.clocks import first_event
from isolation.judge.degradation import DegradationLimits, judge_degradation
from isolation.judge.fairness import FairnessLimits, Share, judge_fairness
from isolation.judge.noise import judge_answers_throughout
from isolation.judge.statistics import jain
from isolation.judge.verdicts import judged, silent
from isolation.record import Operation
from isolation.show.charts.fairness_bars import Share as Bar
from isolation.show.charts.fairness_bars import fairness_bars
from robot_support import run as runs
from robot_support.book import BOOK
from robot_support.graphs import latencies_chart, pairs_chart
from robot_support.noise_kinds import ARGUMENTS
from robot_support.quantities import CONVERTERS, Duration, Percentage, Rate
from robot_support.scenario import scenario

_PATIENCE = 8.0


@library(scope="GLOBAL", converters=CONVERTERS)
class PerformanceLibrary(DynamicCore):
    """Measures what the others feel while some tenants work heavily or make noise.

    Victims are measured in quiet and noisy blocks in random order; the mean decides at 10 percent, the P95 at 25 percent, by 90 %
    confidence intervals. Each campaign also compares quiet with quiet (must agree) and finds a slowdown of 20 percent that
    the suite itself injects (must be seen).
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

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
        while time.monotonic() < began + at_most:
            if first_event(scenario().events(), "audit", ("contained",), name, began) is not None:
                break
            time.sleep(0.2)
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
    def compare_quiet_and_noisy(self, work: Duration, *numbers: int) -> None:
        """Measure the other tenants in quiet and noisy blocks, the named tenants making their noise in the noisy ones.

        Args:
            work: Processor time of each request of a victim.
            numbers: Numbers of the noisy tenants.

        Example:
        | Compare Quiet And Noisy | 3 ms | 3 |
        """
        noisy = {scenario().tenant(number).name for number in numbers}
        noises = scenario().notes.get("noises", {})
        assert isinstance(noises, dict)
        streams = [
            Stream(name, noises[name][0].value, 1.0, {**ARGUMENTS[noises[name][0]], "seconds": 1.0})
            for name in sorted(noisy)
        ]
        _campaign(streams, work)

    @keyword
    def compare_with_and_without_heavy_work(
        self, work: Duration, number: int, heavy_rate: Rate, heavy_work: Duration
    ) -> None:
        """Measure the other tenants in blocks without and with one tenant that works heavily.

        Args:
            work: Processor time of each request of a victim.
            number: Number of the tenant that works heavily.
            heavy_rate: Its requests.
            heavy_work: Processor time of each of them.

        Example:
        | Compare With And Without Heavy Work | 3 ms | 3 | 100 requests/min | 400 ms |
        """
        name = scenario().tenant(number).name
        stream = Stream(name, "heavy", heavy_rate, {"milliseconds": heavy_work * 1000, "megabytes": 64})
        _campaign([stream], work)

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


def _campaign(noise: list[Stream], work: float) -> None:
    """Run the campaign of the profile; its number of answers in a block is divided among the victims."""
    run, noisy = runs.current(), {stream.tenant for stream in noise}
    size = run.profile.campaign
    victims = [name for name in scenario().names if name not in noisy]
    rate = size.answers / (len(victims) * size.block)
    plan = CampaignPlan(
        victims=[Stream(name, "typical", rate, {"milliseconds": work * 1000}) for name in victims],
        noise=noise,
        pairs=size.pairs,
        controls=size.controls,
        block_s=size.block,
        settle_s=size.settle,
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
