"""Tenants' roles in a real PostgreSQL: what a sound database refuses, and each way in which an unsound one leaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from isolation.drive.stores.database import roles as database_roles
from isolation.drive.stores.database.roles import RoleLogin, look_as_roles
from isolation.judge.data.shared_tables import (
    judge_empty_tables,
    judge_functions,
    judge_shared_tables,
)
from isolation.record import Verdict
from isolation.record.access.database_looks import DatabaseLook, TableLook
from reference_platform.services import EmbeddedServices

RUN = "itroles"
OWNERS = {f"{RUN}-t{n}": f"acme-{n}" for n in (1, 2)} | {f"{RUN}-u{n}": f"acme-{n}" for n in (1, 2)}
LOGINS = [RoleLogin(f"acme-{n}", f"{RUN}-t{n}", (f"{RUN}-u{n}",), f"tenant_{RUN}-t{n}", f"secret{n}") for n in (1, 2)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a real server."""
    with EmbeddedServices() as services:
        at = services.addresses
        yield (
            f"postgresql://{at.postgres_admin_user}:{at.postgres_admin_password}"
            f"@{at.postgres_host}:{at.postgres_port}/{at.postgres_database}"
        )


@pytest_asyncio.fixture
async def database(server: str) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """A database of its own with two tenants, two rows each in one well protected table."""
    name = f"db_{uuid4().hex[:8]}"
    root = await asyncpg.connect(server)
    await root.execute(f"CREATE DATABASE {name}")
    address = server.rpartition("/")[0] + f"/{name}"
    admin = await asyncpg.connect(address)
    for login in LOGINS:
        await admin.execute(f"CREATE ROLE \"{login.role}\" LOGIN PASSWORD '{login.password}'")
        await admin.execute(f'GRANT CONNECT ON DATABASE {name} TO "{login.role}"')
        await admin.execute(f'GRANT USAGE ON SCHEMA public TO "{login.role}"')
    await make_table(admin, "notes")
    yield address, admin
    await admin.close()
    await root.execute(f"DROP DATABASE {name}")
    for login in LOGINS:
        await root.execute(f'DROP ROLE "{login.role}"')
    await root.close()


async def make_table(admin: asyncpg.Connection, name: str, protected: bool = True) -> None:
    await admin.execute(
        f"CREATE TABLE {name} (tenant_role name, user_id text, number int, PRIMARY KEY (user_id, number))"
    )
    for login in LOGINS:
        for number in (1, 2):
            await admin.execute(f"INSERT INTO {name} VALUES ($1, $2, $3)", login.role, login.users[0], number)
        await admin.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO "{login.role}"')
    if protected:
        await admin.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        await admin.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        await admin.execute(f"CREATE POLICY own ON {name} USING (tenant_role = current_user)")


async def look(address: str) -> DatabaseLook:
    return await look_as_roles(address, RUN, OWNERS, LOGINS)


def effects(found: DatabaseLook) -> dict[str, bool | None]:
    return {tried.place: tried.had_effect for tried in found.roles[0].attempts}


@pytest.mark.asyncio
async def test_a_sound_database_shows_own_rows_only_and_refuses_every_change(
    database: tuple[str, asyncpg.Connection],
) -> None:
    found = await look(database[0])
    for role in found.roles:
        (seen,) = role.tables
        assert (role.reason, seen.own_rows, seen.expected_own, seen.foreign_rows) == ("", 2, 2, 0)
        assert {tried.place for tried in role.attempts} == {
            "SET ROLE", "UPDATE public.notes", "DELETE from public.notes", "INSERT into public.notes"
        }  # fmt: skip
        assert {(tried.had_effect, tried.owner_could) for tried in role.attempts} == {(False, True)}
    assert [(table.table, table.tenants, table.secured, table.forced) for table in found.shared] == [
        ("public.notes", 2, True, True)
    ]


@pytest.mark.asyncio
async def test_nothing_that_is_tried_stays(database: tuple[str, asyncpg.Connection]) -> None:
    address, admin = database
    await make_table(admin, "open_notes", protected=False)
    before = await admin.fetch("SELECT * FROM open_notes ORDER BY 2, 3")
    await look(address)
    assert await admin.fetch("SELECT * FROM open_notes ORDER BY 2, 3") == before


@pytest.mark.asyncio
async def test_a_table_without_policy_shows_foreign_rows_and_lets_them_be_changed(
    database: tuple[str, asyncpg.Connection],
) -> None:
    address, admin = database
    await make_table(admin, "open_notes", protected=False)
    found = await look(address)
    seen = {table.table: table for table in found.roles[0].tables}
    assert (seen["public.open_notes"].foreign_rows, seen["public.open_notes"].foreign_owner) == (2, "acme-2")
    assert seen["public.notes"].foreign_rows == 0
    assert effects(found)["UPDATE public.open_notes"] is True
    assert effects(found)["DELETE from public.open_notes"] is True
    assert {table.table: table.secured for table in found.shared} == {"public.notes": True, "public.open_notes": False}


