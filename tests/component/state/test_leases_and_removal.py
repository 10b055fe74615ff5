"""Leased connections count against the tenant, can be taken back, and a removed tenant leaves nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest
import redis.asyncio as redis

from component.state.store_access import Login, Tenants
from reference_platform.services import ServiceAddresses
from reference_platform.state import AgentRow, Owner, QueryKind, QuotaExceeded, Residue, Scope, Store, StoreError
from reference_platform.state.metrics import MetricsStore

pytestmark = pytest.mark.asyncio


async def _connections(store: Store, owner: Owner, wanted: int) -> int:
    """The tenant's connections, once the server has noticed those that were closed."""
    for _ in range(100):
        found = (await store.connection_counts())[owner.tenant]
        if found == wanted:
            break
        await asyncio.sleep(0.02)
    return found


async def test_the_limit_refuses_one_more_and_a_released_one_is_free_again(store: Store, new_owner: Tenants) -> None:
    owner, other = await new_owner(connection_limit=3), await new_owner()
    held = [await store.lease_connection(owner, "agent-1") for _ in range(3)]
    with pytest.raises(QuotaExceeded, match=r"as many database connections as it may \(3\)"):
        await store.lease_connection(owner)
    assert await _connections(store, owner, 3) == 3
    assert await _connections(store, other, 0) == 0
    await held[0].release()
    await held[0].release()
    again = await store.lease_connection(owner)
    for lease in (*held[1:], again):
        await lease.release()
    assert await _connections(store, owner, 0) == 0
    assert store.leases(owner.tenant) == []


