"""Engines in shards: whose tenant is where, on whose clock, and what is refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from isolation.drive.load.campaign import CampaignPlan, CampaignRecord
from isolation.drive.load.engine import Connected, ConnectOptions, Request
from isolation.drive.load.plans import Stream
from isolation.drive.load.registry_traffic import TrafficPlan
from isolation.drive.load.together import BeganLate, Left, Ready, Start
from isolation.drive.load.whereabouts import Whereabouts
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.opening import Opening
from isolation.drive.shards.clock import Exchange, ShardClock, shifted
from isolation.drive.shards.shard import ShardLost
from isolation.drive.shards.sharded_engine import ShardedEngine
from isolation.drive.worker import WorkerEnded, WorkerError
from isolation.record import Block, Condition, Direction, Frame, Operation
from isolation.record.traffic.asked import RequestRecord
from isolation.settings.profile import ShardLimits

LIMITS = ShardLimits.model_construct(clock=0.01, late=0.05, silent=5.0, lease=5.0)
TENANTS = [TenantAgent(name, f"tenant of {name}", name, "standard") for name in "abcd"]


@dataclass(eq=False)
class FakeCarrier:
    """An engine whose clock is ahead and whose answers are made up."""

    ahead_s: float = 0.0
    slow_s: float = 0.0
    late_s: float = 0.0
    source: str = ""
    ready: list[Request] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    error: WorkerError | None = None
    pids: tuple[int, ...] = ()

    def call(self, method: str, *arguments: object, timeout: float = 60.0, **options: object) -> Any:
        return self.submit(method, *arguments).result(timeout)

    def submit(self, method: str, *arguments: object, **options: object) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls.append((method, *arguments))
        if self.error is not None:
            future.set_exception(self.error)
        else:
            future.set_result(self.answer(method, *arguments))
        return future

    def abandon(self, pending: Future[Any]) -> None: ...

    def stop(self, timeout: float = 5.0) -> None:
        self.calls.append(("stop",))

    def answer(self, method: str, *arguments: Any) -> Any:
        now = time.monotonic() + self.ahead_s
        if method == "whereabouts":
            here = Whereabouts.here()
            return replace(here, clock="another", source=self.source or here.source)
        if method == "clock":
            time.sleep(self.slow_s)
            return now
        if method == "connect":
            return [Connected(agent.name, Opening(0.1, 0.1, "s", started_at=now)) for agent in arguments[0]]
        if method == "make_ready":
            self.ready = arguments[0]
            return Ready(7, 0.0)
        if method == "ask":
            return [operation(request.tenant, now) for request in arguments[0]]
        if method == "ask_ready":
            return Left(self.late_s, [operation(request.tenant, now) for request in self.ready])
        if method == "start_load":
            return arguments[4].begins_at
        if method == "end_load":
            return [replace(operation("a", now), sent_at=now + self.late_s)]
        if method == "campaign":
            return CampaignRecord()
        if method == "registry_traffic":
            return [RequestRecord({}, operation(name, now)) for names in arguments[0].users for name in names]
        return []

    def heard(self, method: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == method]


def operation(name: str, at: float) -> Operation:
    return Operation(name, name, name, "1", "report", intended_at=at, sent_at=at, completed_at=at + 0.1)


@pytest.fixture
def carriers() -> list[FakeCarrier]:
    return [FakeCarrier(), FakeCarrier(ahead_s=1000.0)]


@pytest.fixture
def engine(carriers: list[FakeCarrier]) -> Iterator[ShardedEngine]:
    made = ShardedEngine([(carrier, "") for carrier in carriers], LIMITS, lambda sentence: None)
    yield made
    made.stop()


def test_tenants_are_partitioned_and_a_tenant_stays_whole(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    colleague = replace(TENANTS[0], name="a.2", user_id="a2")
    results = engine.call("connect", [*TENANTS, colleague], ConnectOptions(at_once=10))
    assert [one.name for one in results] == ["a", "b", "c", "d", "a.2"]
    first, second = (carrier.heard("connect")[0] for carrier in carriers)
    assert [agent.name for agent in first[0]] == ["a", "c", "a.2"]
    assert [agent.name for agent in second[0]] == ["b", "d"]
    assert (first[1].at_once, second[1].at_once) == (6, 4)


def test_moments_come_back_on_our_clock(engine: ShardedEngine) -> None:
    opened = engine.call("connect", TENANTS, ConnectOptions())
    asked = engine.call("ask", [Request(one.name, "report") for one in TENANTS], 1.0)
    moments = [one.opening.started_at for one in opened] + [one.completed_at for one in asked]
    assert [one.tenant for one in asked] == ["a", "b", "c", "d"]
    assert max(moments) - min(moments) < 2.0


def test_all_begin_at_the_same_moment_each_by_its_own_clock(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    engine.call("ask_at_one_moment", [Request(one.name, "report") for one in TENANTS], 1.0)
    one, other = (carrier.heard("ask_ready")[0][2].at for carrier in carriers)
    assert other - one == pytest.approx(1000.0, abs=0.05)


def test_whoever_came_late_is_told_earlier_from_then_on(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    leads = []
    for late_s in (0.0, 0.5, 0.0):
        carriers[0].late_s = late_s
        asked_at = time.monotonic()
        engine.call("ask_at_one_moment", [Request(one.name, "report") for one in TENANTS], 1.0)
        leads.append(carriers[0].heard("ask_ready")[-1][2].at - asked_at)
    assert leads[0] < 1.0 and leads[1] < 1.0 and leads[2] > 2.0


def test_one_alone_need_not_wait(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    engine.call("ask", [Request("a", "report")], 1.0)
    assert len(carriers[0].heard("ask")) == 1
    assert carriers[1].heard("ask") == carriers[0].heard("make_ready") == []


def test_a_load_is_one_plan_of_which_each_does_its_part(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    streams = [Stream(one.name, "report", 1.0) for one in TENANTS]
    engine.call("start_load", "steady", streams, 1.0, 1.0)
    one, other = (carrier.heard("start_load")[0] for carrier in carriers)
    assert one[1] == other[1] == streams
    assert one[4].seed == other[4].seed
    assert (one[4].tenants, other[4].tenants) == ({"a", "c"}, {"b", "d"})
    moments = [one.intended_at for one in engine.call("end_load", "steady")]
    assert moments == sorted(moments) and moments[-1] - moments[0] < 1.0


def test_a_campaign_is_made_by_one(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    plan = CampaignPlan([Stream(one.name, "report", 1.0) for one in TENANTS], {}, 1, 0, 1.0, 1, 0.0)
    engine.call("connect", TENANTS, ConnectOptions())
    with pytest.raises(WorkerError, match="4 tenants of a campaign are held by 2 shards"):
        engine.call("campaign", plan)
    engine.call("connect", TENANTS, ConnectOptions(together=True))
    engine.call("campaign", plan)
    assert sum(len(carrier.heard("campaign")) for carrier in carriers) == 1


def test_traffic_comes_back_user_by_user(engine: ShardedEngine) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    plan = TrafficPlan(users=(("a",), ("b",), ("c",), ("d",)), operations=1, types=("data",), thread="main")
    assert [one.operation.tenant for one in engine.call("registry_traffic", plan)] == ["a", "b", "c", "d"]


def test_a_refusal_names_the_shard_and_loses_nothing(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    carriers[1].error = WorkerError("it came to a common start 0.300 s late")
    with pytest.raises(WorkerError, match=r"^shard 2 \(.*\): it came to a common start 0\.300 s late"):
        engine.call("ask_at_one_moment", [Request(one.name, "report") for one in TENANTS], 1.0)
    carriers[1].error = None
    assert len(engine.call("ask_at_one_moment", [Request(one.name, "report") for one in TENANTS], 1.0)) == 4


def test_nothing_of_a_lost_shard_can_be_asked_until_the_experiment_is_over(
    engine: ShardedEngine, carriers: list[FakeCarrier]
) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    carriers[1].error = WorkerEnded("its process has ended")
    with pytest.raises(
        ShardLost, match=r"shard 2 \(.* was lost: its process has ended; what it carried \(2 sessions\)"
    ):
        engine.call("sessions")
    carriers[1].error = None
    for method in ("sessions", "take_frames", "memory_bytes"):
        with pytest.raises(ShardLost):
            engine.call(method)
    assert engine.call("ask", [Request("a", "report")], 1.0)
    (sentence,) = engine.leave()
    assert "shard 2" in sentence and carriers[1].calls[-1] == ("stop",)
    assert engine.call("sessions") == []
    engine.call("connect", TENANTS, ConnectOptions())
    assert len(carriers[0].heard("connect")[-1][0]) == 4


def test_a_clock_that_is_not_known_well_enough_is_refused() -> None:
    made = ShardedEngine([(FakeCarrier(slow_s=0.03), "host B")], LIMITS, lambda sentence: None)
    with pytest.raises(
        WorkerError, match=r"the clock of shard 1 \(host B\) is known to 15\.\d ms only; 10 ms are needed"
    ):
        made.call("connect", TENANTS, ConnectOptions())
    made.stop()


def test_another_source_is_refused() -> None:
    with pytest.raises(WorkerError, match=r"shard 1 \(host B\) runs another version"):
        ShardedEngine([(FakeCarrier(source="older"), "host B")], LIMITS, lambda sentence: None)


def test_a_method_that_is_not_there_is_said() -> None:
    made = ShardedEngine([(FakeCarrier(), "")], LIMITS, lambda sentence: None)
    with pytest.raises(WorkerError, match="no 'dance'"):
        made.call("dance")
    made.stop()


def test_the_quickest_exchange_tells_the_clock() -> None:
    clock = ShardClock(is_ours=False)
    assert clock.error_s == float("inf")
    clock.note(Exchange(10.0, 115.0, 12.0))
    clock.note(Exchange(20.0, 120.1, 20.2))
    assert [clock.offset_s, clock.error_s] == pytest.approx([100.0, 0.1])
    assert ShardClock(is_ours=True).error_s == 0.0


def test_every_moment_is_moved() -> None:
    moved = shifted(operation("a", 10.0), -3.0)
    assert (moved.intended_at, moved.sent_at, moved.accepted_at) == (7.0, 7.0, None)
    assert moved.latency == pytest.approx(operation("a", 10.0).latency)
    frame = Frame(10.0, "a", "a", "a", Direction.RECEIVED, "message", b"")
    assert shifted([frame], -3.0)[0].at == 7.0
    record = CampaignRecord([operation("a", 10.0)], [], [Block("1", 0, Condition.QUIET, 10.0, 11.0, 1.0)])
    campaign = shifted(record, -3.0)
    assert (campaign.operations[0].intended_at, campaign.blocks[0].started_at, campaign.blocks[0].ended_at) == (7, 7, 8)
    failed = Connected("a", None, "refused")
    assert shifted([failed], -3.0) == [failed]


def test_a_start_that_is_missed_is_no_start() -> None:
    asyncio.run(Start(time.monotonic() - 0.01, latest_s=5.0).reached())
    with pytest.raises(BeganLate, match=r"late; at most 0\.1 s"):
        asyncio.run(Start(time.monotonic() - 1.0, latest_s=0.1).reached())


def test_a_shard_that_sends_late_is_named(engine: ShardedEngine, carriers: list[FakeCarrier]) -> None:
    engine.call("connect", TENANTS, ConnectOptions())
    engine.call("start_load", "steady", [Stream(one.name, "report", 1.0) for one in TENANTS], 1.0, 1.0)
    carriers[1].late_s = 0.2
    engine.call("end_load", "steady")
    (sentence,) = engine.leave()
    assert (
        sentence.startswith("shard 2 (")
        and "sent 1 of its 1 requests of the load 'steady' more than 50 ms late" in sentence
    )
