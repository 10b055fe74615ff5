"""Work: its events, its end, and what happens when it does not end by itself."""

from __future__ import annotations

import asyncio

import pytest

from component.gateway.platform_client import RunningPlatform, eventually

pytestmark = pytest.mark.asyncio

IN_ORDER = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


async def test_the_events_of_work_come_in_order(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        number = await ann.start("noop")
        final = await ann.final(number)
        assert ann.events(number) == IN_ORDER
        own = {"session_id": ann.session_id, "user": f"{tenant}-ann", "tenant": tenant, "kind": "noop"}
        assert final["result"] == own
        assert {
            (frame["agent_id"], frame["agent_type"], frame["thread"]) for frame in ann.frames if "tool" in frame
        } == {(final["agent_id"], "assistant", "main")}


async def test_each_session_gets_exactly_its_own_events(platform: RunningPlatform, tenant: str) -> None:
    users = [f"{tenant}-u{n // 2}" for n in range(10)]
    sessions = await asyncio.gather(*(platform.open(f"{user}-org", user) for user in users))
    numbers = [[await session.start("messages", count=5) for _ in range(4)] for session in sessions]
    for session, mine in zip(sessions, numbers, strict=True):
        for number in mine:
            result = (await session.final(number))["result"]
            assert (result["session_id"], result["user"]) == (session.session_id, session.welcome["user"])
        await session.settle()
        ids = {frame["id"] for frame in session.frames if "agent_id" in frame}
        assert ids == set(mine)
        for number in mine:
            assert session.events(number) == [*IN_ORDER[:3], *["progress"] * 5, *IN_ORDER[3:]]
    await asyncio.gather(*(session.close() for session in sessions))


async def test_fifty_requests_at_once_share_one_default_agent(platform: RunningPlatform, tenant: str) -> None:
    sessions = await asyncio.gather(*(platform.open(tenant, f"{tenant}-ann") for _ in range(5)))
    answers = await asyncio.gather(*(sessions[n % 5].send("execute", work={"kind": "noop"}) for n in range(50)))
    finals = [await sessions[n % 5].final(number) for n, number in enumerate(answers)]
    assert len({final["agent_id"] for final in finals}) == 1
    assert len((await sessions[0].result("agent_list"))["agents"]) == 1
    await asyncio.gather(*(session.close() for session in sessions))


async def test_work_without_end_is_timed_out_and_the_agent_works_on(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        for kind in ("hang", "loop"):
            number = await ann.start(kind)
            assert (await ann.final(number))["code"] == "timeout"
            assert ann.events(number)[-1] == "agent_error"
        assert (await ann.work("noop"))["event"] == "agent_completed"
        alerts = [entry["kind"] for entry in await operator.ask("alerts") if entry["tenant"] == tenant]
        assert alerts.count("operation_timeout") == 2
        counters = {entry["tenant"]: entry for entry in await operator.ask("counters")}
        assert counters[tenant]["operations_timed_out"] == 2


async def test_cancelled_work_ends_once_and_its_answer_reaches_nobody(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        first = await ann.start("loop", seconds=1.5)
        queued = await ann.start("report", text="queued")
        for target in (queued, first):
            assert await ann.result("cancel", target=target) == {"cancelled": True}
            assert (await ann.final(target))["code"] == "cancelled"
        assert (await ann.work("report", text="next"))["result"]["echo"] == "next"
        assert (await ann.ask("cancel", target=first))["code"] == "not_found"
        await asyncio.sleep(1.6)
        await ann.settle()
        assert [ann.events(first)[-1], ann.events(queued)] == ["agent_error", ["agent_error"]]


async def test_a_crashed_agent_says_so_and_works_again(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        final = await ann.work("crash")
        assert (final["code"], final["message"]) == ("agent_stopped", "crash")
        again = await ann.work("noop")
        assert (again["event"], again["agent_id"]) == ("agent_completed", final["agent_id"])


async def test_an_agents_life(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        agent = await ann.result("agent_create", agent_type="data", thread="budget")
        name = agent["agent_id"]
        assert (agent["agent_type"], agent["thread"], agent["status"]) == ("data", "budget", "running")
        await ann.work("remember", name, text="a secret")
        assert (await ann.result("agent_stop", agent_id=name))["status"] == "stopped"
        assert (await ann.work("noop", name))["code"] == "agent_stopped"
        assert (await ann.result("agent_reset", agent_id=name))["status"] == "running"
        assert (await ann.work("recall", name))["result"]["memories"] == []
        assert (await ann.ask("agent_get", agent_id=name, thread="main"))["code"] == "not_found"
        assert (await ann.work("noop", name, "main"))["code"] == "not_found"
        assert await ann.result("agent_remove", agent_id=name) == {"removed": True}
        for operation in ("agent_get", "agent_stop", "agent_reset", "agent_remove"):
            assert (await ann.ask(operation, agent_id=name))["code"] == "not_found"
        assert name not in {entry["agent_id"] for entry in await operator.ask("agents")}
        assert (await operator.answer("restart_agent", agent_id=name))["code"] == "not_found"


async def test_many_agents_are_made_at_once_without_losing_one(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        numbers = [await ann.send("agent_create", agent_type="data", thread=f"t{n}") for n in range(20)]
        made = [(await ann.final(number))["result"]["agent_id"] for number in numbers]
        listed = [agent["agent_id"] for agent in (await ann.result("agent_list"))["agents"]]
        assert listed == made and len(set(made)) == 20
        assert len((await ann.result("agent_list", thread="t7"))["agents"]) == 1


async def test_a_tenant_has_at_most_sixty_four_agents(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        finals = [await ann.ask("agent_create", agent_type="data") for _ in range(65)]
        assert [final["event"] for final in finals[:64]] == ["operation_completed"] * 64
        assert finals[64]["code"] == "quota_exceeded"


async def test_memory_survives_a_restart_of_the_agent_by_the_operator(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        agent_id = (await ann.work("remember", text="kept"))["agent_id"]
        before = [entry["pid"] for entry in await operator.ask("agents", tenant=tenant)]
        assert await operator.ask("restart_agent", agent_id=agent_id) == {"restarted": True}
        assert [entry["pid"] for entry in await operator.ask("agents", tenant=tenant)] != before
        assert (await ann.work("recall"))["result"]["memories"] == ["kept"]


async def test_an_answer_is_cached_for_the_same_user_only(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.session(tenant, f"{tenant}-bob") as bob:
        answers = [(await session.work("ask", question="why"))["result"] for session in (ann, ann, bob)]
        assert [answer["cached"] for answer in answers] == [False, True, False]
        assert answers[2]["answer"].startswith(f"For {tenant}-bob")


async def test_orchestration_leads_four_agents(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.result("state_put", scope="profile", key="me", value={"company": "Initech"})
        number = await ann.send("orchestrate", request="spend less", thread="budget")
        result = (await ann.final(number))["result"]
        steps = {step["step"]: step for step in result["steps"]}
        assert list(steps)[::3] == ["triage", "report"] and len(steps) == 4
        assert steps["triage"]["ended_at"] <= min(steps["data"]["started_at"], steps["optimisation"]["started_at"])
        assert steps["report"]["started_at"] >= max(steps["data"]["ended_at"], steps["optimisation"]["ended_at"])
        assert "Initech" in result["report"] and "spend less" in result["report"]
        started = [frame for frame in ann.frames if frame["event"] == "step_started"]
        assert {frame["parent"] for frame in started} == {ann.frames[-1]["agent_id"]}
        assert len((await ann.result("agent_list", thread="budget"))["agents"]) == 5


async def test_orchestration_can_be_cancelled(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        triage = await ann.result("agent_create", agent_type="triage")
        await ann.start("loop", triage["agent_id"], seconds=1)
        number = await ann.send("orchestrate", request="x")
        assert await ann.result("cancel", target=number) == {"cancelled": True}
        assert (await ann.final(number))["code"] == "cancelled"
        assert (await ann.ask("orchestrate", request="y"))["event"] == "agent_completed"


async def test_health_counts_agents_and_failures(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.work("crash")

        async def health() -> object:
            return await ann.result("agent_health") == {
                "agents": 1,
                "running": 0,
                "by_type": {"assistant": 1},
                "failed_operations": 1,
            }

        assert await eventually(health)


async def test_memory_beyond_the_quota_ends_the_agent_and_says_so(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        await ann.work("noop")
        await operator.ask("set_quota", tenant=tenant, cpu_percent=None, memory_bytes=60_000_000)
        final = await ann.work("memory", megabytes=200)
        # The kernel may be quicker than the governor's word: then the agent's end is told as a crash, and the audit says quota.
        assert final["code"] in ("agent_stopped", "quota_exceeded")
        assert (await ann.work("noop"))["event"] == "agent_completed"

        async def audited() -> bool:
            entries = [entry for entry in await operator.ask("audit") if entry["tenant"] == tenant]
            return [entry["detail"]["reason"] for entry in entries if entry["kind"] == "agent_stopped"] == ["quota"]

        assert final["code"] == "quota_exceeded" or await eventually(audited)
        settings = [entry for entry in await operator.ask("audit") if entry["tenant"] == tenant]
        assert [entry["kind"] for entry in settings].count("quota_set") == 1
