"""Open-loop load and campaigns against a real server: what waits is counted, what is slower is slower."""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from component.drive.small_platform import (
    CANCEL,
    SECRET,
    SmallPlatform,
    answer_at_once,
    small_access,
    small_agent,
    small_target,
)
from isolation.drive.load.campaign import CampaignPlan, CampaignRecord, run_campaign
from isolation.drive.load.engine import ConnectOptions, Engine, Request
from isolation.drive.load.plans import Stream, run_plan, schedule
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.opening import FrameLog, SessionError
from isolation.drive.session.session import Session
from isolation.record import Condition, Operation, Outcome


def with_sessions(
    platform: SmallPlatform, names: list[str], use: Callable[[dict[str, Session]], Awaitable[Any]]
) -> Any:
    """Open one session for each name, use them, close them."""

    async def run() -> Any:
        sessions = {}
        for name in names:
            agent = agent_of(platform, name)
            sessions[name] = Session(agent, name, small_access(platform.address), FrameLog())
            await sessions[name].open(5.0)
        try:
            return await use(sessions)
        finally:
            for session in sessions.values():
                await session.close()

    return asyncio.run(run())


def agent_of(platform: SmallPlatform, name: str) -> TenantAgent:
    return small_agent(name, name, name)


def test_every_request_of_the_plan_is_sent_and_answered() -> None:
    due = schedule([Stream("a", "report", 40), Stream("b", "report", 20)], 1.0, seed=1)
    with SmallPlatform() as platform:
        operations = with_sessions(platform, ["a", "b"], lambda s: run_plan(due, s, 2.0, "block-1"))
        assert len(operations) == len(due) == len(platform.seen)
    assert {operation.outcome for operation in operations} == {Outcome.ANSWERED}
    assert {operation.block for operation in operations} == {"block-1"}
    assert [o.tenant for o in operations] == [one.stream.tenant for one in due]


def test_requests_go_on_leaving_while_the_platform_stalls_and_their_waiting_counts() -> None:
    stalled = asyncio.Event()

    async def stall_half_a_second(socket: ServerConnection, request: dict[str, Any]) -> None:
        if not stalled.is_set():
            asyncio.get_running_loop().call_later(0.5, stalled.set)
        await stalled.wait()
        await socket.send(json.dumps({"event": "done", "id": request["id"]}))

    due = schedule([Stream("a", "report", 50)], 0.4, seed=3)
    with SmallPlatform(stall_half_a_second) as platform:
        operations: list[Operation] = with_sessions(platform, ["a"], lambda s: run_plan(due, s, 3.0))
    assert len(operations) == len(due)
    intended = [operation.intended_at for operation in operations]
    gaps = [after - before for before, after in itertools.pairwise(intended)]
    assert max(gaps) < 0.06, "the plan does not wait for answers"
    first, last = operations[0], operations[-1]
    assert (first.latency or 0) >= 0.45
    assert (first.latency or 0) > (last.latency or 0) >= 0.05
    for operation in operations:
        assert operation.latency == (operation.completed_at or 0) - operation.intended_at


def test_a_platform_that_never_answers_leaves_every_request_timed_out() -> None:
    async def never(socket: ServerConnection, request: dict[str, Any]) -> None:
        """Say nothing."""

    due = schedule([Stream("a", "report", 20)], 0.3, seed=1)
    with SmallPlatform(never) as platform:
        operations = with_sessions(platform, ["a"], lambda s: run_plan(due, s, 0.2))
    assert [operation.outcome for operation in operations] == [Outcome.TIMED_OUT] * len(due)


def test_a_request_that_is_held_back_counts_from_its_intended_time() -> None:
    due = schedule([Stream("a", "report", 20)], 0.3, seed=1)
    with SmallPlatform() as platform:
        operations = with_sessions(platform, ["a"], lambda s: run_plan(due, s, 2.0, hold_back=0.2))
    assert all((operation.lateness or 0) >= 0.2 for operation in operations)
    assert all((operation.latency or 0) >= 0.2 for operation in operations)


def test_a_stopped_plan_sends_nothing_more_and_keeps_what_was_sent() -> None:
    async def use(sessions: dict[str, Session]) -> list[Operation]:
        stop = asyncio.Event()
        due = schedule([Stream("a", "report", 20)], 60.0, seed=1)
        plan = asyncio.create_task(run_plan(due, sessions, 2.0, stop=stop))
        await asyncio.sleep(0.4)
        stop.set()
        return await asyncio.wait_for(plan, 5)

    with SmallPlatform() as platform:
        operations = with_sessions(platform, ["a"], use)
        assert 0 < len(operations) < 40
        assert len(operations) == len(platform.seen)
    assert {operation.outcome for operation in operations} == {Outcome.ANSWERED}


