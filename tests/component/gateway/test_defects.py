"""Each seeded defect starts, and shows what it is there for."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import jwt
import pytest
import redis
from websockets.exceptions import ConnectionClosed, InvalidStatus

from platform_client import Client, Operator, RunningPlatform, eventually, running_platform
from process_control.family import children, parent
from reference_platform.defects import NAMES

pytestmark = pytest.mark.slow
"""Two platforms for each defect: 10 minutes. ``pytest -m slow`` runs it; the kill matrix tries them through the suites."""

SHORT = "operation_timeout_seconds=3"
LONG = "operation_timeout_seconds=15"
TIMEOUT = dict.fromkeys(("governor_names_wrong_tenant", "noise_never_mitigated", "victims_slowed_15_percent"), LONG)
SECRET = "MARKER-0123456789-" * 3
Show = Callable[[RunningPlatform, Client, Client, Operator], Awaitable[bool]]


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


async def nothing_answered(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.send("ping")
    with contextlib.suppress(TimeoutError):
        await ann.next_frame(1)
        return False
    return True


async def same_session_ids(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open(f"t{number}", f"u{number}") for number in range(30)]
    return len({client.session_id for client in clients}) < 30


async def one_is_dropped(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open(f"t{number}", f"u{number}") for number in range(40)]
    await asyncio.sleep(2)
    return sum(client.connection.close_code is not None for client in clients) == 1


async def answer_goes_astray(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("noop")
    frame = await bob.until(lambda frame: frame["event"] == "agent_completed")
    return frame["id"] == number and frame["result"]["user"] == "ann"


async def one_in_a_thousand_goes_astray(
    platform: RunningPlatform, ann: Client, bob: Client, operator: Operator
) -> bool:
    for _ in range(20):
        for number in [await ann.start("noop") for _ in range(49)]:
            await ann.final(number)
        ann.frames.clear()
    for _ in range(20):
        await ann.start("noop")
    await bob.until(lambda frame: frame["event"] == "agent_completed")
    return True


async def next_gets_the_cancelled(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    number = await ann.start("cpu", milliseconds=300)
    await ann.until_started(number)
    await ann.result("cancel", target=number)
    return bool((await ann.work("report", text="mine"))["result"]["kind"] == "cpu")


def order_of_events(expected: Callable[[list[str]], bool]) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        for _ in range(10):
            number = await ann.start("noop")
            await ann.final(number)
            if expected(ann.events(number)):
                return True
        return False

    return show


async def former_user_hears_too(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    async with platform.session("acme", "ann") as second:
        number = (await second.work("noop"))["id"]
        await ann.settle()
        return number in {frame.get("id") for frame in ann.frames}


async def foreign_state(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    return "result" in await bob.ask("state_get", scope="profile", key="me", user="ann")


async def told_apart(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent_id = (await ann.work("noop"))["agent_id"]
    foreign, missing = [await bob.ask("agent_get", agent_id=name) for name in (agent_id, "agt_missing")]
    others = [await bob.ask("state_list", scope="profile", user=name) for name in ("ann", "missing")]
    return foreign["message"] != missing["message"] and others[0]["message"] != others[1]["message"]


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


async def same_agent_for_both(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return bool((await ann.work("noop"))["agent_id"] == (await bob.work("noop"))["agent_id"])


async def one_agent_left(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    for agent_type in ("data", "report"):
        await ann.result("agent_create", agent_type=agent_type)
    return len((await ann.result("agent_list"))["agents"]) == 1


async def same_agent_in_both_threads(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    made = [(await ann.work("noop", thread=thread))["agent_id"] for thread in ("a", "b")]
    return made[0] == made[1]


async def several_defaults(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    numbers = [await ann.start("noop") for _ in range(10)]
    return len({(await ann.final(number))["agent_id"] for number in numbers}) > 1


async def gateway_grows(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    gateway = (await operator.ask("inventory"))["processes"]["gateway"]

    def resident() -> int:
        return int(Path(f"/proc/{gateway}/statm").read_text().split()[1]) * 4096

    before = resident()
    for _ in range(5):
        agent = await ann.result("agent_create", agent_type="data")
        await ann.result("agent_remove", agent_id=agent["agent_id"])
    return resident() - before > 15_000_000


async def removed_answers(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent = await ann.result("agent_create", agent_type="data")
    await ann.result("agent_remove", agent_id=agent["agent_id"])
    return bool((await ann.ask("agent_get", agent_id=agent["agent_id"]))["event"] == "operation_completed")


async def foreign_agent(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    agent = await ann.result("agent_create", agent_type="data")
    return bool((await bob.ask("agent_get", agent_id=agent["agent_id"]))["event"] == "operation_completed")


async def hears_of_others(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.result("subscribe", topic="thread:main")
    async with platform.session("acme", "ann"):
        await ann.work("noop")
        try:
            await bob.until(lambda frame: frame["event"] == "notification", seconds=2)
        except TimeoutError:
            return False
    return True


async def gateway_grows_by_answers(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    gateway = (await operator.ask("inventory"))["processes"]["gateway"]

    def resident() -> int:
        return int(Path(f"/proc/{gateway}/statm").read_text().split()[1]) * 4096

    await ann.work("noop")
    before = resident()
    for _ in range(60):
        await ann.work("noop")
    return resident() - before > 10_000_000


async def led_across_users(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    mine, theirs = [(await client.ask("orchestrate", request="x"))["result"]["steps"] for client in (ann, bob)]
    return {step["agent_id"] for step in mine} == {step["agent_id"] for step in theirs}


async def foreign_answer(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    answers = [(await client.work("ask", question="why"))["result"] for client in (ann, bob)]
    return bool(answers[1]["answer"].startswith("For ann"))


def in_events(find: Callable[[list[str]], bool]) -> Show:
    async def show(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
        await ann.result("state_put", scope="profile", key="me", value=SECRET)
        await bob.work("noop")
        return find([frame["context"] for frame in bob.frames if "context" in frame])

    return show


async def in_error(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    return SECRET in (await bob.ask("nonsense"))["message"]


async def in_log(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    return SECRET in Path(platform.credentials["log_folder"], "gateway.jsonl").read_text()


async def in_shared_key(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    await asyncio.sleep(0.2)
    store = redis.Redis.from_url(platform.credentials["redis_url"])
    return SECRET in str(store.get("shared:last-request"))


async def in_memory(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("report", text=SECRET)
    await bob.work("noop")
    return holds_secret((await operator.ask("agents", tenant="globex"))[0]["pid"])


def holds_secret(pid: int) -> bool:
    """Whether the memory of a process holds the secret."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            start, _, end = line.split()[0].partition("-")
            if "rw" in line.split()[1]:
                memory.seek(int(start, 16))
                if SECRET.encode() in memory.read(int(end, 16) - int(start, 16)):
                    return True
    return False


