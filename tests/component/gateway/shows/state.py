"""What shows each defect of state, on a platform that carries it."""

from __future__ import annotations

import statistics
import time
from typing import Any

import asyncpg
from websockets.exceptions import InvalidStatus

from component.gateway.platform_client import Client, Operator, RunningPlatform, eventually
from component.gateway.shows.common import SECRET, Show


async def foreign_state(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    return "result" in await bob.ask("state_get", scope="profile", key="me", user="ann")


async def told_apart(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent_id = (await ann.work("noop"))["agent_id"]
    foreign, missing = [await bob.ask("agent_get", agent_id=name) for name in (agent_id, "agt_missing")]
    others = [await bob.ask("state_list", scope="profile", user=name) for name in ("ann", "missing")]
    return foreign["message"] != missing["message"] and others[0]["message"] != others[1]["message"]


async def foreign_takes_longer(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    foreign = (await ann.work("noop"))["agent_id"]
    seconds: dict[str, list[float]] = {foreign: [], "agt_missing": []}
    for name in [foreign, "agt_missing"] * 15:
        started = time.monotonic()
        assert (await bob.ask("agent_get", agent_id=name))["code"] == "not_found"
        seconds[name].append(time.monotonic() - started)
    return statistics.median(seconds[foreign]) > statistics.median(seconds["agt_missing"]) + 0.002


async def refusal_had_an_effect(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value="mine")
    refused = await bob.ask("state_put", scope="profile", key="me", value="yours", user="ann")
    return (
        refused["code"] == "not_found"
        and (await ann.result("state_get", scope="profile", key="me"))["value"] == "yours"
    )


async def latest_entry_comes_first(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    for entry in (1, 2, 3):
        await ann.result("history_append", thread="main", entry=entry)
    return (await ann.result("history_read", thread="main"))["entries"] == [1, 3, 2]


async def forgotten_by_the_next_process(
    platform: RunningPlatform, ann: Client, bob: Client, operator: Operator
) -> bool:
    await ann.work("remember", text="this")
    await ann.work("crash")
    return (await ann.work("recall"))["result"]["memories"] == []


def foreign_row(scope: str, table: str) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        await ann.result("state_put", scope=scope, key="me", value=SECRET)
        login = await operator.ask("credentials", tenant="globex")
        url = platform.credentials["database_url"]
        connection = await asyncpg.connect(url, user=login["database_role"], password=login["database_password"])
        try:
            return SECRET in str(await connection.fetch(f"SELECT * FROM platform.{table}"))
        finally:
            await connection.close()

    return show


async def unforced(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    connection = await asyncpg.connect(platform.credentials["database_url"])
    try:
        query = "SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        return bool(await connection.fetchval(query))
    finally:
        await connection.close()


async def wrong_role_left(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    for number in range(40):
        for client in (ann, bob):
            saved = await client.ask("state_put", scope="profile", key=f"k{number}", value=1)
            found = await client.ask("state_get", scope="profile", key=f"k{number}")
            if "result" not in saved or "result" not in found:
                return True
    return False


async def lost_by_restart(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=1)
    await operator.ask("restart")
    await ann.closed()

    async def back() -> Any:
        try:
            return await platform.open("acme", "ann")
        except (OSError, EOFError, InvalidStatus):
            return None

    again = await eventually(back, 15)
    return (await again.ask("state_get", scope="profile", key="me"))["event"] == "agent_error"


SHOWN: dict[str, Show] = {
    "state_readable_by_guessing": foreign_state,
    "existence_oracle": told_apart,
    "existence_oracle_in_words": told_apart,
    "existence_oracle_in_time": foreign_takes_longer,
    "refused_but_done": refusal_had_an_effect,
    "history_out_of_order": latest_entry_comes_first,
    "agents_forget": forgotten_by_the_next_process,
    "rls_owner_bypass": foreign_row("profile", "profiles"),
    "rls_not_forced": unforced,
    "rls_set_left_in_pool": wrong_role_left,
    "rls_new_table_without_policy": foreign_row("context", "session_context_v2"),
    "state_lost_on_restart": lost_by_restart,
}