async def test_a_changed_limit_counts_at_once_and_keeps_the_password(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner(connection_limit=1)
    before = await store.provision_tenant(owner.tenant, 1)
    assert await store.provision_tenant(owner.tenant, 2) == before
    held = [await store.lease_connection(owner) for _ in range(2)]
    with pytest.raises(QuotaExceeded):
        await store.lease_connection(owner)
    for lease in held:
        await lease.release()


async def test_direct_logins_count_against_the_same_limit(store: Store, new_owner: Tenants, login: Login) -> None:
    owner = await new_owner()
    held = [await store.lease_connection(owner) for _ in range(4)]
    async with login.postgres(owner.tenant):
        with pytest.raises(QuotaExceeded):
            await store.lease_connection(owner)
        with pytest.raises(asyncpg.TooManyConnectionsError):
            async with login.postgres(owner.tenant):
                pass
    for lease in held:
        await lease.release()


@pytest.mark.parametrize("kind", list(QueryKind))
async def test_a_query_works_on_as_many_rows_as_asked_and_leaves_none(
    store: Store, new_owner: Tenants, kind: QueryKind
) -> None:
    owner = await new_owner()
    lease = await store.lease_connection(owner)
    assert [await lease.query(kind, size) for size in (0, 1, 250)] == [0, 1, 250]
    assert "scratch" not in (await store.residue(owner.tenant)).rows
    await lease.release()


async def test_a_cancelled_query_leaves_no_rows_and_a_usable_lease(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner()
    lease = await store.lease_connection(owner)
    task = asyncio.create_task(lease.query(QueryKind.ROWS, 2_000_000))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await lease.query(QueryKind.ROWS, 5) == 5
    assert "scratch" not in (await store.residue(owner.tenant)).rows
    await lease.release()


async def test_leases_tell_age_idleness_and_holder_and_a_running_one_is_not_idle(
    store: Store, new_owner: Tenants
) -> None:
    owner = await new_owner()
    idle, busy = [await store.lease_connection(owner, f"agent-{n}") for n in range(2)]
    task = asyncio.create_task(busy.query(QueryKind.SORT, 400_000))
    await asyncio.sleep(0.15)
    first, second = store.leases(owner.tenant)
    assert (first.holder, second.holder) == ("agent-0", "agent-1")
    assert first.age_seconds >= first.idle_seconds >= 0.1
    assert task.done() or second.idle_seconds == 0.0
    await task
    assert {info.lease_id for info in store.leases()} >= {idle.lease_id, busy.lease_id}
    await idle.release()
    await busy.release()


async def test_a_reclaimed_lease_is_closed_at_the_server_and_says_so_to_its_holder(
    store: Store, new_owner: Tenants
) -> None:
    owner = await new_owner()
    leaked, working = [await store.lease_connection(owner) for _ in range(2)]
    task = asyncio.create_task(working.query(QueryKind.SORT, 5_000_000))
    await asyncio.sleep(0.1)
    assert await store.reclaim(leaked.lease_id) is True
    assert await store.reclaim(leaked.lease_id) is False
    assert await _connections(store, owner, 1) == 1
    assert await store.reclaim(working.lease_id) is True
    assert await _connections(store, owner, 0) == 0
    with pytest.raises(StoreError, match="is closed"):
        await task
    with pytest.raises(StoreError, match="is closed"):
        await leaked.query(QueryKind.ROWS, 1)


async def test_a_removed_tenant_leaves_nothing_and_its_neighbour_keeps_everything(
    store: Store, new_owner: Tenants, login: Login
) -> None:
    gone, stays = await new_owner("ann"), await new_owner("ann-stays")
    for owner in (gone, stays):
        for scope in Scope:
            await store.put(owner, scope, "k", 1)
        await store.append_history(owner, "main", 1)
        await store.save_agent(owner, AgentRow("a", "data", "main", "running", 1.0))
        await store.cache_put(owner, "k", 1, 60)
    lease = await store.lease_connection(gone)
    old = await store.provision_tenant(gone.tenant)
    kept = await store.residue(stays.tenant)
    async with login.postgres(gone.tenant) as direct, login.redis(gone.tenant) as client:
        await client.set(f"t:{gone.tenant}:own", 1)
        assert (await store.residue(gone.tenant)).connections == 2
        assert await store.remove_tenant(gone.tenant) == Residue({}, 0, 0, 0)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await direct.fetchval("SELECT 1")
        with pytest.raises(redis.RedisError):
            await client.get(f"t:{gone.tenant}:own")
    with pytest.raises(StoreError):
        await lease.query(QueryKind.ROWS, 1)
    with pytest.raises(StoreError, match="not known"):
        await store.put(gone, Scope.MEMORY, "k", 1)
    assert await store.residue(stays.tenant) == kept
    assert (await store.provision_tenant(gone.tenant)).database_password != old.database_password
    assert await store.get(gone, Scope.MEMORY, "k") is None


async def test_removal_waits_for_what_is_under_way_and_nothing_comes_back(store: Store, new_owner: Tenants) -> None:
    owner = await new_owner()

    async def write(number: int) -> None:
        await store.append_history(owner, "main", number)

    writers = [asyncio.create_task(write(n)) for n in range(40)]
    await asyncio.sleep(0.005)
    assert (await store.remove_tenant(owner.tenant)).empty
    await asyncio.gather(*writers, return_exceptions=True)
    assert (await store.residue(owner.tenant)).empty


async def test_removing_a_tenant_that_never_was_is_no_error(store: Store) -> None:
    assert (await store.remove_tenant("never-was")).empty


async def test_the_platform_can_be_taken_out_of_stores_that_go_on_living(
    store: Store, addresses: ServiceAddresses, new_owner: Tenants
) -> None:
    owner = await new_owner()
    await store.put(owner, Scope.MEMORY, "k", 1)
    assert await store.remove_platform() == {}
    admin = await asyncpg.connect(addresses.postgres_url)
    assert await admin.fetchval("SELECT count(*) FROM pg_roles WHERE rolname ~ '^(tenant_|platform_[^a])'") == 0
    assert await admin.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = 'platform'") == 0
    await admin.close()


async def test_no_password_shows_in_repr(store: Store, new_owner: Tenants) -> None:
    own = await store.provision_tenant((await new_owner()).tenant)
    assert own.database_password not in repr(own) and own.redis_password not in repr(own)


async def test_an_unreachable_store_is_named_without_its_password(addresses: ServiceAddresses) -> None:
    for change in ({"postgres_port": 1}, {"redis_port": 1}, {"postgres_admin_password": "wrong"}):
        broken = replace(addresses, **change)
        with pytest.raises(StoreError, match=r"(PostgreSQL|Redis) at 127\.0\.0\.1") as refused:
            await Store.open(broken)
        assert addresses.redis_admin_password not in str(refused.value)


async def test_an_analytics_store_that_is_not_there_is_explained(addresses: ServiceAddresses) -> None:
    nothing = replace(addresses, clickhouse_path=None)
    assert await MetricsStore.open(nothing) == (None, "no analytics store is configured")


async def test_an_analytics_store_that_cannot_be_reached_is_explained(addresses: ServiceAddresses) -> None:
    pytest.importorskip("clickhouse_connect", reason="needs the optional packages of the analytics store")
    broken = replace(addresses, clickhouse_url="http://boss:hush@127.0.0.1:1/db")
    store, reason = await MetricsStore.open(broken)
    assert store is None and "cannot be used" in reason and "hush" not in reason