async def in_shared_memory(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.work("noop")
    await ann.work("report", text=SECRET)
    return holds_secret((await operator.ask("agents", tenant="globex"))[0]["pid"])


async def subscriptions_stay(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    async with platform.session("acme", "ann") as second:
        await second.result("subscribe", topic="thread:main")
        await second.result("session_end")
        await second.closed()
    return bool((await operator.ask("inventory"))["subscriptions"] == 1)


async def process_outlives(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("noop")
    pid = (await operator.ask("agents", tenant="acme"))[0]["pid"]
    await ann.result("session_end")
    await asyncio.sleep(1)
    return os.path.exists(f"/proc/{pid}")


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
    pid = (await operator.ask("agents", tenant="acme"))[0]["pid"]
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
    zygote = parent((await operator.ask("agents", tenant="globex"))[0]["pid"])
    assert zygote is not None
    await ann.work("crash")
    await asyncio.sleep(0.5)
    return len(children(zygote)) == 2


async def some_are_not_answered(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    clients = [await platform.open(f"t{number}", f"u{number}") for number in range(25)]
    for client in clients:
        await client.send("ping")
    await asyncio.sleep(1)
    silent = 0
    for client in clients:
        try:
            await client.next_frame(0.1)
        except TimeoutError:
            silent += 1
    return silent == 1


async def cut_is_lost(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    ann.cut()
    async with platform.session("acme", "ann") as again:
        await asyncio.sleep(0.3)
        found = await again.ask("session_resume", session_id=ann.session_id, after_seq=0)
        return found.get("code") == "not_found"


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
    pid = (await operator.ask("agents", tenant="acme"))[0]["pid"]
    used = [int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])]
    await asyncio.sleep(1)
    used.append(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]))
    return used[1] > used[0] + 10


async def no_cpu_quota(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    started = time.monotonic()
    await ann.work("cpu", milliseconds=1000)
    counters = {entry["tenant"]: entry for entry in await operator.ask("counters")}
    return counters["acme"]["throttled"] == 0 and time.monotonic() - started < 1.9


async def noise(ann: Client, bob: Client, operator: Operator) -> tuple[set[str], set[str]]:
    """Tenants that are called noisy and tenants that are contained while ann floods and bob works."""
    number = await ann.start("flood", seconds=7)
    for _ in range(65):
        await bob.work("noop")
        await asyncio.sleep(0.1)
    await ann.final(number)
    alerts = {entry["tenant"] for entry in await operator.ask("alerts") if entry["kind"] == "noisy_tenant"}
    return alerts, {entry["tenant"] for entry in await operator.ask("audit") if entry["kind"] == "contained"}


async def innocent_is_named(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return await noise(ann, bob, operator) == ({"globex"}, {"globex"})


async def nobody_is_contained(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    return await noise(ann, bob, operator) == ({"acme"}, set())


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


SHOWN: dict[str, Show] = {
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
    "never_answers": nothing_answered,
    "never_answers_4_percent": some_are_not_answered,
    "cut_sessions_are_lost": cut_is_lost,
    "session_id_collision": same_session_ids,
    "drops_1_percent_of_connections": one_is_dropped,
    "answer_to_other_session": answer_goes_astray,
    "answer_to_other_session_1_in_1000": one_in_a_thousand_goes_astray,
    "cancelled_answer_to_next": next_gets_the_cancelled,
    "events_duplicated": order_of_events(lambda events: events.count("tool_completed") == 2),
    "events_reordered": order_of_events(lambda events: events[1:3] == ["tool_executing", "agent_thinking"]),
    "events_lost": order_of_events(lambda events: "tool_completed" not in events),
    "events_to_former_owner": former_user_hears_too,
    "token_no_expiry_check": wrong_claim(exp=int(time.time()) - 60),
    "token_alg_none_accepted": unsigned,
    "token_algorithm_confusion_accepted": forged("HS384"),
    "token_audience_not_checked": wrong_claim(aud="x"),
    "token_issuer_not_checked": wrong_claim(iss="x"),
    "token_not_before_ignored": wrong_claim(nbf=int(time.time()) + 3600),
    "token_signature_not_checked": forged(key="x" * 40),
    "token_tenant_from_request": another_tenant,
    "token_kid_honoured": forged(key="y" * 40, kid="y" * 40),
    "token_replay_after_logout": after_logout,
    "token_expiry_while_open_ignored": outlives_its_token,
    "permissions_from_request": role_in_request,
    "state_readable_by_guessing": foreign_state,
    "existence_oracle": told_apart,
    "existence_oracle_in_words": told_apart,
    "rls_owner_bypass": foreign_row("profile", "profiles"),
    "rls_not_forced": unforced,
    "rls_set_left_in_pool": wrong_role_left,
    "rls_new_table_without_policy": foreign_row("context", "session_context_v2"),
    "state_lost_on_restart": lost_by_restart,
    "shared_agent_instance": same_agent_for_both,
    "registry_by_type_only": same_agent_for_both,
    "second_agent_replaces_first": one_agent_left,
    "thread_ignored": same_agent_in_both_threads,
    "registration_race": several_defaults,
    "factory_keeps_agents": gateway_grows,
    "removed_agents_answer": removed_answers,
    "agents_by_id_alone": foreign_agent,
    "notifications_by_topic_alone": hears_of_others,
    "answers_kept_in_memory": gateway_grows_by_answers,
    "supervisor_mixes_users": led_across_users,
    "cache_key_without_tenant": foreign_answer,
    "secret_in_other_tenants_event": in_events(lambda found: SECRET in "".join(found)),
    "secret_base64_in_event": in_events(lambda found: SECRET.encode() in base64.b64decode(found[0])),
    "secret_gzip_in_event": in_events(lambda found: SECRET.encode() in gzip.decompress(base64.b64decode(found[0]))),
    "secret_split_over_frames": in_events(lambda found: SECRET in "".join(found) and SECRET not in found[0]),
    "secret_in_error_text": in_error,
    "secret_in_log": in_log,
    "secret_in_redis_shared_key": in_shared_key,
    "agent_forked_from_used_process": in_memory,
    "secret_in_shared_memory": in_shared_memory,
    "subscriptions_not_released": subscriptions_stay,
    "session_end_leaves_processes": process_outlives,
    "session_end_leaves_rows": residue_after_end(lambda left: left["rows"].get("agents") == 1),
    "session_end_leaves_keys": residue_after_end(lambda left: left["keys"] == 1),
}


def test_every_defect_is_shown_somewhere() -> None:
    assert set(NAMES) == set(SHOWN)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", SHOWN)
async def test_a_defect_shows(name: str) -> None:
    with running_platform("--defect", name, "--setting", TIMEOUT.get(name, SHORT)) as platform:
        ann, bob = await platform.open("acme", "ann"), await platform.open("globex", "bob")
        async with platform.operator() as operator:
            assert await SHOWN[name](platform, ann, bob, operator)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", SHOWN)
async def test_nothing_of_the_kind_shows_without_a_defect(name: str) -> None:
    with running_platform("--setting", TIMEOUT.get(name, SHORT)) as platform:
        ann, bob = await platform.open("acme", "ann"), await platform.open("globex", "bob")
        async with platform.operator() as operator:
            try:
                async with asyncio.timeout(20):
                    shown = await SHOWN[name](platform, ann, bob, operator)
            except (TimeoutError, KeyError, IndexError, OSError, ConnectionClosed, asyncpg.PostgresError):
                shown = False
            assert not shown
