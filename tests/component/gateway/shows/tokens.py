"""What shows each defect of tokens, on a platform that carries it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
from websockets.exceptions import InvalidStatus

from component.gateway.platform_client import Client, Operator, RunningPlatform
from component.gateway.shows.common import SECRET, Show


async def accepted(platform: RunningPlatform, token: str) -> bool:
    try:
        client = await platform.open("", "", token)
    except InvalidStatus:
        return False
    await client.close()
    return True


def claims_of(platform: RunningPlatform, **changes: Any) -> dict[str, Any]:
    decoded = jwt.decode(platform.token("acme", "carl"), options={"verify_signature": False})
    return {**decoded, **changes}


def wrong_claim(**changes: Any) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        return await accepted(platform, platform.token("acme", "carl", **changes))

    return show


def forged(algorithm: str = "HS256", key: str = "", **header: Any) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        secret = key or platform.credentials["jwt_secret"]
        token = jwt.encode(claims_of(platform), secret, algorithm=algorithm, headers=header or None)
        return await accepted(platform, token)

    return show


async def unsigned(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    parts = [{"alg": "NonE", "typ": "JWT"}, claims_of(platform)]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return await accepted(platform, ".".join([*encoded, ""]))


async def served_after_an_error(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    try:
        client = await platform.open("", "", jwt.encode(claims_of(platform), "x" * 40, algorithm="HS256"))
    except InvalidStatus:
        return False
    return client.welcome["event"] == "agent_error" and (await client.ask("ping"))["event"] == "pong"


async def another_tenant(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    stolen = await bob.ask("state_get", scope="profile", key="me", tenant="acme", user="ann")
    return await accepted(platform, platform.token("globex", "ann")) and stolen["result"]["value"] == SECRET


async def after_logout(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("logout")
    await ann.closed()
    return await accepted(platform, ann.token)


async def outlives_its_token(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "carl", exp=int(time.time()) + 2) as carl:
        await asyncio.sleep(2.5)
        return (await carl.ask("ping"))["event"] == "pong"


async def role_in_request(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "carl", role="restricted") as carl:
        return "result" in await carl.ask("agent_create", agent_type="data", role="admin")


async def token_is_logged(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    folder = Path(platform.credentials["log_folder"])
    return any(ann.token in file.read_text("utf-8") for file in folder.glob("*.jsonl"))


async def address_in_refusal(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    refused = await ann.ask("state_get", scope="profile", key="missing")
    return platform.credentials["database_url"].partition("@")[0] in refused["message"]


SHOWN: dict[str, Show] = {
    "token_in_log": token_is_logged,
    "connection_string_in_error": address_in_refusal,
    "token_no_expiry_check": wrong_claim(exp=int(time.time()) - 60),
    "token_alg_none_accepted": unsigned,
    "token_algorithm_confusion_accepted": forged("HS384"),
    "token_audience_not_checked": wrong_claim(aud="x"),
    "token_issuer_not_checked": wrong_claim(iss="x"),
    "token_not_before_ignored": wrong_claim(nbf=int(time.time()) + 3600),
    "token_signature_not_checked": forged(key="x" * 40),
    "token_refused_in_words_only": served_after_an_error,
    "token_tenant_from_request": another_tenant,
    "token_kid_honoured": forged(key="y" * 40, kid="y" * 40),
    "token_replay_after_logout": after_logout,
    "token_expiry_while_open_ignored": outlives_its_token,
    "permissions_from_request": role_in_request,
}
