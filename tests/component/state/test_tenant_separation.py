"""A tenant that goes around the platform, straight to PostgreSQL, still meets only itself."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from component.state.store_access import Login, Tenants
from reference_platform.services import ServiceAddresses
from reference_platform.state import AgentRow, Owner, SchemaError, Scope, Store, StoreError
from reference_platform.state.names import GATEWAY_ROLE, tenant_role
from reference_platform.state.relational import database
from reference_platform.state.relational.schema import DOCUMENT_TABLES, USER_TABLES, check_schema

pytestmark = pytest.mark.asyncio

_DENIED = asyncpg.InsufficientPrivilegeError


async def _fill(store: Store, owner: Owner) -> None:
    for scope in Scope:
        await store.put(owner, scope, "key", f"of {owner.tenant}")
    await store.append_history(owner, "main", "entry")
    await store.save_user(owner)
    await store.save_session(owner, "session")
    await store.save_agent(owner, AgentRow("agent", "triage", "main", "running", 1.0))


async def test_a_direct_login_reads_its_own_rows_and_no_foreign_one_in_any_table(
    store: Store, new_owner: Tenants, login: Login
) -> None:
    ann, eve = await new_owner("ann"), await new_owner("eve")
    await _fill(store, ann)
    await _fill(store, Owner(ann.tenant, "bob"))
    await _fill(store, eve)
    async with login.postgres(ann.tenant) as connection:
        for table in set(USER_TABLES) - {"scratch"}:
            users = await connection.fetch(f"SELECT user_id, tenant_role FROM platform.{table}")
            assert {row["user_id"] for row in users} == {"ann", "bob"}, table
            assert {row["tenant_role"] for row in users} == {tenant_role(ann.tenant)}, table
        assert await connection.fetchval("SELECT array_agg(tenant_id) FROM platform.tenants") == [ann.tenant]


async def test_a_direct_login_cannot_write_foreign_rows_but_can_write_its_own(
    store: Store, new_owner: Tenants, login: Login
) -> None:
    ann, eve = await new_owner("ann"), await new_owner("eve")
    await _fill(store, ann)
    foreign = tenant_role(ann.tenant)
    async with login.postgres(eve.tenant) as connection:
        for table in DOCUMENT_TABLES.values():
            insert = f"INSERT INTO platform.{table} (tenant_role, user_id, key, value) VALUES ($1, 'ann', $2, '1')"
            with pytest.raises(_DENIED, match="row-level security"):
                await connection.execute(insert, foreign, "new")
            with pytest.raises(_DENIED, match="row-level security"):
                await connection.execute(insert, foreign, "key")
            await connection.execute(insert, tenant_role(eve.tenant), "new")
            assert await connection.execute(f"UPDATE platform.{table} SET value = '0' WHERE key = 'key'") == "UPDATE 0"
            assert await connection.execute(f"DELETE FROM platform.{table}") == "DELETE 1"
            with pytest.raises(_DENIED):
                await connection.execute(f"TRUNCATE platform.{table}")
        with pytest.raises(_DENIED):
            await connection.execute("INSERT INTO platform.tenants VALUES ($1, 'x', 99)", foreign)
    assert await store.get(ann, Scope.PROFILE, "key") == f"of {ann.tenant}"


async def test_no_setting_and_no_role_change_turns_one_tenant_into_another(
    store: Store, new_owner: Tenants, login: Login
) -> None:
    ann, eve = await new_owner("ann"), await new_owner("eve")
    await _fill(store, ann)
    async with login.postgres(eve.tenant) as connection:
        await connection.execute("SET app.\"user\" = 'ann'; SET app.tenant = 'x'; SET row_security = off")
        with pytest.raises(_DENIED, match="row-level security"):
            await connection.fetch("SELECT * FROM platform.profiles")
        await connection.execute("SET row_security = on")
        assert await connection.fetchval("SELECT count(*) FROM platform.profiles") == 0
        for role in (tenant_role(ann.tenant), GATEWAY_ROLE, "platform_owner", "platform_tenants", "platform_admin"):
            with pytest.raises(_DENIED):
                await connection.execute(f'SET ROLE "{role}"')
            with pytest.raises(_DENIED):
                await connection.execute(f'SET SESSION AUTHORIZATION "{role}"')
        await connection.execute(f'SET ROLE "{tenant_role(eve.tenant)}"')


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE platform.profiles DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_tenant ON platform.profiles",
        "CREATE TABLE platform.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMP TABLE mine (x int)",
        "CREATE ROLE mine",
        "SELECT pg_advisory_lock(7236153370)",
        "SELECT lo_create(0)",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM pg_authid",
        "COPY platform.profiles TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
async def test_a_direct_login_may_not(new_owner: Tenants, login: Login, statement: str) -> None:
    owner = await new_owner()
    async with login.postgres(owner.tenant) as connection:
        with pytest.raises(_DENIED):
            await connection.execute(statement)
        assert await connection.fetchval("SELECT 1") == 1


async def test_a_direct_login_is_cut_short_by_the_statement_time_limit(new_owner: Tenants, login: Login) -> None:
    async with login.postgres((await new_owner()).tenant) as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "10s"


async def test_other_databases_are_closed_to_tenants(
    store: Store, new_owner: Tenants, addresses: ServiceAddresses
) -> None:
    own = await store.provision_tenant((await new_owner()).tenant)
    with pytest.raises(_DENIED):
        await asyncpg.connect(
            host="127.0.0.1",
            port=addresses.postgres_port,
            database="postgres",
            user=own.database_role,
            password=own.database_password,
        )


async def test_a_pooled_connection_carries_nothing_over_also_after_an_error_and_a_cancellation(
    addresses: ServiceAddresses,
) -> None:
    store = await Store.open(addresses, pool_size=1, tenant_share=1)
    try:
        ann, eve = Owner("carry-ann", "ann"), Owner("carry-eve", "eve")
        for owner in (ann, eve):
            await store.provision_tenant(owner.tenant)

        async def who() -> tuple[str, str, str]:
            async with store.database._pool.acquire() as connection:
                row = await connection.fetchrow(
                    "SELECT current_user::text, session_user::text, coalesce(current_setting('app.user', true), '')"
                )
                return tuple(row)

        clean = (GATEWAY_ROLE, GATEWAY_ROLE, "")
        await store.put(ann, Scope.PROFILE, "me", "hers")
        assert await who() == clean
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with store.database.transaction(ann) as connection:
                await connection.execute("SELECT 1/0")
        assert await who() == clean

        async def sleep() -> None:
            async with store.database.transaction(ann) as connection:
                await connection.fetchval("SELECT pg_sleep(5), 'hers'")

        task = asyncio.create_task(sleep())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await who() == clean
        assert await store.get(eve, Scope.PROFILE, "me") is None
        assert await store.get(ann, Scope.PROFILE, "me") == "hers"
    finally:
        for tenant in ("carry-ann", "carry-eve"):
            assert (await store.remove_tenant(tenant)).empty
        await store.close()


async def test_the_gateway_without_a_tenants_role_may_nothing_and_with_it_sees_one_user(
    store: Store, new_owner: Tenants
) -> None:
    ann = await new_owner("ann")
    await _fill(store, ann)
    await _fill(store, Owner(ann.tenant, "bob"))
    async with store.database._pool.acquire() as connection:
        with pytest.raises(_DENIED):
            await connection.fetch("SELECT * FROM platform.profiles")
    async with store.database.transaction(ann) as connection:
        assert [row["user_id"] for row in await connection.fetch("SELECT user_id FROM platform.profiles")] == ["ann"]


@pytest.mark.parametrize(
    "weakness",
    [
        "CREATE TABLE platform.forgotten (x int)",
        "CREATE TABLE platform.forgotten (x int); ALTER TABLE platform.forgotten ENABLE ROW LEVEL SECURITY",
        "CREATE VIEW platform.forgotten AS SELECT 1 AS x",
        "ALTER TABLE platform.profiles NO FORCE ROW LEVEL SECURITY",
        "CREATE POLICY forgotten ON platform.profiles USING (true)",
        "CREATE POLICY forgotten ON platform.profiles FOR INSERT WITH CHECK (true)",
        "ALTER POLICY own_tenant ON platform.profiles USING (tenant_role = current_user OR true)",
        "ALTER ROLE platform_gateway BYPASSRLS",
        "ALTER ROLE platform_owner LOGIN",
    ],
)
async def test_the_self_check_names_what_does_not_separate_tenants(store: Store, weakness: str) -> None:
    async with store.database.admin.acquire() as connection:
        await check_schema(connection)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(weakness)
        with pytest.raises(SchemaError, match=r"forgotten|profiles|platform_gateway|platform_owner"):
            await check_schema(connection)
        await transaction.rollback()


async def test_the_store_does_not_open_on_a_table_without_protection(addresses: ServiceAddresses) -> None:
    admin = await asyncpg.connect(addresses.postgres_url)
    opened = await Store.open(addresses)
    await opened.close()
    await admin.execute("CREATE TABLE platform.forgotten (x int)")
    try:
        with pytest.raises(SchemaError, match="forgotten"):
            await Store.open(addresses)
    finally:
        await admin.execute("DROP TABLE platform.forgotten")
        await admin.close()


async def test_a_second_platform_in_the_same_database_is_refused(
    store: Store, addresses: ServiceAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOCK_ATTEMPTS", 2)
    with pytest.raises(StoreError, match="Another platform"):
        await Store.open(addresses)


@pytest.mark.parametrize("tenant", ["x" * 64, "Same", "same", "a-b_c.d", "-", "..", "'", ""])
async def test_every_well_formed_tenant_id_gets_a_role_of_its_own(store: Store, tenant: str) -> None:
    if tenant in ("'", ""):
        with pytest.raises(ValueError, match="tenant id"):
            await store.provision_tenant(tenant)
        return
    owner = Owner(tenant, "ann")
    await store.provision_tenant(tenant)
    await store.put(owner, Scope.MEMORY, "k", tenant)
    await store.cache_put(owner, "k", tenant, 9)
    assert await store.get(owner, Scope.MEMORY, "k") == tenant
    assert (await store.remove_tenant(tenant)).empty
