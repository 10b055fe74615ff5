"""What shows each defect of names that are compared loosely."""

from __future__ import annotations

import redis.asyncio as redis

from platform_client import Client, Operator, RunningPlatform
from shows.common import SECRET, Show


async def key_of_a_longer_name(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    longer = await platform.open("globex-north", "eve")
    await longer.work("ask", question="what?")
    login = await operator.ask("credentials", tenant="globex")
    keys = redis.from_url(platform.credentials["redis_url"])
    key = next(iter([key async for key in keys.scan_iter("t:globex-north:*")]))
    client = redis.from_url(platform.credentials["redis_url"])
    client.connection_pool.connection_kwargs |= {
        "username": login["cache_user"],
        "password": login["cache_password"],
    }
    try:
        return await client.get(key) is not None
    except redis.ResponseError:
        return False
    finally:
        await client.aclose()
        await keys.aclose()


async def answer_of_a_long_name(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    first, second = [await platform.open(*(f"{who}{'-long' * 11}{end}" for who in "tu")) for end in "ab"]
    await first.work("ask", question="what?")
    return bool((await second.work("ask", question="what?"))["result"]["cached"])


async def state_of_another_case(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    other = await platform.open("acme", "Ann")
    return "result" in await other.ask("state_get", scope="profile", key="me")


async def answer_of_a_joined_name(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    first, second = await platform.open("north_east", "eve"), await platform.open("north", "east_eve")
    await first.work("ask", question="what?")
    return bool((await second.work("ask", question="what?"))["result"]["cached"])


SHOWN: dict[str, Show] = {
    "cache_login_reads_all": key_of_a_longer_name,
    "cache_login_by_prefix": key_of_a_longer_name,
    "answers_by_cut_names": answer_of_a_long_name,
    "state_without_case": state_of_another_case,
    "answers_by_joined_names": answer_of_a_joined_name,
}
