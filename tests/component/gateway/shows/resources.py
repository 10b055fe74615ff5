"""What shows each defect of resources, on a platform that carries it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from component.gateway.platform_client import Client, Operator, RunningPlatform, eventually
from component.gateway.shows.common import Show, pid_of, processor_ticks, resident_bytes
from process_control.family import children, parent


async def process_outlives(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    pid = await pid_of(operator, "acme")
    await ann.result("session_end")
    await asyncio.sleep(1)
    return os.path.exists(f"/proc/{pid}")


async def folder_stays(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    folder = Path(os.readlink(f"/proc/{await pid_of(operator, 'acme')}/cwd"))
    await ann.result("session_end")
    await asyncio.sleep(1)
    return folder.exists()


async def removed_in_words_only(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=1)
    removed = await operator.ask("remove_tenant", tenant="acme")
    return not removed["rows"] and bool((await operator.ask("residue", tenant="acme"))["rows"])


def residue_after_end(find: Callable[[dict[str, Any]], bool]) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        await ann.work("ask", question="why")
        await ann.result("session_end")
        await asyncio.sleep(1)
        return find(await operator.ask("residue", tenant="acme"))

    return show


async def handles_stay(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    gateway = (await operator.ask("inventory"))["processes"]["gateway"]
    before = len(os.listdir(f"/proc/{gateway}/fd"))
    await ann.work("crash")
    ann.cut()
    await asyncio.sleep(1)
    return len(os.listdir(f"/proc/{gateway}/fd")) >= before + 3


async def zombies_stay(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    pid = await pid_of(operator, "acme")
    await ann.work("crash")
    await asyncio.sleep(0.5)
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()


async def lease_outlives_its_agent(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("leak_connections", count=1)
    await ann.work("crash")
    await asyncio.sleep(1)
    return bool((await operator.ask("inventory"))["leases"] == 1)


async def crashed_agent_comes_back(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await asyncio.gather(ann.work("noop"), bob.work("noop"))
    zygote = parent(await pid_of(operator, "globex"))
    assert zygote is not None
    await ann.work("crash")
    await asyncio.sleep(0.5)
    return len(children(zygote)) == 2


async def many_connections(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("leak_connections", count=8)
    return bool((await operator.ask("inventory"))["leases"] == 8)


async def second_tenant_waits(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await asyncio.gather(ann.work("noop"), bob.work("noop"))

    async def seconds(client: Client) -> float:
        started = time.monotonic()
        for _ in range(5):
            await client.work("noop")
        return time.monotonic() - started

    times = sorted([await seconds(ann), await seconds(bob)])
    return times[1] > times[0] + 1


async def process_goes_on(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    assert (await ann.work("loop"))["code"] == "timeout"
    return await processor_ticks(await pid_of(operator, "acme"), 1) > 10


async def busy_without_work(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    return await processor_ticks(await pid_of(operator, "acme"), 2) > 8


async def memory_stays(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    pid = await pid_of(operator, "acme")
    before = resident_bytes(pid)
    await ann.work("memory", megabytes=20, seconds=0)
    return resident_bytes(pid) > before + 15_000_000


async def one_gulp_is_alerted(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    await asyncio.sleep(8)  # the detector compares with 20 seconds ago
    number = await ann.start("memory", megabytes=20, seconds=18)

    async def alerted() -> bool:
        return "memory_leak" in {entry["kind"] for entry in await operator.ask("alerts")}

    found = bool(await eventually(alerted, 18))
    await ann.final(number)
    return found


async def no_cpu_quota(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    started = time.monotonic()
    await ann.work("cpu", milliseconds=1000)
    counters = {entry["tenant"]: entry for entry in await operator.ask("counters")}
    return counters["acme"]["throttled"] == 0 and time.monotonic() - started < 1.9


async def noise(ann: Client, bob: Client, operator: Operator) -> tuple[set[str], set[str]]:
    """Tenants that are called noisy and tenants that are contained while ann floods and bob works."""
    number = await ann.start("message_flood", seconds=7)
    for _ in range(65):
        await bob.work("noop")
        await asyncio.sleep(0.1)
    await ann.final(number)
    alerts = {entry["tenant"] for entry in await operator.ask("alerts") if entry["kind"] == "noisy_tenant"}
    return alerts, {entry["tenant"] for entry in await operator.ask("audit") if entry["kind"] == "contained"}


async def counters_of_somebody_else(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await asyncio.gather(ann.work("cpu", milliseconds=1000), bob.work("noop"))
    counters = {entry["tenant"]: entry["throttled"] for entry in await operator.ask("counters")}
    return bool(counters["globex"] > 0 and counters["acme"] == 0)


async def excess_is_not_alerted(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("cpu", milliseconds=2000)

    async def alerted() -> bool:
        return "quota_exceeded" in {entry["kind"] for entry in await operator.ask("alerts")}

    return not await eventually(alerted, 5)


async def innocent_is_named(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return await noise(ann, bob, operator) == ({"globex"}, {"globex"})


async def contained_in_silence(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return await noise(ann, bob, operator) == (set(), {"acme"})


async def nobody_is_contained(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return await noise(ann, bob, operator) == ({"acme"}, set())


async def contained_for_good(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async def noted(kind: str) -> bool:
        return kind in {entry["kind"] for entry in await operator.ask("audit")}

    _, contained = await noise(ann, bob, operator)
    assert contained
    return not await eventually(lambda: noted("released"), 13)


async def clients_beside_the_pool(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    admin = await asyncpg.connect(platform.credentials["database_url"])
    try:
        query = "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
        before = await admin.fetchval(query)
        for number in range(5):
            await platform.open("acme", f"user-{number}")
        return bool(await admin.fetchval(query) >= before + 5)
    finally:
        await admin.close()


async def leases_stay(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("leak_connections", count=2)

    async def alerted() -> bool:
        return "connection_leak" in {entry["kind"] for entry in await operator.ask("alerts")}

    assert await eventually(alerted, 12)
    await asyncio.sleep(1)
    return bool((await operator.ask("inventory"))["leases"] == 2)


async def victim_is_slower(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.work("noop")
    number = await ann.start("loop", seconds=6)
    await asyncio.sleep(2.5)
    started = time.monotonic()
    await bob.work("memory", megabytes=1, seconds=1)
    seconds = time.monotonic() - started
    await ann.final(number)
    return 1.13 < seconds < 1.5


async def others_wait(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.send("state_get", scope="profile", key="a" + " " * 30_000 + "b")
    started = time.monotonic()
    await bob.ask("ping")
    return time.monotonic() - started > 0.2


SHOWN: dict[str, Show] = {
    "odd_text_stalls_everybody": others_wait,
    "busy_at_rest": busy_without_work,
    "memory_never_given_back": memory_stays,
    "growth_called_a_leak": one_gulp_is_alerted,
    "containment_never_ends": contained_for_good,
    "connections_beside_pool": clients_beside_the_pool,
    "quota_alert_missing": excess_is_not_alerted,
    "noise_never_reported": contained_in_silence,
    "throttling_counted_for_another": counters_of_somebody_else,
    "session_end_leaves_files": folder_stays,
    "removal_only_said": removed_in_words_only,
    "quota_off": no_cpu_quota,
    "quota_nice_only": no_cpu_quota,
    "leak_not_stopped": leases_stay,
    "runaway_not_stopped": process_goes_on,
    "governor_names_wrong_tenant": innocent_is_named,
    "noise_never_mitigated": nobody_is_contained,
    "victims_slowed_15_percent": victim_is_slower,
    "unfair_scheduling": second_tenant_waits,
    "handles_left_after_crash": handles_stay,
    "zombies_left_after_crash": zombies_stay,
    "connections_left_after_crash": lease_outlives_its_agent,
    "processes_left_after_crash": crashed_agent_comes_back,
    "connections_unlimited": many_connections,
    "session_end_leaves_processes": process_outlives,
    "session_end_leaves_rows": residue_after_end(lambda left: left["rows"].get("agents") == 1),
    "session_end_leaves_keys": residue_after_end(lambda left: left["keys"] == 1),
}
