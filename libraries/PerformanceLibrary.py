"""Performance isolation: the victims in quiet and in noisy blocks, their answers and their shares."""

from __future__ import annotations

import time

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.campaign import CampaignPlan, CampaignRecord
from isolation.drive.load.engine import Request
from isolation.drive.load.plans import Stream
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.resources.noise import judge_answers_throughout, judge_noise_was_made
from isolation.judge.rules.clocks import first_event, judge_innocents
from isolation.judge.rules.statistics import jain
from isolation.judge.rules.verdicts import inconclusive, names
from isolation.judge.slowdown.degradation import DegradationLimits, judge_degradation
from isolation.judge.slowdown.fairness import FairnessLimits, judge_fairness, shares_of_answers
from isolation.judge.traffic.served import judge_connections_of_one, judge_served
from isolation.record import Block, Measurement, Operation
from isolation.record.blocks import blocks_of, label_set_aside
from isolation.show.charts.fairness_bars import Share as Bar
from isolation.show.charts.fairness_bars import fairness_bars
from isolation.show.figures import latencies_chart, pairs_chart
from isolation.target.words import OperatorOperation, OperatorWord
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.noise_kinds import ARGUMENTS, NoiseKind
from robot_support.quantities import CONVERTERS, Duration, Percentage, Rate
from robot_support.scenario import scenario

_ACCUSING = ("noisy_tenant", "quota_exceeded", "runaway", "memory_leak")
_PATIENCE = 8.0


