"""A tenant's Redis user reaches its own keys and channels and learns nothing about others."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio as redis
from conftest import Login, Tenants

from reference_platform.state import Owner, Store

pytestmark = pytest.mark.asyncio

_TELLTALES = [
    "SCAN 0", "KEYS *", "RANDOMKEY", "DBSIZE", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "CONFIG GET *", "CLIENT LIST",
    "ACL LIST", "ACL WHOAMI", "MONITOR", "INFO", "PUBSUB CHANNELS", "DEBUG SLEEP 0", "SHUTDOWN", "SAVE", "SLOWLOG GET",
    "FUNCTION LIST", "SCRIPT FLUSH", "LATENCY LATEST", "MEMORY STATS", "SORT x", "MIGRATE 127.0.0.1 1 x 0 1",
    "REPLICAOF NO ONE", "MODULE LIST", "CLUSTER NODES", "COMMAND LIST",
]  # fmt: skip


async def test_values_belong_to_one_user_and_end_in_time(store: Store, new_owner: Tenants) -> None:
    ann, eve = await new_owner("ann"), await new_owner("ann2")
    bob = Owner(ann.tenant, "bob")
    await store.cache_put(ann, "q", {"answer": 42}, 30)
    await store.cache_put(ann, "short", 1, 0.05)
    assert await store.cache_get(ann, "q") == {"answer": 42}
    assert await store.cache_get(bob, "q") is None
    assert await store.cache_get(eve, "q") is None
    await asyncio.sleep(0.1)
    assert await store.cache_get(ann, "short") is None
    assert await store.cache_keys(ann.tenant) == [f"t:{ann.tenant}:cache:ann:q"]


async def test_foreign_keys_are_refused_and_own_ones_allowed(store: Store, new_owner: Tenants, login: Login) -> None:
    ann, eve = await new_owner(), await new_owner()
    await store.cache_put(ann, "q", 1, 30)
    foreign, own = f"t:{ann.tenant}:cache:ann:q", f"t:{eve.tenant}:x"
    async with login.redis(eve.tenant) as client:
        for command in ("GET {}", "SET {} 1", "DEL {}", "EXISTS {}", "TYPE {}", "TTL {}", "OBJECT ENCODING {}", "DUMP {}"):
            with pytest.raises(redis.RedisError, match=r"(?i)permission"):
                await client.execute_command(*command.format(foreign).split())
        for command in ("SET {} 1", "GET {}", "EXISTS {}", "TYPE {}", "TTL {}", "OBJECT ENCODING {}", "DUMP {}", "DEL {}"):
            await client.execute_command(*command.format(own).split())
        with pytest.raises(redis.RedisError, match=r"(?i)permission"):
            await client.rename(own, foreign)
        with pytest.raises(redis.RedisError, match=r"(?i)permission"):
            await client.publish(f"t:{ann.tenant}:news", "x")
        assert await client.publish(f"t:{eve.tenant}:news", "x") == 0
    assert await store.cache_get(ann, "q") == 1


@pytest.mark.parametrize("command", _TELLTALES)
async def test_commands_that_look_beyond_keys_are_refused(new_owner: Tenants, login: Login, command: str) -> None:
    owner = await new_owner()
    async with login.redis(owner.tenant) as client:
        with pytest.raises(redis.RedisError, match=r"(?i)permission"):
            await client.execute_command(*command.split())
        assert await client.ping()


async def test_every_command_that_a_tenant_may_use_names_its_keys_or_tells_nothing(
    new_owner: Tenants, login: Login, store: Store
) -> None:
    """The allowed commands without keys are listed here one by one, so that a newer server cannot add one unseen."""
    owner = await new_owner()
    user = (await store.provision_tenant(owner.tenant)).redis_user
    admin = store.cache._admin
    commands = await admin.execute_command("COMMAND")
    allowed = set()
    for name, description in commands.items():
        if description["first_key_pos"] == 0 and "movablekeys" not in description["flags"]:
            verdict = await admin.execute_command("ACL", "DRYRUN", user, *[name] * max(1, abs(description["arity"])))
            if verdict in (b"OK", "OK"):
                allowed.add(name.lower())
    assert allowed <= {
        "auth", "hello", "ping", "echo", "quit", "reset", "select", "asking", "readonly", "readwrite", "client",
        "multi", "exec", "discard", "unwatch", "unsubscribe", "punsubscribe", "wait", "waitaof", "command",
    }, allowed  # fmt: skip


async def test_a_cancelled_read_does_not_hand_its_answer_to_the_next(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner()
    for n in range(20):
        await store.cache_put(owner, f"k{n}", n, 30)
    for _ in range(10):
        tasks = [asyncio.create_task(store.cache_get(owner, f"k{n}")) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert [await store.cache_get(owner, f"k{n}") for n in range(20)] == list(range(20))
