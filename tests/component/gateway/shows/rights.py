"""What shows each defect of ended rights, on a platform that carries it."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.exceptions import ConnectionClosed, InvalidStatus

from component.gateway.platform_client import Client, Operator, RunningPlatform
from component.gateway.shows.common import Show, processor_ticks


async def session_goes_on(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await operator.ask("revoke_role", user="ann", role="standard")
    return (await ann.ask("ping"))["event"] == "pong"


async def still_hears(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("subscribe", topic="thread:main")
    async with platform.session("acme", "ann", role="admin") as second:
        await operator.ask("revoke_role", user="ann", role="standard")
        await second.work("noop")
        with contextlib.suppress(TimeoutError):
            await ann.until(lambda frame: frame["event"] == "notification", seconds=2)
            return True
    return False


async def can_be_resumed(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    ann.cut()
    await asyncio.sleep(0.2)
    async with platform.session("acme", "ann", role="admin") as second:
        await operator.ask("revoke_role", user="ann", role="standard")
        return "result" in await second.ask("session_resume", session_id=ann.session_id, after_seq=0)


async def work_goes_on(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("loop")
    await ann.until_started(number)
    pid = (await operator.ask("agents", tenant="acme"))[0]["pid"]
    async with platform.session("acme", "ann", role="admin"):
        await operator.ask("revoke_role", user="ann", role="standard")
        try:
            return await processor_ticks(pid, 1) > 10
        except FileNotFoundError:
            return False


async def comes_back(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await operator.ask("revoke_role", user="ann", role="standard")
    try:
        await platform.open("acme", "ann", ann.token)
    except InvalidStatus:
        return False
    return True


async def colleague_is_hit(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "eve") as colleague:
        await operator.ask("revoke_role", user="ann", role="standard")
        try:
            await colleague.ask("ping")
        except ConnectionClosed:
            return True
    return False


async def resumed_work_goes_on(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("loop")
    await ann.until_started(number)
    ann.cut()
    await asyncio.sleep(0.2)
    async with platform.session("acme", "ann") as second, platform.session("acme", "ann", role="admin"):
        await second.result("session_resume", session_id=ann.session_id, after_seq=0)
        (agent,) = await operator.ask("agents", tenant="acme")
        await operator.ask("log_out", session_id=second.session_id)
        try:
            return await processor_ticks(agent["pid"], 1) > 10
        except FileNotFoundError:
            return False


async def comes_back_after_a_restart(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await operator.ask("revoke_role", user="ann", role="standard")
    await operator.ask("restart")
    await bob.closed()
    await asyncio.sleep(1)

    async def let_in() -> bool | None:
        try:
            await platform.open("acme", "ann", ann.token)
        except InvalidStatus as refused:
            return False if refused.response.status_code == 401 else None
        except OSError:
            return None
        return True

    for _ in range(100):
        if (found := await let_in()) is not None:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("the platform did not come back")


async def stays_out(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await operator.ask("revoke_role", user="ann", role="standard")
    await operator.ask("grant_role", user="ann", role="standard")
    try:
        await platform.open("acme", "ann", ann.token)
    except InvalidStatus:
        return True
    return False


async def look_alike_is_refused(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await operator.ask("revoke_token", user="ann", token_id="ABC")
    try:
        await platform.open("acme", "ann", jti="abc")
    except InvalidStatus:
        return True
    return False


SHOWN: dict[str, Show] = {
    "ended_right_leaves_sessions": session_goes_on,
    "ended_right_leaves_subscriptions": still_hears,
    "ended_right_can_be_resumed": can_be_resumed,
    "ended_right_leaves_work": work_goes_on,
    "ended_right_still_accepted": comes_back,
    "ended_right_hits_colleagues": colleague_is_hit,
    "ended_right_leaves_work_of_resumed_sessions": resumed_work_goes_on,
    "ended_rights_forgotten_at_restart": comes_back_after_a_restart,
    "given_back_right_not_believed": stays_out,
    "revoked_token_takes_its_look_alike_along": look_alike_is_refused,
}
