"""How agents' processes begin, are cancelled, end, and what they carry with them."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from component.agents.agent_stage import Scenario, Stage, failure_of, until
from process_control.family import children, is_running, started_ticks
from reference_platform.agents import WorkResult

Player = Callable[[Scenario], None]


def test_a_hundred_agents_are_a_hundred_different_processes(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agents = await asyncio.gather(*[stage.agent(number) for number in range(100)])
        results = await asyncio.gather(*[stage.work(agent, "noop") for agent in agents])
        assert len({agent.pid for agent in agents}) == 100
        assert [outcome.result["user"] for outcome in results] == [f"user-{number}" for number in range(100)]
        assert all(agent.started_ticks == started_ticks(agent.pid) for agent in agents)

    on_stage(scenario)


def test_an_agent_does_nothing_before_go(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent(go=False)
        await asyncio.sleep(0.1)
        assert is_running(agent.pid)
        assert stage.events == []
        await agent.go()
        await stage.work(agent, "noop")

    on_stage(scenario)


def test_work_before_go_is_never_done(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent(go=False)
        assert await failure_of(stage.work(agent, "remember", text="too early")) == "agent_stopped"
        assert stage.memories == []

    on_stage(scenario)


def test_one_thing_at_a_time_in_order_of_arrival(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        ended: list[int] = []

        def note_end(number: int, task: asyncio.Task[WorkResult]) -> None:
            ended.append(number)

        for number in range(20):
            task = stage.start(agent, "cpu", f"work-{number}", milliseconds=1)
            task.add_done_callback(partial(note_end, number))
        await until(lambda: len(ended) == 20, "all done")
        assert ended == list(range(20))
        assert [event["event"] for event in stage.events[:6]] == ["thinking", "tool_executing", "tool_completed"] * 2

    on_stage(scenario)


@pytest.mark.parametrize(
    "work",
    [
        {"kind": "loop"},
        {"kind": "hang"},
        {"kind": "memory_pressure", "megabytes": 20, "seconds": 60},
        {"kind": "io_load", "seconds": 60},
        {"kind": "message_flood", "seconds": 60},
        {"kind": "cpu", "milliseconds": 60_000},
        {"kind": "disk", "megabytes": 1000},
        {"kind": "messages", "count": 10_000_000},
    ],
    ids=lambda work: work["kind"],
)
def test_any_work_can_be_cancelled_and_the_same_process_goes_on(on_stage: Player, work: dict[str, Any]) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        arguments = {name: value for name, value in work.items() if name != "kind"}
        running = stage.start(agent, work["kind"], "first", **arguments)
        await until(lambda: len(stage.events) >= 2, "started")
        cancelling = asyncio.ensure_future(agent.cancel("first"))
        await asyncio.sleep(0)
        said = len(stage.events)
        assert await cancelling
        assert await failure_of(running) == "cancelled"
        assert len(stage.events) == said, "it went on talking to somebody who had cancelled"
        assert (await stage.work(agent, "noop", "second")).result["kind"] == "noop"
        assert {event["event"] for event in stage.events[said:]} == {"thinking", "tool_executing", "tool_completed"}
        assert os.listdir(agent.folder) == []

    on_stage(scenario)


def test_waiting_work_is_cancelled_at_once_and_never_begins(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        first = stage.start(agent, "hang", "first")
        second = stage.start(agent, "remember", "second", text="never")
        await until(lambda: len(stage.events) == 2, "first started")
        assert await agent.cancel("second")
        assert await failure_of(second) == "cancelled"
        assert not first.done()
        await agent.cancel("first")
        await asyncio.wait({first})
        assert await failure_of(first) == "cancelled"
        await stage.work(agent, "noop", "third")
        assert stage.memories == []

    on_stage(scenario)


def test_cancelling_ends_the_call_that_the_work_waits_for(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        stage.slow_calls.add("database")
        agent = await stage.agent()
        running = stage.start(agent, "database", "slow")
        await until(lambda: bool(stage.calls), "asked")
        assert await agent.cancel("slow")
        assert await failure_of(running) == "cancelled"
        assert stage.ended_calls == ["database"]

    on_stage(scenario)


def test_a_late_reply_is_not_taken_for_the_reply_to_the_next_call(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        for number in range(30):
            running = stage.start(agent, "report", f"report-{number}")
            await asyncio.sleep(0)
            await agent.cancel(f"report-{number}")
            await asyncio.wait({running})
            rows = (await stage.work(agent, "database", rows=number + 1)).result["rows"]
            assert rows == number + 1

    on_stage(scenario)


def test_abandoned_work_frees_the_agent(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        running = stage.start(agent, "loop", "same name")
        await until(lambda: len(stage.events) == 2, "started")
        running.cancel()
        await asyncio.wait({running})
        assert (await stage.work(agent, "noop", "same name")).result["kind"] == "noop"

    on_stage(scenario)


def test_an_agent_that_is_not_listened_to_stops_talking(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        heard: list[dict[str, Any]] = []

        def slow_listener(event: dict[str, Any]) -> asyncio.Future[None] | None:
            heard.append(event)
            return asyncio.ensure_future(asyncio.sleep(0.05)) if event["event"] == "progress" else None

        work = {"kind": "message_flood", "seconds": 60}
        running = asyncio.ensure_future(agent.run("flood", "ses_1", work, slow_listener))
        await asyncio.sleep(0.6)
        assert 3 <= len(heard) <= 16
        await agent.cancel("flood")
        assert await failure_of(running) == "cancelled"

    on_stage(scenario)


def test_a_crash_is_reported_and_nothing_of_it_is_left(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        (agent.folder / "left-over").write_bytes(b"x")
        waiting = stage.start(agent, "noop", "behind")
        crashing = stage.start(agent, "crash", "crash")
        never = stage.start(agent, "noop", "never")
        assert (await waiting).result["kind"] == "noop"
        assert await failure_of(crashing) == "agent_stopped"
        assert await failure_of(never) == "agent_stopped"
        assert await agent.exited == "crash"
        assert not Path(f"/proc/{agent.pid}").exists(), "a zombie is left"
        assert not agent.folder.exists()
        assert not stage.factory.folder_of("tenant-1").exists()
        assert await failure_of(stage.work(agent, "noop")) == "agent_stopped"

    on_stage(scenario)


def test_stopping_ends_a_busy_and_even_a_halted_process_and_tells_why(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        running = stage.start(agent, "loop", "loop")
        await until(lambda: len(stage.events) == 2, "started")
        os.kill(agent.pid, signal.SIGSTOP)
        await asyncio.gather(agent.stop("runaway"), agent.stop("removed"))
        assert await agent.exited == "runaway"
        assert not Path(f"/proc/{agent.pid}").exists()
        with pytest.raises(Exception, match="agent_stopped: runaway"):
            await running

    on_stage(scenario)


def test_a_kill_by_somebody_else_has_the_reason_that_was_given_before(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        agent.explain("quota")
        os.kill(agent.pid, signal.SIGKILL)
        assert await agent.exited == "quota"

    on_stage(scenario)


@pytest.fixture
def secret_in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's environment holds a secret before the zygote starts."""
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://somebody:secret@example/test")


