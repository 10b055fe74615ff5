"""What agents do: every kind of work of PROTOCOL.md gives what is written there."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from component.agents.agent_stage import Scenario, Stage, failure_of, until
from process_control import ProcessReader

Player = Callable[[Scenario], None]

SIMPLE: list[tuple[dict[str, Any], set[str]]] = [
    ({"kind": "noop"}, set()),
    ({"kind": "memory", "megabytes": 3}, set()),
    ({"kind": "disk", "megabytes": 1}, set()),
    ({"kind": "database"}, {"rows"}),
    ({"kind": "typical"}, set()),
    ({"kind": "heavy", "milliseconds": 5, "megabytes": 2}, set()),
    ({"kind": "report", "text": "hello"}, {"profile", "echo"}),
    ({"kind": "loop", "seconds": 0.02}, set()),
    ({"kind": "memory_pressure", "megabytes": 3, "seconds": 0.02}, set()),
    ({"kind": "io_load", "seconds": 0.05}, {"writes", "queries"}),
    ({"kind": "message_flood", "seconds": 0.02}, {"count"}),
    ({"kind": "leak_memory", "megabytes_per_minute": 1, "seconds": 0}, set()),
    ({"kind": "warm_up", "megabytes": 1, "seconds": 0}, set()),
    ({"kind": "cache", "megabytes": 1, "seconds": 0}, set()),
    ({"kind": "saw_tooth", "megabytes": 1, "seconds": 0}, set()),
]


@pytest.mark.parametrize(
    ("work", "added"), SIMPLE, ids=lambda value: value.get("kind") if isinstance(value, dict) else ""
)
def test_every_result_says_whose_it_is_and_what_was_done(
    on_stage: Player, work: dict[str, Any], added: set[str]
) -> None:
    async def scenario(stage: Stage) -> None:
        outcome = await stage.work(await stage.agent(7), **work)
        own = {"session_id": "ses_1", "user": "user-7", "tenant": "tenant-7", "kind": work["kind"]}
        assert outcome.result | own == outcome.result
        assert outcome.result.keys() - own.keys() == added
        assert outcome.service_milliseconds >= 0

    on_stage(scenario)


def test_events_come_in_order_and_before_the_result(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.work(await stage.agent(), "typical")
        assert [event["event"] for event in stage.events] == ["thinking", "tool_executing", "tool_completed"]
        assert stage.events[1]["tool"] == stage.events[2]["tool"]

    on_stage(scenario)


def test_cpu_uses_the_stated_processor_time(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        reader = ProcessReader(agent.pid)
        await stage.work(agent, "noop")
        before = reader.cpu_seconds()
        outcome = await stage.work(agent, "cpu", milliseconds=150)
        assert outcome.result["cpu_milliseconds"] >= 150
        assert 0.150 <= reader.cpu_seconds() - before < 0.200

    on_stage(scenario)


def test_memory_is_really_taken_and_given_back(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "memory", megabytes=1)
        reader = ProcessReader(agent.pid)
        before = reader.rss_bytes()
        holding = stage.start(agent, "memory", "hold", megabytes=50, seconds=60)
        await until(lambda: reader.rss_bytes() - before > 49e6, "50 MB more")
        await agent.cancel("hold")
        await asyncio.wait({holding})
        await until(lambda: reader.rss_bytes() - before < 2e6, "back to the baseline")
        assert await failure_of(holding) == "cancelled"

    on_stage(scenario)


@pytest.mark.parametrize("kind", ["memory", "heavy", "memory_pressure"])
def test_no_memory_is_kept_after_the_work(on_stage: Player, kind: str) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "memory", megabytes=1)
        reader = ProcessReader(agent.pid)
        before = reader.rss_bytes()
        seconds: dict[str, Any] = {"seconds": 0.2} if kind == "memory_pressure" else {}
        for _ in range(3):
            await stage.work(agent, kind, megabytes=20, milliseconds=1, **seconds)
        assert reader.rss_bytes() - before < 2e6

    on_stage(scenario)


def test_messages_arrive_complete_numbered_and_in_order(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.work(await stage.agent(), "messages", count=500, bytes=40)
        told = [event for event in stage.events if event["event"] == "progress"]
        assert [event["number"] for event in told] == list(range(1, 501))
        assert {len(event["text"]) for event in told} == {40}

    on_stage(scenario)


def test_the_profile_is_handed_on_as_it_is(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        outcome = await stage.work(await stage.agent(), "report", text="über")
        assert outcome.result["profile"] == {"company": "Acme"}
        assert outcome.result["echo"] == "über"

    on_stage(scenario)


def test_an_answer_is_cached_once_it_was_given(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent(3)
        first = await stage.work(agent, "ask", question="why?")
        second = await stage.work(agent, "ask", question="why?")
        assert (first.result["cached"], second.result["cached"]) == (False, True)
        assert first.result["answer"] == second.result["answer"] == "For user-3: why?"

    on_stage(scenario)


def test_an_agent_remembers_and_a_fresh_process_loads_what_was_remembered(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        assert (await stage.work(agent, "remember", text="one")).result["remembered"] == 1
        assert (await stage.work(agent, "remember", text="two")).result["remembered"] == 2
        await agent.stop("removed")
        fresh = await stage.agent()
        assert (await stage.work(fresh, "recall")).result["memories"] == ["one", "two"]
        assert [name for name, _ in stage.calls].count("memory_load") == 2

    on_stage(scenario)


def test_leaked_handles_stay_open(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "noop")
        before = len(os.listdir(f"/proc/{agent.pid}/fd"))
        assert (await stage.work(agent, "leak_handles", count=30)).result["open"] == 30
        assert len(os.listdir(f"/proc/{agent.pid}/fd")) == before + 30

    on_stage(scenario)


def test_connections_are_leased_one_by_one_until_the_platform_refuses(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        assert (await stage.work(agent, "leak_connections", count=3)).result["leased"] == 3
        stage.refused_calls.add("lease")
        assert await failure_of(stage.work(agent, "leak_connections", count=3)) == "quota_exceeded"

    on_stage(scenario)


@pytest.mark.parametrize("kind", ["leak_memory", "warm_up"])
def test_background_growth_goes_on_after_the_answer_and_stays(on_stage: Player, kind: str) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "leak_memory": {"megabytes_per_minute": 1800, "seconds": 1},
        "warm_up": {"megabytes": 30, "seconds": 1},
    }

    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "noop")
        reader = ProcessReader(agent.pid)
        before = reader.rss_bytes()
        outcome = await stage.work(agent, kind, **arguments[kind])
        assert outcome.service_milliseconds < 500
        assert reader.rss_bytes() - before < 15e6
        await until(lambda: reader.rss_bytes() - before > 29e6, "30 MB more")
        await asyncio.sleep(0.5)
        assert 29e6 < reader.rss_bytes() - before < 33e6

    on_stage(scenario)


def test_a_cache_is_bounded_though_its_entries_are_replaced_for_ever(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "noop")
        reader = ProcessReader(agent.pid)
        before, faults = reader.rss_bytes(), reader.page_faults()
        await stage.work(agent, "cache", megabytes=10, seconds=0.5)
        await until(lambda: (reader.page_faults() - faults) * 4096 > 25e6, "25 MB of fresh pages")
        assert 9e6 < reader.rss_bytes() - before < 16e6

    on_stage(scenario)


def test_a_saw_tooth_falls_again_and_again(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "noop")
        reader = ProcessReader(agent.pid)
        before = reader.rss_bytes()
        await stage.work(agent, "saw_tooth", megabytes=20, seconds=3, period_seconds=1)
        for _ in range(2):
            await until(lambda: reader.rss_bytes() - before > 10e6, "grown")
            await until(lambda: reader.rss_bytes() - before < 6e6, "freed")

    on_stage(scenario)


def test_hanging_and_idle_agents_use_no_processor(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        await stage.work(agent, "noop")
        hanging = stage.start(agent, "hang", "hang")
        await until(lambda: any(event["event"] == "tool_executing" for event in stage.events), "started")
        reader = ProcessReader(agent.pid)
        await asyncio.sleep(0.05)
        before = reader.cpu_seconds()
        await asyncio.sleep(0.5)
        assert reader.cpu_seconds() - before < 0.002
        assert await agent.cancel("hang")
        assert await failure_of(hanging) == "cancelled"

    on_stage(scenario)


def test_an_unknown_kind_is_refused_and_the_agent_goes_on(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        assert await failure_of(stage.work(agent, "fly")) == "bad_request"
        assert (await stage.work(agent, "noop")).result["kind"] == "noop"

    on_stage(scenario)


def test_service_time_does_not_count_the_queue(on_stage: Player) -> None:
    async def scenario(stage: Stage) -> None:
        agent = await stage.agent()
        started = time.monotonic()
        first = stage.start(agent, "memory", "first", megabytes=0, seconds=0.5)
        second = stage.start(agent, "noop", "second")
        assert (await second).service_milliseconds < 250
        assert first.done()
        assert time.monotonic() - started > 0.5

    on_stage(scenario)
