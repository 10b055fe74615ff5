"""Rights end everywhere at once, and only where they should (PROTOCOL.md, Rights that end)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import jwt
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from component.gateway.platform_client import Client, Operator, RunningPlatform, eventually, running_platform

pytestmark = pytest.mark.asyncio
PROMISED_SECONDS = 2.0
End = Callable[[Operator, Client, str], Awaitable[object]]


async def take_role(operator: Operator, ann: Client, tenant: str) -> object:
    return await operator.ask("revoke_role", user=ann.welcome["user"], role="standard")


async def remove_user(operator: Operator, ann: Client, tenant: str) -> object:
    return await operator.ask("remove_user", user=ann.welcome["user"])


async def suspend_tenant(operator: Operator, ann: Client, tenant: str) -> object:
    return await operator.ask("suspend_tenant", tenant=tenant)


async def revoke_token(operator: Operator, ann: Client, tenant: str) -> object:
    token_id = jwt.decode(ann.token, options={"verify_signature": False})["jti"]
    return await operator.ask("revoke_token", user=ann.welcome["user"], token_id=token_id)


async def log_out(operator: Operator, ann: Client, tenant: str) -> object:
    return await operator.ask("log_out", session_id=ann.session_id)


ALL: list[tuple[End, int]] = [
    (take_role, 4403),
    (remove_user, 4403),
    (suspend_tenant, 4403),
    (revoke_token, 4401),
    (log_out, 4401),
]
each_way = pytest.mark.parametrize(("end", "code"), ALL, ids=lambda value: getattr(value, "__name__", ""))


async def refused(platform: RunningPlatform, token: str) -> bool:
    try:
        client = await platform.open("", "", token)
    except InvalidStatus as error:
        assert error.response.status_code == 401
        return True
    await client.close()
    return False


@each_way
async def test_an_open_session_ends_and_its_token_is_refused(
    platform: RunningPlatform, tenant: str, end: End, code: int
) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    async with platform.operator() as operator, platform.session(f"{tenant}-other", f"{tenant}-bob") as bob:
        await end(operator, ann, tenant)
        answered_at = time.monotonic()
        assert await ann.closed() == code
        assert time.monotonic() - answered_at < PROMISED_SECONDS
        assert await refused(platform, ann.token)
        assert (await bob.ask("ping"))["event"] == "pong"
        assert not await refused(platform, bob.token)


@each_way
async def test_work_ends_and_with_it_the_process(platform: RunningPlatform, tenant: str, end: End, code: int) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.until_started(await ann.start("loop"))
    async with platform.operator() as operator:
        pid = (await operator.ask("agents", tenant=tenant))[0]["pid"]
        ended = await end(operator, ann, tenant)
        assert isinstance(ended, dict) and (ended["sessions"], ended["processes"]) == (1, 1)
        assert not Path(f"/proc/{pid}").exists()


@each_way
async def test_work_in_the_background_ends(platform: RunningPlatform, tenant: str, end: End, code: int) -> None:
    """It was answered at once, so that no request is unfinished."""
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.work("warm_up", megabytes=1, seconds=60)
    async with platform.operator() as operator:
        pid = (await operator.ask("agents", tenant=tenant))[0]["pid"]
        await end(operator, ann, tenant)
        assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("end", [take_role, revoke_token], ids=lambda end: end.__name__)
async def test_a_cut_session_cannot_be_resumed_with_another_right(
    platform: RunningPlatform, tenant: str, end: End
) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.work("noop")
    ann.cut()
    async with platform.operator() as operator, platform.session(tenant, f"{tenant}-ann", role="admin") as second:
        await eventually(lambda: only_one_session(operator, tenant))
        ended = await end(operator, ann, tenant)
        assert isinstance(ended, dict) and ended["resumable"] == 1
        answer = await second.ask("session_resume", session_id=ann.session_id, after_seq=0)
        assert answer["code"] == "not_found"


async def only_one_session(operator: Operator, tenant: str) -> bool:
    return len(await operator.ask("sessions", tenant=tenant)) == 1


@pytest.mark.parametrize("end", [take_role, revoke_token], ids=lambda end: end.__name__)
async def test_work_that_another_session_took_over_ends_too(platform: RunningPlatform, tenant: str, end: End) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.until_started(await ann.start("loop"))
    ann.cut()
    async with platform.operator() as operator, platform.session(tenant, f"{tenant}-ann", role="admin") as second:
        await eventually(lambda: only_one_session(operator, tenant))
        await second.result("session_resume", session_id=ann.session_id, after_seq=0)
        pid = (await operator.ask("agents", tenant=tenant))[0]["pid"]
        await end(operator, ann, tenant)
        assert not Path(f"/proc/{pid}").exists()
        assert (await second.ask("ping"))["event"] == "pong"


@pytest.mark.parametrize("end", [revoke_token, log_out], ids=lambda end: end.__name__)
async def test_another_session_of_the_same_user_goes_on_with_its_work(
    platform: RunningPlatform, tenant: str, end: End
) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.work("noop", thread="first")
    async with platform.operator() as operator, platform.session(tenant, f"{tenant}-ann") as second:
        number = await second.start("cpu", thread="second", milliseconds=300)
        await second.until_started(number)
        await end(operator, ann, tenant)
        assert (await second.final(number))["event"] == "agent_completed"


async def test_a_session_can_log_another_one_of_its_user_out(platform: RunningPlatform, tenant: str) -> None:
    lost = await platform.open(tenant, f"{tenant}-ann")
    async with platform.session(tenant, f"{tenant}-ann") as own, platform.session(tenant, f"{tenant}-eve") as eve:
        assert (await eve.ask("logout", session_id=lost.session_id))["code"] == "not_found"
        assert (await own.ask("logout", session_id="ses_none"))["code"] == "not_found"
        assert await own.result("logout", session_id=lost.session_id) == {"logged_out": True}
        assert await lost.closed() == 4401
        assert await refused(platform, lost.token)
        assert (await own.ask("ping"))["event"] == "pong"
        assert (await eve.ask("ping"))["event"] == "pong"


async def test_what_was_sent_behind_a_logout_is_not_served(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.send("logout")
    for _ in range(5):
        await ann.send("state_put", scope="profile", key="late", value=1)
    await ann.closed()
    async with platform.session(tenant, f"{tenant}-ann") as again:
        assert (await again.ask("state_get", scope="profile", key="late"))["code"] == "not_found"


async def test_a_role_that_was_taken_leaves_the_other_roles_and_can_be_given_back(
    platform: RunningPlatform, tenant: str
) -> None:
    ann, eve = f"{tenant}-ann", f"{tenant}-eve"
    admin = platform.token(tenant, ann, role="admin")
    async with (
        platform.operator() as operator,
        platform.session(tenant, ann) as standard,
        platform.session(tenant, eve, role="admin") as colleague,
    ):
        first = await platform.open(tenant, ann, admin)
        await operator.ask("revoke_role", user=ann, role="admin")
        assert await first.closed() == 4403
        assert await refused(platform, admin)
        assert (await standard.ask("ping"))["event"] == "pong"
        assert (await colleague.ask("agent_list", user=ann))["event"] == "operation_completed"
        await operator.ask("grant_role", user=ann, role="admin")
        assert not await refused(platform, admin)


async def test_a_subscriber_hears_no_more(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.result("subscribe", topic="thread:main")
    async with platform.operator() as operator, platform.session(tenant, f"{tenant}-ann", role="admin") as second:
        before = (await operator.ask("inventory"))["subscriptions"]
        await take_role(operator, ann, tenant)
        await second.work("noop")
        await ann.closed()
        assert "notification" not in [frame["event"] for frame in ann.frames]
        assert (await operator.ask("inventory"))["subscriptions"] == before - 1


async def test_a_removed_user_comes_back_with_nothing(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.result("state_put", scope="profile", key="me", value="mine")
    await ann.work("ask", question="What is it?")
    async with platform.operator() as operator, platform.session(tenant, f"{tenant}-eve") as eve:
        await eve.result("state_put", scope="profile", key="me", value="hers")
        left = await operator.ask("remove_user", user=f"{tenant}-ann")
        assert (left["rows"], left["keys"]) == ({}, 0)
        assert (await eve.result("state_get", scope="profile", key="me"))["value"] == "hers"
        later = int(time.time()) + 4
        assert await refused(platform, platform.token(tenant, f"{tenant}-ann", iat=later, nbf=later))
        assert (await operator.answer("remove_user", user=f"{tenant}-ann"))["code"] == "not_found"


async def test_a_suspended_tenant_gets_into_no_store_and_everything_is_there_afterwards(
    platform: RunningPlatform, tenant: str
) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    await ann.result("state_put", scope="profile", key="me", value="mine")
    async with platform.operator() as operator:
        login = await operator.ask("credentials", tenant=tenant)
        assert await gets_in(platform, login)
        await operator.ask("suspend_tenant", tenant=tenant)
        assert not await gets_in(platform, login)
        await operator.ask("reinstate_tenant", tenant=tenant)
        assert await gets_in(platform, login)
    async with await platform.open("", "", ann.token) as again:
        assert (await again.result("state_get", scope="profile", key="me"))["value"] == "mine"
        assert (await again.work("ask", question="Still there?"))["event"] == "agent_completed"


async def gets_in(platform: RunningPlatform, login: dict[str, str]) -> bool:
    address = platform.credentials["database_url"].split("@")[1]
    try:
        connection = await asyncpg.connect(
            f"postgresql://{address}", user=login["database_role"], password=login["database_password"]
        )
    except asyncpg.InvalidAuthorizationSpecificationError:
        return False
    await connection.close()
    return True


async def test_it_is_written_down(platform: RunningPlatform, tenant: str) -> None:
    ann = await platform.open(tenant, f"{tenant}-ann")
    async with platform.operator() as operator:
        await take_role(operator, ann, tenant)
        assert await refused(platform, ann.token)
        audit = await operator.ask("audit")
        entry = next(entry for entry in audit if entry["kind"] == "rights_ended" and entry["tenant"] == tenant)
        assert entry["detail"] == {
            **{"what": "role", "user": f"{tenant}-ann", "role": "standard"},
            **{"sessions": 1, "resumable": 0, "processes": 0},
        }
        refusals = [entry["detail"]["reason"] for entry in audit if entry["kind"] == "login_refused"]
        assert "role_taken" in refusals


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("revoke_role", {"user": "nobody", "role": "admin"}),
        ("grant_role", {"user": "nobody", "role": "admin"}),
        ("remove_user", {"user": "nobody"}),
        ("suspend_tenant", {"tenant": "nowhere"}),
        ("reinstate_tenant", {"tenant": "nowhere"}),
        ("log_out", {"session_id": "none"}),
    ],
)
async def test_nobody_is_not_found(platform: RunningPlatform, operation: str, arguments: dict[str, str]) -> None:
    async with platform.operator() as operator:
        assert (await operator.answer(operation, **arguments))["code"] == "not_found"


async def test_a_role_has_to_be_one(platform: RunningPlatform, tenant: str) -> None:
    async with platform.operator() as operator, platform.session(tenant, f"{tenant}-ann"):
        answer = await operator.answer("revoke_role", user=f"{tenant}-ann", role="king")
        assert answer["code"] == "bad_request"


async def test_a_handshake_under_way_is_too_late() -> None:
    """Its token was good when it came; the right ends while the stores are prepared for its tenant."""
    with running_platform() as platform:
        async with platform.operator() as operator:
            served = 0
            for number in range(12):
                token = platform.token(f"t{number}", f"u{number}", jti=f"token-{number}")
                opening = asyncio.ensure_future(platform.open("", "", token))
                await asyncio.sleep(0.002)
                await operator.answer("revoke_token", user=f"u{number}", token_id=f"token-{number}")
                try:
                    client = await opening
                except (InvalidStatus, ConnectionClosed):
                    continue
                served += await client.closed(3) is None
            assert served == 0


async def test_ended_rights_outlive_a_restart() -> None:
    with running_platform() as platform:
        async with platform.operator() as operator:
            ann, bob = await platform.open("acme", "ann"), await platform.open("globex", "bob")
            await operator.ask("revoke_role", user="ann", role="standard")
            await operator.ask("suspend_tenant", tenant="globex")
            await operator.ask("restart")
        assert await eventually(lambda: is_back(platform))
        assert await refused(platform, ann.token)
        assert await refused(platform, bob.token)
        assert not await refused(platform, platform.token("acme", "ann", role="admin"))


async def is_back(platform: RunningPlatform) -> bool:
    try:
        async with platform.operator():
            return True
    except OSError:
        return False
