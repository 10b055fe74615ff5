"""What one user can learn of another: nothing, not even whether a thing exists."""

from __future__ import annotations

from typing import Any

import pytest

from component.gateway.platform_client import Client, RunningPlatform

pytestmark = pytest.mark.asyncio


def refusal_of(frame: dict[str, Any]) -> dict[str, Any]:
    """What a refusal says, without what differs between any two frames."""
    return {name: value for name, value in frame.items() if name not in ("id", "seq")}


async def both(session: Client, operation: str, name: str, foreign: str, missing: str, **arguments: Any) -> None:
    """A foreign thing and a missing one get the same answer, which is `not_found`."""
    refusals = [refusal_of(await session.ask(operation, **arguments, **{name: it})) for it in (foreign, missing)]
    assert refusals[0] == refusals[1]
    assert refusals[0]["code"] == "not_found"


async def test_foreign_and_missing_things_are_told_apart_by_nothing(platform: RunningPlatform, tenant: str) -> None:
    async with (
        platform.session(tenant, f"{tenant}-ann") as ann,
        platform.session(tenant, f"{tenant}-bob") as colleague,
        platform.session(f"{tenant}-other", f"{tenant}-eve", role="admin") as stranger,
    ):
        agent_id = (await ann.work("remember", text="ann's secret"))["agent_id"]
        await ann.result("state_put", scope="profile", key="me", value={"company": "Initech"})
        await ann.result("history_append", thread="main", entry="private")
        hanging = await ann.start("hang", thread="hanging")
        for session in (colleague, stranger):
            for operation in ("agent_get", "agent_stop", "agent_reset", "agent_remove"):
                await both(session, operation, "agent_id", agent_id, "agt_missing")
            await both(session, "execute", "agent_id", agent_id, "agt_missing", work={"kind": "recall"})
            await both(session, "subscribe", "topic", f"agent:{agent_id}", "agent:agt_missing")
            await both(session, "session_resume", "session_id", ann.session_id, "ses_missing", after_seq=0)
            await both(session, "cancel", "target", hanging, "missing")
            for operation, arguments in (
                ("agent_list", {}),
                ("agent_health", {}),
                ("state_get", {"scope": "profile", "key": "me"}),
                ("state_put", {"scope": "profile", "key": "me", "value": "stolen"}),
                ("state_list", {"scope": "profile"}),
                ("state_delete", {"scope": "profile", "key": "me"}),
                ("history_read", {"thread": "main"}),
                ("history_append", {"thread": "main", "entry": "forged"}),
            ):
                await both(session, operation, "user", f"{tenant}-ann", "missing", **arguments)
            assert await session.result("history_read", thread="main") == {"entries": []}
            assert (await session.ask("state_get", scope="profile", key="me"))["code"] == "not_found"
            assert (await session.ask("state_get", scope="memory", key=agent_id))["code"] == "not_found"
        # The twins: everything is still there for its owner.
        assert (await ann.work("recall"))["result"]["memories"] == ["ann's secret"]
        assert (await ann.result("state_get", scope="profile", key="me"))["value"] == {"company": "Initech"}
        assert (await ann.result("history_read", thread="main"))["entries"] == ["private"]


async def test_an_admin_reads_agents_of_its_own_tenant_and_changes_none(platform: RunningPlatform, tenant: str) -> None:
    async with (
        platform.session(tenant, f"{tenant}-ann") as ann,
        platform.session(tenant, f"{tenant}-boss", role="admin") as boss,
    ):
        agent_id = (await ann.work("noop"))["agent_id"]
        agent = await boss.result("agent_get", agent_id=agent_id, user=f"{tenant}-ann")
        assert agent == await ann.result("agent_get", agent_id=agent_id)
        assert (await boss.result("agent_list", user=f"{tenant}-ann"))["agents"] == [agent]
        assert (await boss.result("agent_health", user=f"{tenant}-ann"))["running"] == 1
        for operation in ("agent_stop", "agent_reset", "agent_remove"):
            assert (await boss.ask(operation, agent_id=agent_id, user=f"{tenant}-ann"))["code"] == "not_found"
        refused = await boss.ask("state_get", scope="profile", key="me", user=f"{tenant}-ann")
        assert refused["code"] == "not_found"


async def test_tenant_and_role_in_a_request_grant_nothing(platform: RunningPlatform, tenant: str) -> None:
    async with (
        platform.session(tenant, f"{tenant}-ann") as ann,
        platform.session(f"{tenant}-other", f"{tenant}-eve", role="restricted") as eve,
    ):
        await ann.result("state_put", scope="profile", key="me", value="ann's")
        forged = {"tenant": tenant, "role": "admin", "sub": f"{tenant}-ann"}
        assert (await eve.ask("state_get", scope="profile", key="me", **forged))["code"] == "not_found"
        assert (await eve.ask("agent_create", agent_type="data", **forged))["code"] == "forbidden"
        final = await eve.ask("execute", work={"kind": "report", "user": f"{tenant}-ann"}, **forged)
        assert (final["result"]["tenant"], final["result"]["profile"]) == (f"{tenant}-other", None)


async def test_what_was_saved_comes_back_unaltered(platform: RunningPlatform, tenant: str) -> None:
    values: list[Any] = [None, True, 0, -1.5, "", "ä\u0000😀", [], {"a": [1, {"b": None}]}, "x" * 60_000]
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        for number, value in enumerate(values):
            await ann.result("state_put", scope="preference", key=f"k{number}", value=value)
            assert (await ann.result("state_get", scope="preference", key=f"k{number}"))["value"] == value
        keys = (await ann.result("state_list", scope="preference", prefix="k"))["keys"]
        assert keys == [f"k{number}" for number in range(len(values))]
        assert await ann.result("state_delete", scope="preference", key="k0") == {"deleted": True}
        assert (await ann.ask("state_delete", scope="preference", key="k0"))["code"] == "not_found"
        for number in range(1, 6):
            assert await ann.result("history_append", thread="t", entry=number) == {"number": number}
        assert (await ann.result("history_read", thread="t", limit=2))["entries"] == [4, 5]


async def test_an_answer_that_does_not_fit_into_a_frame_is_refused(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        for _ in range(5):
            await ann.result("history_append", thread="t", entry="x" * 60_000)
        assert (await ann.ask("history_read", thread="t"))["code"] == "bad_request"
        assert len((await ann.result("history_read", thread="t", limit=3))["entries"]) == 3
