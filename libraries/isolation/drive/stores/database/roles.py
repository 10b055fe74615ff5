"""Logging in to the database as the tenants themselves, to see what their roles see and can change.

No knowledge of the platform's tables is needed: every id of a run carries the run's id, so the text of a row tells
whose it is. Everything that is written is rolled back.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from isolation.drive.platform.known_ids import KnownIds
from isolation.drive.stores.database.functions import call_functions
from isolation.record.access.database_looks import (
    DatabaseLook,
    FunctionLook,
    RoleAttempt,
    RoleLook,
    SharedTable,
    TableLook,
)

_AT_ONCE = 8
_MORE_ROWS = 1_000
"""So many rows above the own ones are read at most: enough to prove a leak, bounded when everything leaks."""
_TABLES = """
SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
       (SELECT quote_ident(a.attname) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ORDER BY a.attnum LIMIT 1) AS first_column
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1
"""
_RIGHTS = """
SELECT c.oid, has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') AS reads,
       c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE') AS writes,
       has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
         OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') AS touches
FROM pg_class c WHERE c.oid = ANY ($1) AND has_schema_privilege(c.relnamespace, 'USAGE')
"""
_REFUSED = asyncpg.InsufficientPrivilegeError


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: its name with the schema, its first column, its protection, and how many rows of each tenant it holds."""

    name: str
    first_column: str
    secured: bool
    forced: bool
    expected: Counter[str]
    rows: int = 0


@dataclass(frozen=True, slots=True)
class _Rights:
    """What a role may do with a table: read it, change its rows, or anything at all."""

    reads: bool
    writes: bool
    touches: bool


@dataclass(frozen=True, slots=True)
class RoleLogin:
    """How one tenant gets into the database.

    Attributes:
        tenant: How the scenario calls it.
        tenant_id: Its id on the platform.
        users: Ids of its users.
        role: Its database role.
        password: The role's password; never shown.
    """

    tenant: str
    tenant_id: str
    users: tuple[str, ...]
    role: str
    password: str = field(repr=False)


class _Owners:
    """Whose a row is, by the ids in its text."""

    def __init__(self, run_id: str, owners: Mapping[str, str]) -> None:
        self._ids = KnownIds(owners, run_id)
        self._owners = owners

    def of(self, row: str) -> set[str]:
        """Names of all tenants that the row mentions; an id of the run that nobody knows is its own name."""
        return {self._owners.get(found, found) for found in self._ids.named(row)}


async def look_as_roles(address: str, run_id: str, owners: Mapping[str, str], logins: list[RoleLogin]) -> DatabaseLook:
    """Log in as each role, read every table, and try to change what is the next tenant's.

    Args:
        address: PostgreSQL as the operator reaches it, for reading only.
        run_id: Id of the run, which every id begins with.
        owners: Ids of tenants and users to the names of their tenants.
        logins: The roles; each one's foreign tenant is the next in the list.

    Returns:
        One look per login, in the same order, and the tables that several tenants share.
    """
    whose = _Owners(run_id, owners)
    tables = await _what_is_there(address, whose)
    gate, writing = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()
    touched: set[int] = set()

    async def one(number: int, login: RoleLogin) -> RoleLook:
        async with gate:
            try:
                role = await asyncpg.connect(address, user=login.role, password=login.password, timeout=10)
            except (OSError, asyncpg.PostgresError, TimeoutError) as error:
                return RoleLook(login.tenant, reason=f"{type(error).__name__}: {error}")
            try:
                visitor = _Visitor(role, login, logins[(number + 1) % len(logins)], whose)
                return await _look(visitor, tables, writing, touched)
            finally:
                await role.close()

    looks = await asyncio.gather(*(one(number, login) for number, login in enumerate(logins)))
    shared = [
        SharedTable(table.name, len(table.expected), table.secured, table.forced, oid in touched)
        for oid, table in tables.items()
        if len(table.expected) > 1
    ]
    empty = [table.name for oid, table in tables.items() if oid in touched and not table.rows and not table.secured]
    return DatabaseLook(tuple(looks), tuple(shared), tuple(empty))


async def _look(visitor: _Visitor, tables: dict[int, _Table], writing: asyncio.Lock, touched: set[int]) -> RoleLook:
    rights = await visitor.rights(list(tables))
    touched.update(oid for oid, right in rights.items() if right.touches)
    looks = [await visitor.read(tables[oid]) for oid, right in rights.items() if right.reads]
    functions: tuple[FunctionLook, ...] = ()
    attempts: list[RoleAttempt] = []
    if not visitor.is_alone:
        async with writing:  # a role that reaches foreign rows would lock them against the others
            attempts.append(await visitor.become())
            for oid, right in rights.items():
                if right.writes and tables[oid].expected[visitor.tenant]:
                    attempts += await visitor.write(tables[oid])
        functions = await visitor.call_functions()
    return RoleLook(visitor.tenant, tuple(looks), tuple(attempts), "", functions)


