"""What shows each defect of secrets, on a platform that carries it."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from websockets.frames import Opcode

from component.gateway.platform_client import Client, Operator, RunningPlatform
from component.gateway.shows.common import SECRET, Show, pid_of


async def foreign_answer(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    answers = [(await client.work("ask", question="why"))["result"] for client in (ann, bob)]
    return bool(answers[1]["answer"].startswith("For ann"))


async def cached_for_strangers(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await asyncio.gather(ann.work("noop"), bob.work("noop"))
    await ann.work("ask", question="why")
    seconds = []
    for question in ("why", "what"):
        started = time.monotonic()
        result = (await bob.work("ask", question=question))["result"]
        seconds.append(time.monotonic() - started)
        assert result["answer"] == f"For bob: {question}" and not result["cached"]
    return seconds[1] > seconds[0] + 0.01


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


async def in_channel(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    listener = redis.Redis.from_url(platform.credentials["redis_url"]).pubsub()  # type: ignore[no-untyped-call]
    listener.psubscribe("*")
    listener.get_message(timeout=1)
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    await asyncio.sleep(0.2)
    return SECRET in str(listener.get_message(timeout=1))


async def in_ping(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    pings: list[bytes] = []
    process = bob.connection.process_event

    def listening(event: Any) -> None:
        if getattr(event, "opcode", None) is Opcode.PING:
            pings.append(bytes(event.data))
        process(event)

    bob.connection.process_event = listening  # type: ignore[method-assign]  # control frames show nowhere else
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    await bob.ask("ping")
    return SECRET.encode() in b"".join(pings)


async def in_open_file(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.work("noop")
    await ann.work("report", text=SECRET)
    handles = Path(f"/proc/{await pid_of(operator, 'globex')}/fd")
    return any(SECRET in handle.read_text() for handle in handles.iterdir() if handle.is_file())


async def in_a_neighbours_folder(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.work("noop")
    await ann.result("state_put", scope="profile", key="me", value=SECRET)
    return SECRET in Path(os.readlink(f"/proc/{await pid_of(operator, 'globex')}/cwd"), "notes").read_text()


async def in_memory(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await ann.work("report", text=SECRET)
    await bob.work("noop")
    return holds_secret(await pid_of(operator, "globex"))


async def in_shared_memory(platform: RunningPlatform, ann: Client, bob: Client, operator: Operator) -> bool:
    await bob.work("noop")
    await ann.work("report", text=SECRET)
    return holds_secret(await pid_of(operator, "globex"))


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


SHOWN: dict[str, Show] = {
    "cache_key_without_tenant": foreign_answer,
    "cache_times_tell": cached_for_strangers,
    "secret_in_redis_channel": in_channel,
    "secret_in_ping": in_ping,
    "secret_in_open_file": in_open_file,
    "secret_in_temporary_file": in_a_neighbours_folder,
    "secret_in_other_tenants_event": in_events(lambda found: SECRET in "".join(found)),
    "secret_base64_in_event": in_events(lambda found: SECRET.encode() in base64.b64decode(found[0])),
    "secret_gzip_in_event": in_events(lambda found: SECRET.encode() in gzip.decompress(base64.b64decode(found[0]))),
    "secret_split_over_frames": in_events(lambda found: SECRET in "".join(found) and SECRET not in found[0]),
    "secret_in_error_text": in_error,
    "secret_in_log": in_log,
    "secret_in_redis_shared_key": in_shared_key,
    "agent_forked_from_used_process": in_memory,
    "secret_in_shared_memory": in_shared_memory,
}
