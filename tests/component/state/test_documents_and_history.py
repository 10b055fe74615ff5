"""What users save comes back unaltered, to them alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from component.state.store_access import Tenants
from reference_platform.services import ServiceAddresses
from reference_platform.state import JSON, AgentRow, Document, Owner, Scope, Store, StoreError

pytestmark = pytest.mark.asyncio

_VALUES: list[JSON] = [
    {"z": 1, "a": [1.50, -0.0, 12345678901234567890, True, None], "ü": "snow \u2603 \U0001f600 \\u0000 ' \" %s {}"},
    "\x00 inside",
    [],
    0,
    False,
]


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("value", _VALUES, ids=range(len(_VALUES)))
async def test_a_document_comes_back_exactly(store: Store, new_owner: Tenants, scope: Scope, value: JSON) -> None:
    owner = await new_owner()
    await store.put(owner, scope, "key", value)
    found = await store.get(owner, scope, "key")
    assert repr(found) == repr(value)


async def test_a_saved_null_is_told_from_a_missing_document(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner()
    await store.put(owner, Scope.CONTEXT, "nothing", None)
    assert await store.find(owner, Scope.CONTEXT, "nothing") == Document(None)
    assert await store.find(owner, Scope.CONTEXT, "missing") is None


async def test_scopes_do_not_mix_and_keys_are_listed_by_prefix(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner()
    for key in ("b", "a%", "a_1", "a1"):
        await store.put(owner, Scope.PREFERENCE, key, key)
    await store.put(owner, Scope.MEMORY, "a9", 1)
    assert await store.list_keys(owner, Scope.PREFERENCE) == ["a%", "a1", "a_1", "b"]
    assert await store.list_keys(owner, Scope.PREFERENCE, "a_") == ["a_1"]
    assert await store.get(owner, Scope.PREFERENCE, "a9") is None


async def test_a_foreign_document_and_a_missing_one_give_the_same_and_stay_untouched(
    store: Store, new_owner: Tenants
) -> None:
    ann = await new_owner("ann")
    colleague, stranger = Owner(ann.tenant, "bob"), await new_owner("ann2")
    await store.put(ann, Scope.PROFILE, "me", "secret")
    for other in (colleague, stranger):
        for key in ("me", "missing"):
            assert await store.find(other, Scope.PROFILE, key) is None
            assert await store.delete(other, Scope.PROFILE, key) is False
        assert await store.list_keys(other, Scope.PROFILE) == []
        await store.put(other, Scope.PROFILE, "me", "mine")
    assert await store.get(ann, Scope.PROFILE, "me") == "secret"
    assert await store.delete(ann, Scope.PROFILE, "me") is True
    assert await store.get(colleague, Scope.PROFILE, "me") == "mine"


async def test_a_document_can_be_replaced_and_removed_once(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner()
    await store.put(owner, Scope.MEMORY, "k", 1)
    await store.put(owner, Scope.MEMORY, "k", 2)
    assert await store.get(owner, Scope.MEMORY, "k") == 2
    assert [await store.delete(owner, Scope.MEMORY, "k") for _ in range(2)] == [True, False]


@pytest.mark.parametrize("key", ["", "x" * 257, "a\x00b", "line\nbreak", "\ud800"])
async def test_a_key_that_no_store_can_hold_is_refused(store: Store, new_owner: Tenants, key: str) -> None:
    owner = await new_owner()
    with pytest.raises(ValueError, match="A key should be"):
        await store.put(owner, Scope.MEMORY, key, 1)
    with pytest.raises(ValueError, match="A key should be"):
        await store.find(owner, Scope.MEMORY, key)


async def test_what_json_cannot_say_is_refused(store: Store, new_owner: Tenants) -> None:
    with pytest.raises(ValueError, match="JSON"):
        await store.put(await new_owner(), Scope.MEMORY, "k", float("nan"))


async def test_history_is_numbered_without_gaps_even_when_written_at_the_same_time(
    store: Store, new_owner: Tenants
) -> None:
    owner = await new_owner()
    numbers = await asyncio.gather(*(store.append_history(owner, "main", {"n": n}) for n in range(30)))
    assert sorted(numbers) == list(range(1, 31))
    entries: list[Any] = await store.read_history(owner, "main", 30)
    assert [numbers[entry["n"]] for entry in entries] == list(range(1, 31))
    assert await store.read_history(owner, "main", 2) == entries[-2:]


async def test_history_belongs_to_one_user_and_one_thread(store: Store, new_owner: Tenants) -> None:
    ann = await new_owner("ann")
    bob = Owner(ann.tenant, "bob")
    await store.append_history(ann, "main", "hers")
    assert await store.append_history(bob, "main", "his") == 1
    assert await store.append_history(ann, "other", "elsewhere") == 1
    assert await store.read_history(ann, "main", 9) == ["hers"]
    assert await store.read_history(bob, "main", 9) == ["his"]


async def test_agents_sessions_and_users_are_kept_per_owner(store: Store, new_owner: Tenants) -> None:
    ann = await new_owner("ann-of-agents")
    bob = Owner(ann.tenant, "bob-of-agents")
    first, second = (AgentRow(f"a{n}", "triage", "main", "running", 1000.25 + n) for n in range(2))
    for agent in (second, first):
        await store.save_agent(ann, agent)
    await store.save_agent(ann, AgentRow("a1", "triage", "main", "stopped", 0.0))
    assert await store.list_agents(ann) == [first, AgentRow("a1", "triage", "main", "stopped", 1001.25)]
    assert await store.list_agents(bob) == []
    assert await store.remove_agent(bob, "a0") is False
    assert await store.remove_agent(ann, "a0") is True
    await store.save_session(ann, "s1")
    assert await store.end_session(bob, "s1") is False
    assert [await store.end_session(ann, "s1") for _ in range(2)] == [True, False]
    await store.save_user(ann)
    await store.save_user(ann)
    assert (await store.known_users())[ann.user] == ann.tenant


async def test_what_was_saved_survives_a_restart_of_the_gateway(
    store: Store, addresses: ServiceAddresses, new_owner: Tenants
) -> None:
    owner = await new_owner()
    await store.put(owner, Scope.PROFILE, "me", {"company": "Acme"})
    await store.append_history(owner, "main", "first")
    await store.save_session(owner, "s1")
    before = await store.provision_tenant(owner.tenant)
    await store.close()
    again = await Store.open(addresses)
    try:
        after = await again.provision_tenant(owner.tenant)
        assert after.database_password != before.database_password
        assert await again.get(owner, Scope.PROFILE, "me") == {"company": "Acme"}
        assert await again.append_history(owner, "main", "second") == 2
        assert await again.end_session(owner, "s1") is False
    finally:
        await again.close()


async def test_a_tenant_that_was_never_provisioned_is_refused_in_words(store: Store) -> None:
    with pytest.raises(StoreError, match="'ghost' is not known"):
        await store.put(Owner("ghost", "ann"), Scope.PROFILE, "me", 1)
    with pytest.raises(StoreError, match="'ghost' is not known"):
        await store.cache_get(Owner("ghost", "ann"), "k")
    with pytest.raises(StoreError, match="'ghost' is not known"):
        await store.lease_connection(Owner("ghost", "ann"))


async def test_one_tenant_cannot_occupy_the_whole_pool(store: Store, new_owner: Tenants) -> None:
    greedy, victim = await new_owner(), await new_owner()

    async def sleep() -> None:
        async with store.database.transaction(greedy) as connection:
            await connection.execute("SELECT pg_sleep(0.3)")

    sleepers = [asyncio.create_task(sleep()) for _ in range(12)]
    await asyncio.sleep(0.15)
    assert store.pool_use().used <= 3
    await store.put(victim, Scope.MEMORY, "k", 1)
    assert not sleepers[-1].done()
    await asyncio.gather(*sleepers)
    assert store.delays()[greedy.tenant] == 9
    assert victim.tenant not in store.delays()