def test_an_agent_carries_nothing_of_gateway_and_neighbours(secret_in_environment: None, on_stage: Player) -> None:

    async def scenario(stage: Stage) -> None:
        agents = [await stage.agent(number) for number in range(3)]
        for agent in agents:
            await stage.work(agent, "noop")
            environment = Path(f"/proc/{agent.pid}/environ").read_bytes()
            assert b"TEST_DATABASE_URL" not in environment
            links = [os.readlink(link) for link in Path(f"/proc/{agent.pid}/fd").iterdir()]
            assert len([link for link in links if link.startswith("socket:")]) == 1
            assert not any("pipe" in link or "anon_inode" in link for link in links[3:])
            assert stat.S_IMODE(agent.folder.stat().st_mode) == 0o700
            assert Path(f"/proc/{agent.pid}/comm").read_text().strip() == agent.identity.agent_id[:15]

    on_stage(scenario)


def test_agents_die_with_the_zygote_and_the_next_one_is_served_by_a_new_zygote(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agents = [await stage.agent(number) for number in range(5)]
        running = stage.start(agents[0], "loop", "loop")
        await stage.work(agents[1], "noop")
        os.kill(stage.factory.zygote_pid, signal.SIGKILL)
        assert await failure_of(running) == "agent_stopped"
        assert [await agent.exited for agent in agents] == ["crash"] * 5
        await until(lambda: not any(is_running(agent.pid, agent.started_ticks) for agent in agents), "all dead")
        assert (await stage.work(await stage.agent(9), "noop")).result["user"] == "user-9"

    on_stage(scenario)


def test_closing_leaves_no_process(on_stage: Player) -> None:
    seen: list[int] = []

    async def scenario(stage: Stage) -> None:
        agents = [await stage.agent(number) for number in range(10)]
        stage.start(agents[0], "loop", "loop").add_done_callback(lambda task: task.exception())
        await stage.work(agents[1], "noop")
        seen.extend([stage.factory.zygote_pid, *children(stage.factory.zygote_pid)])

    on_stage(scenario)
    assert len(seen) == 11
    assert [pid for pid in seen if is_running(pid)] == []


def test_two_pieces_of_unfinished_work_need_two_names(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        running = stage.start(agent, "hang", "name")
        await until(lambda: len(stage.events) == 2, "started")
        with pytest.raises(ValueError, match="unfinished"):
            await stage.work(agent, "noop", "name")
        await agent.cancel("name")
        assert await failure_of(running) == "cancelled"

    on_stage(scenario)


def test_a_tenant_cannot_name_its_way_out_of_the_folder(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        assert stage.factory.folder_of("..").parent == stage.factory.folder

    on_stage(scenario)