def test_the_engine_runs_a_load_by_name_and_only_once_at_a_time() -> None:
    async def run() -> None:
        engine = Engine(lambda sentence: None)
        await engine.prepare(small_target(), {"ws": platform.address}, {"key": SECRET})
        await engine.connect([agent_of(platform, "a")], ConnectOptions())
        await engine.start_load("steady", [Stream("a", "report", 20)], 60.0, 2.0)
        with pytest.raises(SessionError, match="'steady' runs already"):
            await engine.start_load("steady", [Stream("a", "report", 20)], 60.0, 2.0)
        await asyncio.sleep(0.3)
        assert all(operation.answered for operation in await engine.end_load("steady"))
        with pytest.raises(SessionError, match="no load with the name 'steady'"):
            await engine.end_load("steady")
        with pytest.raises(SessionError, match="tenant 'b' is not connected"):
            await engine.ask([Request("b", "report")], 1.0)
        await engine.close()

    with SmallPlatform() as platform:
        asyncio.run(run())


# campaigns


async def takes_a_while(socket: ServerConnection, request: dict[str, Any]) -> None:
    """Answers after 20 ms; noise ends at the length that it names."""
    await asyncio.sleep(request.get("seconds") or 0.02)
    await socket.send(json.dumps({"event": "done", "id": request["id"]}))


def campaign(
    platform: SmallPlatform, *noise: Stream, host: Callable[[], float] = lambda: 0.0, **changes: Any
) -> CampaignRecord:
    plan = CampaignPlan(
        **{
            "victims": [Stream("a", "report", 20), Stream("b", "report", 20)],
            "noise": {"loud": list(noise)},
            "pairs": 3,
            "controls": 2,
            "block_s": 0.4,
            "slices": 2,
            "settle_s": 0.1,
            "delay": 1.0,
            "answer_within_s": 2.0,
            "seed": 5,
            **changes,
        }
    )
    names = ["a", "b", *{stream.tenant for stream in noise}]
    record: CampaignRecord = with_sessions(
        platform, names, lambda s: run_campaign(plan, s, lambda sentence: None, host)
    )
    return record


class Host:
    """Takes the processors away in the slices of chosen numbers, counted from 1: a fifth of a core second each time."""

    def __init__(self, *disturbed: int) -> None:
        self._disturbed, self._looks, self._stolen = disturbed, 0, 0.0

    def __call__(self) -> float:
        self._looks += 1
        if self._looks % 2 == 0 and (not self._disturbed or self._looks // 2 in self._disturbed):
            self._stolen += 0.2
        return self._stolen


def mean_of(record: CampaignRecord, condition: Condition) -> float:
    labels = {block.label for block in record.blocks if block.condition is condition}
    return statistics.fmean(o.latency for o in record.operations if o.block in labels and o.latency is not None)


def test_blocks_with_an_injected_delay_really_are_slower_by_about_that_much() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, delay=1.0)
    quiet, delayed = mean_of(record, Condition.QUIET), mean_of(record, Condition.DELAYED)
    assert quiet >= 0.02
    assert 1.5 < delayed / quiet < 3.0, "a delay of 100 % about doubles the latency"


def test_every_block_is_recorded_with_its_operations_inside_it() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform)
    conditions = [block.condition for block in record.blocks]
    assert (conditions.count(Condition.QUIET), conditions.count(Condition.NOISY)) == (6, 3)
    assert conditions.count(Condition.DELAYED) == 2
    assert len({block.label for block in record.blocks}) == 11
    assert {block.noise for block in record.blocks if block.condition is Condition.NOISY} == {"loud"}
    for block in record.blocks:
        own = [operation for operation in record.operations if operation.block == block.label]
        assert len(own) == pytest.approx(16, abs=2)
        assert {operation.tenant for operation in own} == {"a", "b"}
        assert all(block.started_at <= o.intended_at <= block.ended_at + 0.05 for o in own)
        assert block.seconds == pytest.approx(0.4)
    assert {operation.outcome for operation in record.operations} == {Outcome.ANSWERED}


def test_all_blocks_hold_the_same_requests_however_they_are_cut() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, pairs=1, controls=0)
    tenants = [[o.tenant for o in record.operations if o.block == block.label] for block in record.blocks]
    assert tenants[0] == tenants[1] == tenants[2]


def counted(record: CampaignRecord) -> list[Operation]:
    labels = {block.label for block in record.blocks}
    return [operation for operation in record.operations if operation.block in labels]


def test_a_slice_that_the_host_disturbed_is_set_aside_and_measured_again() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, pairs=1, controls=0, host=Host(2), stolen=0.05, again=0.4)
    assert [block.disturbed for block in record.blocks].count(1) == 1
    assert [block.left_disturbed for block in record.blocks] == [0, 0, 0]
    hit = next(block for block in record.blocks if block.disturbed)
    aside = [operation for operation in record.operations if operation.block == f"{hit.label} (set aside)"]
    again = [operation for operation in counted(record) if operation.block == hit.label][: len(aside)]
    assert [o.tenant for o in again] == [o.tenant for o in aside] != [], "the same requests once more"
    assert len(counted(record)) + len(aside) == len(record.operations)
    assert min(o.intended_at for o in again) > max(o.intended_at for o in aside)


