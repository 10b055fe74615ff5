"""What an operator sees and does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from component.gateway.platform_client import RunningPlatform, eventually, running_platform

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("credential", [None, "wrong", ""])
async def test_without_the_credential_nobody_comes_in(platform: RunningPlatform, credential: str | None) -> None:
    headers = {} if credential is None else {"Authorization": f"Bearer {credential}"}
    with pytest.raises(InvalidStatus) as refused:
        async with connect(platform.ready["operator_api"], additional_headers=headers, proxy=None):
            pass
    assert refused.value.response.status_code == 401


async def test_a_tenants_token_is_no_credential(platform: RunningPlatform, tenant: str) -> None:
    header = {"Authorization": f"Bearer {platform.token(tenant, f'{tenant}-ann', role='admin')}"}
    with pytest.raises(InvalidStatus):
        async with connect(platform.ready["operator_api"], additional_headers=header, proxy=None):
            pass


async def test_wrong_requests_say_what_is_wrong(platform: RunningPlatform) -> None:
    async with platform.operator() as operator:
        assert (await operator.answer("nonsense"))["code"] == "bad_request"
        assert (await operator.answer("set_quota", tenant="nobody", cpu_percent=1, memory_bytes=None))[
            "code"
        ] == "not_found"
        assert (await operator.answer("credentials", tenant="nobody"))["code"] == "not_found"
        assert (await operator.answer("audit", after="x"))["code"] == "bad_request"


async def test_quotas_are_set_and_shown(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann"), platform.operator() as operator:
        for wrong in (0, -1, "50", True):
            answer = await operator.answer("set_quota", tenant=tenant, cpu_percent=wrong, memory_bytes=None)
            assert answer["code"] == "bad_request"
        assert (await operator.answer("set_quota", tenant=tenant, cpu_percent=1))["code"] == "bad_request"
        assert await operator.ask("set_quota", tenant=tenant, cpu_percent=25, memory_bytes=None) == {"set": True}
        shown = {entry["tenant"]: entry for entry in await operator.ask("tenants")}[tenant]
        assert (shown["cpu_percent_quota"], shown["memory_bytes_quota"]) == (25, None)
        assert [entry["kind"] for entry in await operator.ask("audit") if entry["tenant"] == tenant][-1] == "quota_set"


async def test_sessions_and_agents_are_listed_by_tenant(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        agent_id = (await ann.work("noop"))["agent_id"]
        assert [entry["session_id"] for entry in await operator.ask("sessions", tenant=tenant)] == [ann.session_id]
        agent = (await operator.ask("agents", tenant=tenant))[0]
        assert agent["agent_id"] == agent_id
        stat = Path(f"/proc/{agent['pid']}/stat").read_text("utf-8")
        assert int(stat.rpartition(")")[2].split()[19]) == agent["started_ticks"]

        async def used() -> bool:
            return tenant in {entry["tenant"] for entry in await operator.ask("usage")}

        assert await eventually(used)


async def test_a_removed_tenant_leaves_nothing(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.result("state_put", scope="profile", key="me", value=1)
    await ann.work("ask", question="why")
    await ann.work("leak_connections", count=1)
    async with platform.operator() as operator:
        before = await operator.ask("residue", tenant=tenant)
        assert before["rows"]["profiles"] == 1 and before["keys"] == 1 and before["processes"] == 1
        left = await operator.ask("remove_tenant", tenant=tenant)
        assert left == {
            "rows": {},
            "keys": 0,
            "roles": 0,
            "connections": 0,
            "files": 0,
            "processes": 0,
            "cgroups": 0,
        }
        assert await ann.closed() == 4403
        assert tenant not in {entry["tenant"] for entry in await operator.ask("tenants")}
    async with platform.session(tenant, f"{tenant}-ann") as again:
        assert (await again.work("report"))["result"]["profile"] is None


async def test_the_log_holds_no_secret(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        await ann.result("state_put", scope="profile", key="me", value="SECRET-MARKER")
        await ann.work("report", text="SECRET-MARKER")
        await ann.ask("SECRET-MARKER")
        text = Path(platform.credentials["log_folder"], "gateway.jsonl").read_text("utf-8")
        assert tenant in text
        assert "SECRET-MARKER" not in text and ann.token not in text
        assert platform.credentials["jwt_secret"] not in text


async def test_an_announcement_reaches_every_session(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        assert (await operator.ask("announce", text="maintenance"))["sessions"] >= 1
        await ann.settle()
        told = [frame for frame in ann.frames if frame["event"] == "announcement"]
        assert [(frame["text"], "id" in frame) for frame in told] == [("maintenance", False)]


async def test_after_a_restart_the_doors_and_everything_saved_are_there_again() -> None:
    with running_platform() as platform:
        ann = await platform.open("acme", "ann")
        await ann.result("state_put", scope="profile", key="me", value={"company": "Initech"})
        gone = await platform.open("acme", "bob")
        await ann.work("noop")
        await gone.result("logout")
        async with platform.operator() as operator:
            assert await operator.ask("restart") == {"restarting": True}
        assert await ann.closed() == 1001

        async def back() -> Any:
            try:
                return await platform.open("acme", "ann", ann.token)
            except (OSError, EOFError, InvalidStatus):
                return None

        again = await eventually(back, 15)
        assert (await again.result("state_get", scope="profile", key="me"))["value"] == {"company": "Initech"}
        async with platform.operator() as operator:
            assert "agents" not in (await operator.ask("residue", tenant="acme"))["rows"]
        with pytest.raises(InvalidStatus):
            await platform.open("acme", "bob", gone.token)
        with pytest.raises(InvalidStatus):
            await platform.open("globex", "ann")
        assert json.dumps(again.welcome)
        await again.close()


async def test_the_analytics_store_counts_the_own_requests() -> None:
    pytest.importorskip("chdb")
    with running_platform(clickhouse=True) as platform:
        async with platform.session("acme", "ann") as ann, platform.session("globex", "bob") as bob:
            for _ in range(3):
                await ann.work("noop")
            counted = await ann.result("metrics")
            assert counted["requests"] == 3 and counted["milliseconds"] > 0
            assert (await bob.result("metrics"))["requests"] == 0
            async with platform.operator() as operator:
                assert (await operator.ask("remove_tenant", tenant="acme"))["rows"] == {}


async def test_without_an_analytics_store_there_are_no_metrics(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann:
        assert (await ann.ask("metrics"))["code"] == "not_found"


async def test_a_footprint_names_what_is_really_there(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann") as ann, platform.operator() as operator:
        await ann.work("ask", question="Where is it?")
        named = await operator.ask("footprint", tenant=tenant)
        login = await operator.ask("credentials", tenant=tenant)
        agent = (await operator.ask("agents", tenant=tenant))[0]
        folders = (await operator.ask("inventory"))["temp_folders"]
    assert (named["database_role"], named["cache_user"]) == (login["database_role"], login["cache_user"])
    assert any(folder.startswith(f"{named['folder']}/") for folder in folders)
    groups = Path(f"/proc/{agent['pid']}/cgroup").read_text().splitlines()
    own = {group.split(":", 2)[2] for group in groups}
    assert not named["cgroups"] or any(name.endswith(tuple(own - {"/"})) for name in named["cgroups"])


async def test_a_footprint_of_nobody_has_the_same_form(platform: RunningPlatform) -> None:
    async with platform.operator() as operator:
        named = await operator.ask("footprint", tenant="never-was-here")
    assert named["cache_keys"] == "t:never-was-here:*"
    assert not Path(named["folder"]).exists()
