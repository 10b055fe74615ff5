"""Who is let in, and what a refusal says."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from component.gateway.platform_client import RunningPlatform, eventually

pytestmark = pytest.mark.asyncio


async def refusal(address: str, **options: Any) -> tuple[int, bytes]:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address, proxy=None, **options):
            pass
    response = refused.value.response
    return response.status_code, bytes(response.body or b"")


def bearer(token: str) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": f"Bearer {token}"}}


async def test_the_first_frame_is_a_welcome_with_what_the_token_says(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann", role="admin") as ann:
        welcome = ann.welcome
        assert {name: welcome[name] for name in ("event", "seq", "tenant", "user", "role", "protocol")} == {
            "event": "welcome",
            "seq": 1,
            "tenant": tenant,
            "user": f"{tenant}-ann",
            "role": "admin",
            "protocol": "agents.v1",
        }
        assert welcome["expires_at"] > time.time()


async def test_the_token_may_travel_as_subprotocol_and_is_never_echoed(platform: RunningPlatform, tenant: str) -> None:
    token = platform.token(tenant, f"{tenant}-ann")
    async with connect(
        platform.address, subprotocols=[Subprotocol("agents.v1"), Subprotocol(f"jwt.{token}")], proxy=None
    ) as connection:
        assert connection.subprotocol == "agents.v1"
        assert connection.response is not None and token not in str(connection.response.headers)
        assert json.loads(await connection.recv())["event"] == "welcome"


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1},
        {"nbf": int(time.time()) + 3600},
        {"iss": "x"},
        {"aud": "x"},
        {"tenant": "a/b"},
        {"role": "root"},
        {"jti": ""},
    ],
)
async def test_every_wrong_token_gets_the_same_refusal(
    platform: RunningPlatform, tenant: str, change: dict[str, Any]
) -> None:
    token = platform.token(tenant, f"{tenant}-ann", **change)
    assert await refusal(platform.address, **bearer(token)) == (401, b'{"code": "unauthenticated"}')


async def test_forged_tokens_are_refused(platform: RunningPlatform, tenant: str) -> None:
    claims = jwt.decode(platform.token(tenant, f"{tenant}-ann"), options={"verify_signature": False})
    secret = platform.credentials["jwt_secret"]
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    forged = [
        jwt.encode(claims, "x" * 64, algorithm="HS256"),
        jwt.encode(claims, secret, algorithm="HS384"),
        jwt.encode(claims, secret, algorithm="HS256", headers={"kid": "1"}),
        f"{none}.{part}.",
    ]
    for token in forged:
        assert (await refusal(platform.address, **bearer(token)))[0] == 401
    assert (await refusal(platform.address))[0] == 401


async def test_a_user_of_one_tenant_cannot_come_in_through_another(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann"):
        token = platform.token(f"{tenant}-other", f"{tenant}-ann")
        assert (await refusal(platform.address, **bearer(token)))[0] == 401


async def test_another_path_is_not_found(platform: RunningPlatform, tenant: str) -> None:
    address = platform.address.replace("/agents", "/other")
    assert (await refusal(address, **bearer(platform.token(tenant, f"{tenant}-ann"))))[0] == 404


async def test_refusals_are_audited_with_a_reason_and_without_the_token(platform: RunningPlatform, tenant: str) -> None:
    token = platform.token(tenant, f"{tenant}-ann", exp=1)
    async with platform.operator() as operator:
        before = max([entry["sequence"] for entry in await operator.ask("audit")], default=0)
        await refusal(platform.address, **bearer(token))
        refused = [entry for entry in await operator.ask("audit", after=before) if entry["kind"] == "login_refused"]
        assert [entry["detail"] for entry in refused] == [{"reason": "expired"}]
        assert token not in json.dumps(await operator.ask("audit"))


async def test_a_user_has_at_most_twenty_sessions(platform: RunningPlatform, tenant: str) -> None:
    token = platform.token(tenant, f"{tenant}-ann")
    sessions = await asyncio.gather(*(platform.open(tenant, f"{tenant}-ann", token) for _ in range(20)))
    assert await refusal(platform.address, **bearer(token)) == (429, b'{"code": "too_many_sessions"}')
    await sessions.pop().close()

    async def one_more() -> bool:
        try:
            sessions.append(await platform.open(tenant, f"{tenant}-ann", token))
        except InvalidStatus:
            return False
        return True

    assert await eventually(one_more)
    await asyncio.gather(*(session.close() for session in sessions))


async def test_a_session_closes_when_its_token_expires(platform: RunningPlatform, tenant: str) -> None:
    async with platform.session(tenant, f"{tenant}-ann", exp=int(time.time()) + 2) as ann:
        assert await ann.closed() == 4401
        assert abs(time.time() - ann.welcome["expires_at"]) < 2


async def test_a_logout_closes_every_session_of_the_token_and_the_token_stays_refused(
    platform: RunningPlatform, tenant: str
) -> None:
    token = platform.token(tenant, f"{tenant}-ann")
    first = await platform.open(tenant, f"{tenant}-ann", token)
    second = await platform.open(tenant, f"{tenant}-ann", token)
    other = await platform.open(tenant, f"{tenant}-ann")
    assert await first.result("logout") == {"logged_out": True}
    assert (await first.closed(), await second.closed()) == (4401, 4401)
    assert (await refusal(platform.address, **bearer(token)))[0] == 401
    assert (await other.ask("ping"))["event"] == "pong"
    await other.close()


async def test_a_hundred_users_come_in_at_the_same_time(platform: RunningPlatform, tenant: str) -> None:
    sessions = await asyncio.gather(*(platform.open(f"{tenant}-{n}", f"{tenant}-u{n}") for n in range(100)))
    assert len({session.session_id for session in sessions}) == 100
    answers = await asyncio.gather(*(session.work("noop") for session in sessions))
    assert [answer["result"]["user"] for answer in answers] == [f"{tenant}-u{n}" for n in range(100)]
    assert len({answer["agent_id"] for answer in answers}) == 100
    await asyncio.gather(*(session.close() for session in sessions))
