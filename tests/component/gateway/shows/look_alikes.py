"""What shows each defect of names that are compared loosely."""

from __future__ import annotations

import redis.asyncio as redis

from component.gateway.platform_client import Client, Operator, RunningPlatform
from component.gateway.shows.common import SECRET, Show


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


async def others_lose_their_things(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    longer = await platform.open("acme-north", "eve")
    await longer.result("state_put", scope="profile", key="me", value=1)
    await operator.ask("remove_tenant", tenant="acme")
    return "result" not in await longer.ask("state_get", scope="profile", key="me")


async def rows_come_back(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    await operator.ask("remove_tenant", tenant="acme")
    again = await platform.open("acme", "ann")
    return "result" in await again.ask("state_get", scope="profile", key="me")


async def found_by_a_stranger(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent_id = (await ann.result("agent_create", agent_type="data"))["agent_id"]
    await ann.result("agent_remove", agent_id=agent_id)
    return "result" in await bob.ask("agent_get", agent_id=agent_id)


SHOWN: dict[str, Show] = {
    "removal_by_prefix": others_lose_their_things,
    "tenant_rows_kept": rows_come_back,
    "removed_agents_open_to_others": found_by_a_stranger,
    "cache_login_reads_all": key_of_a_longer_name,
    "cache_login_by_prefix": key_of_a_longer_name,
    "answers_by_cut_names": answer_of_a_long_name,
    "state_without_case": state_of_another_case,
    "answers_by_joined_names": answer_of_a_joined_name,
}