@library(scope="GLOBAL", converters=CONVERTERS)
class PerformanceLibrary(DynamicCore):
    """Measures what the others feel while some tenants work heavily or make noise.

    Several noises take turns with quiet time in one campaign, so that all are compared with the same quiet blocks; each is judged
    alone. The mean decides at 10 percent, the P95 at 25 percent, by 90 % confidence intervals. Each campaign also compares quiet
    with quiet (must agree) and finds a slowdown of 20 percent that the suite itself injects (must be seen).
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def prepare_noise(self, noise: str, kind: NoiseKind, *numbers: int) -> None:
        """Say what some tenants will do whenever it is the turn of a noise.

        Args:
            noise: Name of the noise; several kinds may belong to one noise, and are made at the same time.
            kind: What the tenants do.
            numbers: Their numbers.

        Example:
        | Prepare Noise | exceeded quotas | Endless Calculation | 1 | 2 |
        """
        for number in numbers:
            arguments = {**ARGUMENTS[kind], "seconds": 1.0}
            _prepare(noise, Stream(scenario().tenant(number).name, kind.value, 1.0, arguments))

    @keyword
    def prepare_heavy_work(self, noise: str, number: int, rate: Rate, work: Duration) -> None:
        """Say how one tenant will work whenever it is the turn of a noise.

        Args:
            noise: Name of the noise.
            number: Number of the tenant.
            rate: Its requests.
            work: Processor time of each of them.

        Example:
        | Prepare Heavy Work | heavy work | 3 | 100 requests/min | 400 ms |
        """
        arguments: dict[str, object] = {"milliseconds": work * 1000, "megabytes": 64}
        _prepare(noise, Stream(scenario().tenant(number).name, "heavy", rate, arguments))

    @keyword
    def disturb_until_contained(self, at_most: Duration) -> None:
        """Let all prepared noises sound together, before anything is measured, until every noisy tenant is contained.

        Where the platform contains nobody, the scenario goes on all the same, and shows what the others feel. The noise goes on
        until its tenants are silenced; the load ``disturbing`` has to be ended too.

        Args:
            at_most: How long to wait.

        Example:
        | Disturb Until Contained | 15 seconds |
        """
        engine, streams = runs.current().engine, _streams()
        lasting = [stream for stream in streams if "seconds" in stream.arguments]
        repeated = [stream for stream in streams if "seconds" not in stream.arguments]
        began = time.monotonic()
        engine.call("begin", [Request(s.tenant, s.kind, {**s.arguments, "seconds": float(at_most)}) for s in lasting])
        engine.call("start_load", "disturbing", repeated, float(at_most), _PATIENCE)
        while time.monotonic() < began + at_most:
            events = scenario().events()
            if all(first_event(events, "audit", ("contained",), s.tenant, began) is not None for s in streams):
                break
            time.sleep(0.2)

    @keyword
    def connections_should_be_shared(self, noise: str, promise: str) -> None:
        """A tenant that wants many database connections should get as many as it is allowed, and the others still be served.

        The connections are counted in the database itself and by the operator's door; the higher number decides.

        Args:
            noise: Name of the noise whose first tenant asks for three times as many as it is allowed.
            promise: Id of the promise; its limits ``connections`` and ``answered`` decide.

        Example:
        | Connections Should Be Shared | heavy work | RI-4 |
        """
        run, limit = runs.current(), runs.current().limit(promise, "connections")
        if not {"connection_leak", "database"} <= run.target.requests.keys():
            claim = "The target file names no request that takes database connections"
            COLLECTOR.decide(inconclusive(promise, "database connections of one tenant", limit, claim))
            return
        first = sorted(_noisy(noise))[0]
        greedy = next(tenant for tenant in scenario().tenants if tenant.name == first)
        wanted = 3 * round(limit.value)
        asked: list[Operation] = run.engine.call(
            "ask", [Request(greedy.name, "connection_leak", {"count": wanted})], 10.0
        )
        held = _connections_of(greedy)
        small = [Request(name, "database", {"rows": 10, "repeat": 1}) for name in _victims()]
        served = run.engine.call("ask", small, 10.0, timeout=25)
        beside = f"beside a tenant that wants {wanted} database connections"
        COLLECTOR.decide([
            judge_connections_of_one(promise, greedy.name, wanted, held, asked, limit),
            judge_served(promise, "victims' database work answered", served, run.limit("RI-1", "answered"), beside),
        ])  # fmt: skip

    @keyword
    def measure_in_turns(self, work: Duration) -> None:
        """Measure the other tenants while all prepared noises and quiet time take turns, in random order.

        Args:
            work: Processor time of each request of a victim.

        Example:
        | Measure In Turns | 3 ms |
        """
        run, victims = runs.current(), _victims()
        size = run.profile.campaign
        rate = size.answers / (len(victims) * size.block)
        plan = CampaignPlan(
            victims=[Stream(name, "typical", rate, {"milliseconds": work * 1000}) for name in victims],
            noise=scenario().noise,
            pairs=size.pairs,
            controls=size.controls,
            block_s=size.block,
            slices=size.slices,
            settle_s=size.settle,
            stolen=size.stolen / 100,
            again=size.again / 100,
            answer_within_s=_PATIENCE,
        )
        longest = (plan.turns + plan.most_again) * (plan.slice_s + plan.settle_s + 10) + 60
        scenario().campaign = run.engine.call("campaign", plan, timeout=longest)

    @keyword
    def victims_should_not_be_slowed(self, noise: str, promise: str, percent: Percentage) -> None:
        """No other tenant should have been slowed down by a noise by more than a limit.

        Args:
            noise: Name of the noise.
            promise: Id of the promise; its limits ``slowdown`` and ``slowdown p95`` decide.
            percent: Largest slowdown of the mean that the scenario states.

        Example:
        | Victims Should Not Be Slowed | heavy work | RI-4 | 10 percent |
        """
        limits, victims = _limits(promise, percent), _victims()
        operations, blocks = _record().operations, _blocks(noise)
        title = f"The victims, in quiet blocks and in blocks with {noise}"
        COLLECTOR.decide(
            _judged(noise, promise, percent),
            pairs_chart(operations, blocks, victims, limits.mean, limits.confidence, title),
            latencies_chart(operations, blocks, victims, title),
        )

    @keyword
    def victims_should_be_answered_within(self, noise: str, promise: str, within: Duration) -> None:
        """Every single answer to the others should come within the limit, before the noise was contained too.

        Args:
            noise: Name of the noise.
            promise: Id of the promise; its limit ``answer time`` decides.
            within: The longest answer time.

        Example:
        | Victims Should Be Answered Within | heavy work | RI-4 | 2 seconds |
        """
        labels = {block.label for block in _blocks(noise)}
        labels |= {label_set_aside(label) for label in labels}
        measured = [operation for operation in _record().operations if operation.block in labels]
        steady = [o for o in scenario().operations.get("steady", []) if o.tenant in set(_victims())]
        limit = runs.current().limit(promise, "answer time", within)
        COLLECTOR.decide(judge_answers_throughout(promise, [*measured, *steady], limit))

    @keyword
    def victims_should_not_be_accused(self, promise: str) -> None:
        """No alert should name a tenant that only worked beside the noises, at any time of the scenario.

        Args:
            promise: Id of the promise.

        Example:
        | Victims Should Not Be Accused | RI-5 |
        """
        now, metric = scenario(), "alerts against tenants that made no noise"
        noisy = {stream.tenant: now.began_at for stream in _streams()}
        COLLECTOR.decide(judge_innocents(promise, metric, now.events(), _ACCUSING, now.names, noisy, now.began_at))

    @keyword
    def victims_should_get_equal_shares(self, noise: str, promise: str) -> None:
        """While there is a noise, the others should get equal shares of answers and bandwidth.

        An answer that takes longer than one slice of a block does not count: in that slice its tenant got nothing.

        Args:
            noise: Name of the noise.
            promise: Id of the promise; its limit ``jain`` decides.

        Example:
        | Victims Should Get Equal Shares | heavy work | RI-4 |
        """
        run = runs.current()
        noisy_blocks = {block.label for block in _blocks(noise) if block.noise}
        own = [operation for operation in _record().operations if operation.block in noisy_blocks]
        slice_s = run.profile.campaign.block / run.profile.campaign.slices
        shares = shares_of_answers(own, _victims(), slice_s)
        limits = FairnessLimits(
            run.limit(promise, "jain"), run.limit("RI-6", "least share"), run.limit("RI-6", "largest share")
        )
        ratios = [share.ratio for share in shares.values()]
        chart = fairness_bars(
            [Bar(name, share.ratio) for name, share in shares.items()],
            title="Answers that each victim got in time, of those it asked for",
            lowest=limits.least,
            highest=limits.largest,
            jain=jain(ratios) if any(ratios) else None,
        )
        COLLECTOR.decide(judge_fairness(shares, promise, limits), chart)


def _connections_of(tenant: TenantAgent) -> int | None:
    """How many database connections a tenant has, by the database's own list and by the operator's word."""
    run = runs.current()
    assert run.doors is not None
    counted = run.monitor.call("inventory", run.run_id, run.store_addresses(), run.doors.pid, []).database_connections
    told = (
        run.operator(OperatorOperation.RESIDUE, tenant=tenant.tenant_id).get(OperatorWord.CONNECTIONS)
        if OperatorOperation.RESIDUE in run.target.operator
        else None
    )
    own = None if counted is None else sum(tenant.tenant_id in thing.tenant for thing in counted)
    return max((number for number in (own, told) if number is not None), default=None)


def _prepare(noise: str, stream: Stream) -> None:
    scenario().noise.setdefault(noise, []).append(stream)


def _streams() -> list[Stream]:
    streams = [stream for own in scenario().noise.values() for stream in own]
    assert streams, "no noise was prepared in this scenario"
    return streams


def _noisy(noise: str) -> set[str]:
    known = scenario().noise
    if noise not in known:
        raise ValueError(f"There is no noise '{noise}' in this scenario; there are {names(known)}.")
    return {stream.tenant for stream in known[noise]}


def _victims() -> list[str]:
    noisy = {stream.tenant for stream in _streams()}
    return [name for name in scenario().names if name not in noisy]


def _limits(promise: str, percent: float) -> DegradationLimits:
    run = runs.current()
    return DegradationLimits(
        mean=run.limit(promise, "slowdown", 1 + percent / 100),
        p95=run.limit(promise, "slowdown p95"),
        answered=run.limit("RI-1", "answered"),
        lateness=run.limit("RI-4", "lateness"),
        slo_seconds=run.limit("RI-4", "answer time").value,
        patience_seconds=_PATIENCE,
        confidence=run.limit("RI-4", "confidence").value,
    )


def _judged(noise: str, promise: str, percent: float) -> list[Measurement]:
    record, noisy = _record(), _noisy(noise)
    operations = record.operations + record.noise
    made = judge_noise_was_made(promise, [operation for operation in record.noise if operation.tenant in noisy], noisy)
    return [*judge_degradation(operations, promise, _blocks(noise), _victims(), _limits(promise, percent)), made]


def _blocks(noise: str) -> list[Block]:
    """The noise's own blocks, and the quiet and delayed ones of its rounds."""
    _noisy(noise)  # refuses a noise that nobody makes
    return blocks_of(_record().blocks, noise)


def _record() -> CampaignRecord:
    record = scenario().campaign
    assert record is not None, "no campaign was run in this scenario"
    return record
