"""A tenant's Redis user reaches its own keys and channels and learns nothing about others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis.asyncio as redis

from component.state.store_access import Login, Tenants
from reference_platform.services import ServiceAddresses
from reference_platform.state import Owner, Store

pytestmark = pytest.mark.asyncio

_TELLTALES = [
    "SCAN 0", "KEYS *", "RANDOMKEY", "DBSIZE", "FLUSHALL", "FLUSHDB", "SWAPDB 0 1", "CONFIG GET *", "CLIENT LIST",
    "ACL LIST", "ACL WHOAMI", "MONITOR", "INFO", "PUBSUB CHANNELS", "DEBUG SLEEP 0", "SHUTDOWN", "SAVE", "SLOWLOG GET",
    "FUNCTION LIST", "SCRIPT FLUSH", "LATENCY LATEST", "MEMORY STATS", "SORT x", "MIGRATE 127.0.0.1 1 x 0 1",
    "REPLICAOF NO ONE", "MODULE LIST", "CLUSTER NODES",
    "CLIENT TRACKING ON BCAST", "CLIENT NO-EVICT ON",
]  # fmt: skip


_HARMLESS = {
    "asking", "auth", "client|getname", "client|id", "client|info", "client|setinfo", "client|setname", "command",
    "command|count", "command|docs", "command|getkeys", "command|getkeysandflags", "command|help", "command|info",
    "command|list", "discard", "echo", "exec", "hello", "multi", "ping", "punsubscribe", "quit", "readonly",
    "readwrite", "reset", "select", "sunsubscribe", "unsubscribe", "unwatch", "wait", "waitaof",
}  # fmt: skip


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
        for command in (
            "GET {}",
            "SET {} 1",
            "DEL {}",
            "EXISTS {}",
            "TYPE {}",
            "TTL {}",
            "OBJECT ENCODING {}",
            "DUMP {}",
        ):
            with pytest.raises(redis.RedisError, match=r"(?i)permission"):
                await client.execute_command(*command.format(foreign).split())
        for command in (
            "SET {} 1",
            "GET {}",
            "EXISTS {}",
            "TYPE {}",
            "TTL {}",
            "OBJECT ENCODING {}",
            "DUMP {}",
            "DEL {}",
        ):
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
        with pytest.raises(redis.RedisError, match=r"(?i)permission|not allowed"):
            await client.execute_command(*command.split())
        assert await client.ping()


async def test_no_command_of_the_server_is_allowed_on_foreign_things_but_the_harmless_ones_listed_here(
    new_owner: Tenants, store: Store, addresses: ServiceAddresses
) -> None:
    """Every command that the server knows is tried (``ACL DRYRUN``), so that a newer server cannot add one unseen."""
    own = await store.provision_tenant((await new_owner()).tenant)
    admin: Any = redis.Redis.from_url(addresses.redis_url)
    # The client would take any answer that begins with COMMAND for the long description of all commands.
    admin.response_callbacks.clear()
    no_evidence, keyed = set(), set()
    for name in await admin.execute_command("COMMAND", "LIST"):
        for arguments in _guesses("t:somebody:x"):
            try:
                words = [*name.decode().split("|"), *arguments]
                verdict = await admin.execute_command("ACL", "DRYRUN", own.redis_user, *words)
            except redis.ResponseError:
                continue
            if verdict == b"OK":
                no_evidence.add(name.decode())
            elif b"key" in verdict:
                keyed.add(name.decode())
    await admin.aclose()
    assert no_evidence - keyed - _HARMLESS == set()
    assert "ping" in no_evidence and "get" in keyed


async def test_the_one_command_whose_key_the_server_does_not_check_is_taken_away(
    store: Store, new_owner: Tenants, login: Login
) -> None:
    ann, eve = await new_owner(), await new_owner()
    async with login.redis(eve.tenant) as client:
        with pytest.raises(redis.RedisError, match=r"(?i)permission"):
            await client.execute_command("PFMERGE", f"t:{ann.tenant}:new")
    assert await store.cache_keys(ann.tenant) == []


def _guesses(key: str) -> list[list[str]]:
    """Arguments that make any command name this key and no other: plain, counted, or behind a word."""
    plain = [[key] * number for number in range(7)]
    counted = [["1", key, *rest] for rest in ([], ["LEFT"], ["MIN"], [key])]
    mixed = [["0", "1", key, "LEFT"], ["0", "1", key, "MIN"], [key, "1", key], ["STREAMS", key, "0"]]
    return plain + counted + mixed + [["GROUP", "g", "c", "STREAMS", key, "0"]]


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