@pytest.mark.asyncio
async def test_a_policy_that_only_filters_reading_lets_foreign_rows_be_added(
    database: tuple[str, asyncpg.Connection],
) -> None:
    address, admin = database
    await admin.execute("DROP POLICY own ON notes")
    await admin.execute("CREATE POLICY own ON notes USING (tenant_role = current_user) WITH CHECK (true)")
    await admin.execute("DELETE FROM notes WHERE number = 2 AND user_id = $1", f"{RUN}-u2")
    await admin.execute("UPDATE notes SET number = 7 WHERE user_id = $1", f"{RUN}-u2")
    assert effects(await look(address))["INSERT into public.notes"] is True


@pytest.mark.asyncio
async def test_security_that_does_not_bind_the_owner_is_told(database: tuple[str, asyncpg.Connection]) -> None:
    address, admin = database
    await admin.execute("ALTER TABLE notes NO FORCE ROW LEVEL SECURITY")
    assert [table.forced for table in (await look(address)).shared] == [False]


@pytest.mark.asyncio
async def test_a_role_that_may_become_another_is_found(database: tuple[str, asyncpg.Connection]) -> None:
    address, admin = database
    await admin.execute(f'GRANT "{LOGINS[1].role}" TO "{LOGINS[0].role}" WITH INHERIT FALSE, SET TRUE')
    assert effects(await look(address))["SET ROLE"] is True


@pytest.mark.asyncio
async def test_a_role_that_cannot_log_in_says_why(database: tuple[str, asyncpg.Connection]) -> None:
    found = await look_as_roles(database[0], RUN, OWNERS, [replace(LOGINS[0], password="wrong"), LOGINS[1]])
    assert "InvalidPassword" in found.roles[0].reason
    assert found.roles[0].tables == ()


@pytest.mark.asyncio
async def test_rows_that_grow_meanwhile_are_not_taken_for_foreign_ones(
    database: tuple[str, asyncpg.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose rows a statement changed is decided by the rows, not by how many there were a moment before."""
    address, admin = database
    read, one_at_a_time = database_roles._Visitor.read, asyncio.Lock()

    async def read_and_grow(visitor: database_roles._Visitor, table: database_roles._Table) -> TableLook:
        result = await read(visitor, table)
        own = next(login for login in LOGINS if login.tenant == visitor.tenant)
        async with one_at_a_time:
            await admin.execute("INSERT INTO notes VALUES ($1, $2, $3)", own.role, own.users[0], 50)
        return result

    monkeypatch.setattr(database_roles._Visitor, "read", read_and_grow)
    assert set(effects(await look(address)).values()) == {False}


@pytest.mark.asyncio
async def test_a_view_with_its_owners_rights_shows_foreign_rows(database: tuple[str, asyncpg.Connection]) -> None:
    address, admin = database
    await admin.execute("CREATE VIEW recent AS SELECT * FROM notes")
    await admin.execute("CREATE VIEW own_recent WITH (security_invoker = true) AS SELECT * FROM notes")
    for login in LOGINS:
        await admin.execute(f'GRANT SELECT ON recent, own_recent TO "{login.role}"')
    seen = {table.table: table.foreign_rows for table in (await look(address)).roles[0].tables}
    assert seen == {"public.notes": 0, "public.own_recent": 0, "public.recent": 2}


@pytest.mark.asyncio
async def test_a_function_with_its_owners_rights_is_called_with_the_ids_of_others(
    database: tuple[str, asyncpg.Connection],
) -> None:
    address, admin = database
    await admin.execute(
        "CREATE FUNCTION notes_of(who text) RETURNS SETOF notes LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT * FROM notes WHERE user_id = who'"
    )
    await admin.execute(
        "CREATE FUNCTION my_notes(who text) RETURNS SETOF notes LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT * FROM notes WHERE user_id = who AND tenant_role = session_user'"
    )
    await admin.execute("CREATE FUNCTION echo(who text) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT who'")
    await admin.execute("CREATE FUNCTION by_point(place point) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
    found = await look(address)
    functions = {one.function.partition("(")[0]: one for one in found.roles[0].functions}
    assert functions["public.notes_of"].foreign_owner == "acme-2"
    assert (functions["public.my_notes"].foreign_owner, functions["public.my_notes"].tried) == ("", True)
    assert functions["public.echo"].foreign_owner == ""
    assert functions["public.by_point"].tried is False
    assert judge_functions("CS-5", found.roles).verdict is Verdict.FAIL


@pytest.mark.asyncio
async def test_tables_out_of_reach_need_no_force_and_empty_ones_prove_nothing(
    database: tuple[str, asyncpg.Connection],
) -> None:
    address, admin = database
    await make_table(admin, "ledger", protected=False)
    for login in LOGINS:
        await admin.execute(f'REVOKE ALL ON ledger FROM "{login.role}"')
    await admin.execute("CREATE TABLE drafts (tenant_role name)")
    await admin.execute(f'GRANT SELECT ON drafts TO "{LOGINS[0].role}"')
    found = await look(address)
    assert {table.table: table.reachable for table in found.shared} == {"public.notes": True, "public.ledger": False}
    assert judge_shared_tables("CS-5", found.shared).verdict is Verdict.PASS
    assert found.empty == ("public.drafts",)
    assert judge_empty_tables("CS-5", found.empty, 2).verdict is Verdict.INCONCLUSIVE
