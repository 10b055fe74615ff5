"""Light mode: the gateway answers by itself what needs no process, with the same events; all else is as ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from component.gateway.platform_client import RunningPlatform, running_platform

pytestmark = pytest.mark.asyncio

IN_ORDER = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


@pytest.fixture(scope="module")
def light() -> Iterator[RunningPlatform]:
    with running_platform("--setting", "light=true") as running:
        yield running


async def test_reports_are_answered_without_any_process_from_the_user_s_own_profile(light: RunningPlatform) -> None:
    async with (
        light.session("acme", "acme-ann") as ann,
        light.session("acme", "acme-bob") as bob,
        light.operator() as op,
    ):
        for user, session in (("ann", ann), ("bob", bob)):
            await session.result("state_put", scope="profile", key="me", value={"name": user})
        for user, session in (("ann", ann), ("bob", bob)):
            number = await session.start("report", text=f"{user} asks")
            final = await session.final(number)
            assert session.events(number) == IN_ORDER
            assert final["result"] == {
                "session_id": session.session_id,
                "user": f"acme-{user}",
                "tenant": "acme",
                "kind": "report",
                "profile": {"name": user},
                "echo": f"{user} asks",
            }
        assert (await ann.work("noop"))["event"] == "agent_completed"
        assert [agent["pid"] for agent in await op.ask("agents")] == [None, None]


async def test_other_work_gets_its_process_which_then_does_all(light: RunningPlatform) -> None:
    async with light.session("brick", "brick-ann") as ann, light.operator() as operator:
        assert (await ann.work("remember", text="a word"))["result"]["remembered"] == 1
        assert (await ann.work("report", text="again"))["result"]["echo"] == "again"
        (agent,) = [one for one in await operator.ask("agents") if one["tenant"] == "brick"]
        assert agent["pid"]


async def test_what_is_cancelled_says_nothing_more(light: RunningPlatform) -> None:
    async with light.session("clay", "clay-ann") as ann:
        number = await ann.start("report", text="never mind")
        await ann.send("cancel", target=number)
        assert (await ann.final(number))["event"] in ("agent_error", "agent_completed")
        await ann.settle()
        assert sum(event in ("agent_error", "agent_completed") for event in ann.events(number)) == 1