class _Visitor:
    """One role inside the database."""

    def __init__(self, connection: Any, login: RoleLogin, other: RoleLogin, whose: _Owners) -> None:
        self._connection = connection
        self._login = login
        self._other = other
        self._whose = whose

    @property
    def tenant(self) -> str:
        """Name of the tenant whose role it is."""
        return self._login.tenant

    @property
    def is_alone(self) -> bool:
        """Whether there is no other tenant whose things could be tried."""
        return self._login is self._other

    async def rights(self, oids: list[int]) -> dict[int, _Rights]:
        """What the role may do with each table."""
        rows = await self._connection.fetch(_RIGHTS, oids)
        return {row["oid"]: _Rights(row["reads"], row["writes"], row["touches"]) for row in rows}

    async def call_functions(self) -> tuple[FunctionLook, ...]:
        """Call what works with the rights of others, with the other tenant's ids; see ``database_functions``."""
        ids = (self._other.tenant_id, *self._other.users, self._other.role)
        return await call_functions(self._connection, ids, lambda text: self._whose.of(text) - {self.tenant})

    async def read(self, table: _Table) -> TableLook:
        """Read a table and sort its rows by owner."""
        expected = table.expected[self.tenant]
        others = table.expected.total() - expected
        try:
            rows = await self._connection.fetch(
                f"SELECT t::text AS row FROM {table.name} AS t LIMIT {expected + _MORE_ROWS}"
            )
        except asyncpg.PostgresError:
            return TableLook(table.name, None, 0, "", expected, others)
        mentioned = [self._whose.of(row["row"]) for row in rows]
        strangers = Counter(name for names in mentioned for name in sorted(names - {self.tenant})[:1])
        own = sum(names == {self.tenant} for names in mentioned)
        first = strangers.most_common(1)
        return TableLook(table.name, own, strangers.total(), first[0][0] if first else "", expected, others)

    async def become(self) -> RoleAttempt:
        """Try to become the other tenant's role; becoming one's own is the control."""
        own = await self._trying(f"SET ROLE {_quoted(self._login.role)}")
        other = await self._trying(f"SET ROLE {_quoted(self._other.role)}")
        return RoleAttempt(self._other.tenant, "SET ROLE", other is not None, own is not None)

    async def write(self, table: _Table) -> list[RoleAttempt]:
        """Try to change, remove and add rows of others in one table."""
        attempts = []
        for verb, statement in (
            ("UPDATE", f"UPDATE {table.name} AS t SET {table.first_column} = {table.first_column}"),
            ("DELETE from", f"DELETE FROM {table.name} AS t"),
        ):
            foreign, own = await self._changed(statement, table)
            attempts.append(RoleAttempt(self._other.tenant, f"{verb} {table.name}", foreign, own))
        attempts.append(await self._insert(table.name))
        return attempts

    async def _changed(self, statement: str, table: _Table) -> tuple[bool | None, bool]:
        """Whether a statement changed rows of others, and whether it changed any: by the rows themselves.

        A role that may change what it may not see leaves only their number; that proves something where it has none.
        """
        rows = await self._returned(f"{statement} RETURNING t::text AS row")
        if rows is not None:
            owners = [self._whose.of(row) for row in rows]
            return any(names - {self.tenant} for names in owners), bool(rows)
        count = await self._trying(statement) or 0
        if not count:
            return False, False
        return (True if not table.expected[self.tenant] else None), True

    async def _returned(self, statement: str) -> list[str] | None:
        """The rows that a statement changed, in a transaction that is rolled back; None when it may not show them."""
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            return [row["row"] for row in await self._connection.fetch(statement)]
        except _REFUSED:
            return None
        finally:
            await transaction.rollback()

    async def _insert(self, table: str) -> RoleAttempt:
        """Add a row in the name of the other tenant: an own row with every own id replaced by one of the other's."""
        row = await self._own_row(table)
        place = f"INSERT into {table}"
        if row is None:
            return RoleAttempt(self._other.tenant, place, None, False)
        insert = f"INSERT INTO {table} SELECT * FROM json_populate_record(NULL::{table}, $1::json)"
        own = await self._trying(f"DELETE FROM {table}", (insert, row))
        replacements = self._replacements()
        forged = KnownIds(replacements).replaced(row, replacements)
        foreign = await self._trying((f"{insert} ON CONFLICT DO NOTHING", forged))
        # A row that is there already was let through by the policy and stopped by its key alone: nobody can tell.
        return RoleAttempt(self._other.tenant, place, None if foreign == 0 else foreign is not None, own is not None)

    async def _own_row(self, table: str) -> str | None:
        rows = await self._connection.fetch(f"SELECT row_to_json(t)::text AS row FROM {table} AS t LIMIT {_MORE_ROWS}")
        return next((row["row"] for row in rows if self._whose.of(row["row"]) == {self._login.tenant}), None)

    def _replacements(self) -> dict[str, str]:
        users = dict.fromkeys(self._login.users, self._other.users[0])
        return {self._login.role: self._other.role, self._login.tenant_id: self._other.tenant_id, **users}

    async def _trying(self, *statements: str | tuple[str, str]) -> int | None:
        """Run statements in a transaction that is always rolled back.

        Returns:
            Rows that the last one changed, or None when the database refused one of them.
        """
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            changed = 0
            for statement in statements:
                words = (statement,) if isinstance(statement, str) else statement
                status = str(await self._connection.execute(*words))
                count = status.rpartition(" ")[2]
                changed = int(count) if count.isdigit() else 0
            return changed
        except _REFUSED:
            return None
        finally:
            await transaction.rollback()


async def _what_is_there(address: str, whose: _Owners) -> dict[int, _Table]:
    """All tables of the database, with the rows that each tenant has in them."""
    tables: dict[int, _Table] = {}
    operator = await asyncpg.connect(address, timeout=10)
    try:
        for found in await operator.fetch(_TABLES):
            expected: Counter[str] = Counter()
            rows = await operator.fetch(f"SELECT t::text AS row FROM {found['name']} AS t")
            for row in rows:
                expected.update(whose.of(row["row"]))
            tables[found["oid"]] = _Table(
                found["name"], found["first_column"], found["secured"], found["forced"], expected, len(rows)
            )
    finally:
        await operator.close()
    return tables


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
