"""What shows each defect of ended rights, on a platform that carries it."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.exceptions import ConnectionClosed, InvalidStatus

from platform_client import Client, Operator, RunningPlatform
from shows.common import Show, processor_ticks


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


SHOWN: dict[str, Show] = {
    "ended_right_leaves_sessions": session_goes_on,
    "ended_right_leaves_subscriptions": still_hears,
    "ended_right_can_be_resumed": can_be_resumed,
    "ended_right_leaves_work": work_goes_on,
    "ended_right_still_accepted": comes_back,
    "ended_right_hits_colleagues": colleague_is_hit,
}