def test_a_host_that_never_leaves_the_machine_alone_ends_the_patience() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, pairs=1, controls=0, host=Host(), stolen=0.05, again=0.5)
    assert [block.left_disturbed for block in record.blocks] == [2, 2, 2]
    assert len(record.operations) == pytest.approx(1.5 * len(counted(record)), rel=0.1)


def test_slices_that_lie_together_are_followed_by_as_many_more_at_most() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, pairs=1, controls=0, host=Host(), stolen=0.05, again=9.0)
    assert len(record.operations) == 2 * len(counted(record))


def test_a_slice_that_is_hit_again_is_measured_once_more() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, pairs=1, controls=0, slices=1, host=Host(3, 4), stolen=0.05, again=2.0)
    assert sorted(block.disturbed for block in record.blocks) == [0, 0, 1]
    assert [block.left_disturbed for block in record.blocks] == [0, 0, 0]
    assert len(record.operations) == pytest.approx(5 / 3 * len(counted(record)), rel=0.1)


def test_a_disturbed_slice_in_which_a_victim_got_no_answer_counts() -> None:
    async def never(socket: ServerConnection, request: dict[str, Any]) -> None:
        """Say nothing."""

    with SmallPlatform(never) as platform:
        record = campaign(
            platform, pairs=1, controls=0, slices=1, answer_within_s=0.2, host=Host(), stolen=0.05, again=2.0
        )
    assert len(counted(record)) == len(record.operations)
    assert [block.left_disturbed for block in record.blocks] == [1, 1, 1]


def test_noise_that_lasts_is_asked_for_once_in_each_noisy_slice_for_the_length_of_the_slice() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, Stream("n", "endless_loop", 1.0, {"seconds": 99.0}))
        asked = [frame for frame in platform.seen if frame["do"] == "noise"]
    noisy = [block.label for block in record.blocks if block.condition is Condition.NOISY]
    assert [frame["seconds"] for frame in asked] == [pytest.approx(0.3)] * 6
    assert [operation.block for operation in record.noise] == [label for label in noisy for _ in range(2)]
    assert {operation.outcome for operation in record.noise} == {Outcome.ANSWERED}


def test_lasting_noise_is_waited_for_although_it_outlasts_the_time_for_an_answer() -> None:
    with SmallPlatform(takes_a_while) as platform:
        noise = Stream("n", "endless_loop", 1.0, {"seconds": 1.0})
        record = campaign(platform, noise, pairs=1, controls=0, slices=1, answer_within_s=0.3)
    assert [operation.outcome for operation in record.noise] == [Outcome.ANSWERED]


def test_other_noise_is_sent_at_its_rate_from_the_beginning_of_each_noisy_slice() -> None:
    with SmallPlatform(takes_a_while) as platform:
        record = campaign(platform, Stream("n", "report", 30.0))
    noisy = {block.label for block in record.blocks if block.condition is Condition.NOISY}
    assert {operation.block for operation in record.noise} == noisy
    assert len(record.noise) == pytest.approx(6 * 10, abs=6)
    assert not any(operation.tenant == "n" for operation in record.operations)


def test_noise_that_escapes_the_first_cancelling_is_cancelled_again() -> None:
    cancelled: list[str] = []

    async def cancel_late(socket: ServerConnection, frame: dict[str, Any]) -> None:
        if frame["do"] == "noise":
            return
        await answer_at_once(socket, frame)
        if frame["do"] == "cancel":
            cancelled.append(frame["target"])
            if cancelled.count(frame["target"]) == 2:
                await socket.send(json.dumps({"event": "error", "id": frame["target"], "code": "cancelled"}))

    target = small_target(CANCEL)

    async def run(platform: SmallPlatform) -> CampaignRecord:
        sessions = {
            name: Session(agent_of(platform, name), name, small_access(platform.address, target), FrameLog())
            for name in ("a", "loud")
        }
        for session in sessions.values():
            await session.open(5.0)
        noise = {"loud": [Stream("loud", "endless_loop", 1.0, {"seconds": 1.0})]}
        plan = CampaignPlan([Stream("a", "report", 20)], noise, 1, 0, 0.2, 1, settle_s=0.1, answer_within_s=30.0)
        try:
            return await asyncio.wait_for(run_campaign(plan, sessions, lambda _: None), 15)
        finally:
            for session in sessions.values():
                await session.close()

    with SmallPlatform(cancel_late) as platform:
        record = asyncio.run(run(platform))
    assert [operation.outcome for operation in record.noise] == [Outcome.CANCELLED]
    assert len(cancelled) == 2
