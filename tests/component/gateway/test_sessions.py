"""Sessions that are several, cut, resumed and ended."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

from component.gateway.platform_client import Client, RunningPlatform, eventually

pytestmark = pytest.mark.asyncio


async def agents_of(platform: RunningPlatform, tenant: str) -> list[dict[str, Any]]:
    async with platform.operator() as operator:
        return list(await operator.ask("agents", tenant=tenant))


async def notifications(client: Client) -> list[tuple[str, int]]:
    await client.settle()
    return [(frame["of"], frame["number"]) for frame in client.frames if frame["event"] == "notification"]


async def test_subscribers_hear_of_what_other_sessions_of_the_user_cause(
    platform: RunningPlatform, tenant: str
) -> None:
    async with (
        platform.session(tenant, f"{tenant}-ann") as first,
        platform.session(tenant, f"{tenant}-ann") as second,
        platform.session(tenant, f"{tenant}-bob") as colleague,
    ):
        agent_id = (await first.work("noop", thread="t"))["agent_id"]
        assert await second.result("subscribe", topic=f"agent:{agent_id}") == {"subscribed": f"agent:{agent_id}"}
        await colleague.result("subscribe", topic="thread:t")
        await second.work("noop", thread="t")
        assert await notifications(second) == []
        await first.work("noop", thread="t")
        names = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]
        assert await notifications(second) == list(zip(names, range(1, 6), strict=True))
        assert (await notifications(first), await notifications(colleague)) == ([], [])
        assert await second.result("unsubscribe", topic=f"agent:{agent_id}") == {"unsubscribed": f"agent:{agent_id}"}
        assert (await second.ask("unsubscribe", topic=f"agent:{agent_id}"))["code"] == "not_found"
        await first.work("noop", thread="t")
        assert len(await notifications(second)) == 5


async def test_a_cut_session_is_resumed_with_every_missed_frame(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as watcher:
        cut = await platform.open(tenant, f"{tenant}-ann")
        await cut.work("noop")
        seen = cut.frames[-3]["seq"]
        expected = cut.frames[-2:]
        number = await cut.start("cpu", milliseconds=300)
        await cut.until_started(number)
        cut.cut()
        await asyncio.sleep(1)
        resumed = await watcher.result("session_resume", session_id=cut.session_id, after_seq=seen)
        await watcher.settle()
        replayed = [frame["frame"] for frame in watcher.frames if frame["event"] == "replayed"]
        assert resumed == {"resumed": len(replayed)}
        assert replayed[:2] == expected
        assert [frame["seq"] for frame in replayed] == list(range(seen + 1, seen + 1 + len(replayed)))
        assert replayed[-1]["event"] == "agent_completed" and replayed[-1]["id"] == number
        again = await watcher.ask("session_resume", session_id=cut.session_id, after_seq=0)
        assert again["code"] == "not_found"


async def test_what_is_unfinished_follows_into_the_session_that_resumed(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as resumed_by:
        cut = await platform.open(tenant, f"{tenant}-ann")
        number = await cut.start("cpu", milliseconds=1000)
        await cut.until_started(number)
        cut.cut()

        async def resumed() -> bool:
            answer = await resumed_by.ask("session_resume", session_id=cut.session_id, after_seq=0)
            return "result" in answer

        assert await eventually(resumed)
        await resumed_by.until(lambda frame: frame.get("frame", {}).get("event") == "agent_completed")


async def test_an_ended_session_cannot_be_resumed(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        other = await platform.open(tenant, f"{tenant}-ann")
        assert await other.result("session_end") == {"ended": True}
        assert await other.closed() == 1000
        answer = await ann.ask("session_resume", session_id=other.session_id, after_seq=0)
        assert answer["code"] == "not_found"
        assert (await ann.result("session_info"))["open_sessions"] == 1


async def test_the_last_session_end_removes_everything_at_once(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await asyncio.gather(*(ann.start("leak_connections", thread=f"t{n}", count=1) for n in range(3)))
    await ann.work("ask", question="why")
    await ann.work("leak_handles", count=5)
    await ann.result("subscribe", topic="thread:main")
    await ann.start("hang")
    pids = [agent["pid"] for agent in await agents_of(platform, tenant)]
    assert len(pids) == 4
    await ann.result("session_end")
    async with platform.operator() as operator:

        async def clean() -> bool:
            left = await operator.ask("residue", tenant=tenant)
            names = ("keys", "connections", "files", "processes")
            return not any(left[name] for name in names) and "agents" not in left["rows"]

        assert await eventually(clean, 5)
        assert await operator.ask("agents", tenant=tenant) == []
        assert await operator.ask("sessions", tenant=tenant) == []
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)


async def test_agents_of_a_cut_session_are_removed_after_the_grace(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.work("noop")
    await ann.start("hang")
    ann.cut()
    assert len(await agents_of(platform, tenant)) == 1

    async def gone() -> bool:
        return await agents_of(platform, tenant) == []

    assert await eventually(gone, 5)


async def test_a_user_who_comes_back_in_time_keeps_its_agents(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    agent_id = (await ann.work("noop"))["agent_id"]
    ann.cut()
    async with platform.session(tenant, f"{tenant}-ann") as again:
        await asyncio.sleep(1)
        assert (await again.work("noop"))["agent_id"] == agent_id


async def test_finished_requests_leave_nothing_behind(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        await ann.work("noop")
        await asyncio.sleep(0.5)
        before = await operator.ask("inventory")
        for _ in range(100):
            await ann.work("noop")
            await ann.work("report")
            await ann.ask("state_get", scope="profile", key="me")
        await asyncio.sleep(0.5)
        after = await operator.ask("inventory")
        names = ("agents", "subscriptions", "leases", "temp_folders")
        assert {name: after[name] for name in names} == {name: before[name] for name in names}
        assert after["tasks"] <= before["tasks"] + 3


async def test_frames_beyond_the_rate_wait_and_none_is_lost(platform: RunningPlatform, tenant: str) -> None:
    async with (
        platform.session(tenant, f"{tenant}-ann") as ann,
        platform.session(f"{tenant}-b", f"{tenant}-bob") as bob,
    ):
        started = asyncio.get_running_loop().time()
        for number in range(300):
            await ann.connection.send(json.dumps({"type": "ping", "id": f"p{number}"}))
        assert (await bob.ask("ping"))["event"] == "pong"
        assert asyncio.get_running_loop().time() - started < 0.9
        await ann.final("p299")
        assert asyncio.get_running_loop().time() - started > 0.9
        assert sum(frame["event"] == "pong" for frame in ann.frames) == 300
        async with platform.operator() as operator:
            counters = {entry["tenant"]: entry["messages_delayed"] for entry in await operator.ask("counters")}
        assert counters[tenant] >= 90
        assert counters[f"{tenant}-b"] == 0


async def test_a_flood_of_events_is_slowed_down_and_others_are_not(platform: RunningPlatform, tenant: str) -> None:
    async with (
        platform.session(tenant, f"{tenant}-ann") as ann,
        platform.session(f"{tenant}-b", f"{tenant}-bob") as bob,
    ):
        number = await ann.start("messages", count=3000, bytes=10)
        assert (await bob.work("noop"))["event"] == "agent_completed"
        await ann.final(number)
        assert [frame["number"] for frame in ann.frames if frame["event"] == "progress"] == list(range(1, 3001))
