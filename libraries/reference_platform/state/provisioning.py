"""Admitting a tenant to the stores, counting what it has there, and removing all of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncpg

from reference_platform.state.cache import Cache
from reference_platform.state.errors import StoreError
from reference_platform.state.names import (
    GATEWAY_ROLE,
    TENANTS_ROLE,
    quoted_name,
    quoted_text,
    redis_user,
    tenant_role,
)
from reference_platform.state.passwords import new_password, scram_verifier
from reference_platform.state.records import Owner, Residue, TenantCredentials
from reference_platform.state.relational.database import Database
from reference_platform.state.relational.leases import Leases
from reference_platform.state.relational.schema import SCHEMA, USER_TABLES

_TIMEOUTS = "statement_timeout = '10s'", "idle_in_transaction_session_timeout = '60s'"
_TERMINATE_MILLISECONDS = 1000

_SAVE_TENANT = f"""
INSERT INTO {SCHEMA}.tenants (tenant_role, tenant_id, connection_limit) VALUES ($1, $2, $3)
ON CONFLICT (tenant_role) DO UPDATE SET connection_limit = excluded.connection_limit
"""
_TABLES = (*USER_TABLES, "tenants")
_ROLES, _CONNECTIONS = "the role itself", "its connections"
# In one statement: a hundred tenants are removed in a row, and each of them is counted.
_COUNT = " UNION ALL ".join(
    f"SELECT '{name}' AS name, count(*) AS number FROM {place} = $1"
    for name, place in (
        *((table, f"{SCHEMA}.{table} WHERE tenant_role") for table in _TABLES),
        (_ROLES, "pg_roles WHERE rolname"),
        (_CONNECTIONS, "pg_stat_activity WHERE usename"),
    )
)

_COUNT_OF_USER = " UNION ALL ".join(
    f"SELECT '{table}' AS name, count(*) AS number FROM {SCHEMA}.{table} WHERE tenant_role = $1 AND user_id = $2"
    for table in USER_TABLES
)
_END_CONNECTIONS = "SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE usename = $1"


@dataclass(frozen=True, slots=True)
class KnownTenant:
    """A tenant that may use the stores.

    Attributes:
        credentials: Its own logins.
        connection_limit: How many database connections it may have.
    """

    credentials: TenantCredentials
    connection_limit: int


class Provisioning:
    """Knows the tenants that were admitted, with their passwords, which are kept nowhere else in clear."""

    def __init__(self, database: Database, cache: Cache, leases: Leases) -> None:
        """Start with none: after a restart of the gateway tenants are admitted again, with new passwords."""
        self._database = database
        self._cache = cache
        self._leases = leases
        self._known: dict[str, KnownTenant] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def known(self, tenant: str) -> KnownTenant:
        """A tenant that was admitted.

        Raises:
            StoreError: When it was not, or was removed.
        """
        found = self._known.get(tenant)
        if found is None:
            raise StoreError(f"The tenant '{tenant}' is not known to the store")
        return found

    async def admit(self, tenant: str, connection_limit: int) -> TenantCredentials:
        """Give a tenant its roles; again is quick and changes nothing but the limit."""
        async with self._lock(tenant):
            known = self._known.get(tenant)
            if known is None:
                known = KnownTenant(await self._create(tenant, connection_limit), connection_limit)
            elif known.connection_limit != connection_limit:
                await self._change_limit(tenant, connection_limit)
                known = KnownTenant(known.credentials, connection_limit)
            self._known[tenant] = known
            return known.credentials

    async def expel(self, tenant: str) -> Residue:
        """Remove everything of a tenant from the stores.

        Returns:
            What could not be removed.
        """
        async with self._lock(tenant), self._database.without_transactions(tenant):
            self._known.pop(tenant, None)
            for lease in self._leases.of_tenant(tenant):
                lease.cut()
            await self._cache.expel(tenant)
            async with self._database.admin.acquire() as connection:
                await _remove_from_database(connection, tenant_role(tenant))
            return await self.residue(tenant)

    async def remove_user(self, owner: Owner) -> Residue:
        """Remove everything of one user from the stores; returns what could not be removed."""
        role = tenant_role(owner.tenant)
        async with self._database.admin.acquire() as connection, connection.transaction():
            for table in USER_TABLES:
                await connection.execute(
                    f"DELETE FROM {SCHEMA}.{table} WHERE tenant_role = $1 AND user_id = $2", role, owner.user
                )
        counted = await self._database.admin.fetch(_COUNT_OF_USER, role, owner.user)
        rows = {row["name"]: row["number"] for row in counted if row["number"]}
        return Residue(rows=rows, keys=await self._cache.remove_user(owner), roles=0, connections=0)

    async def lock(self, tenant: str, locked: bool) -> None:
        """Let a tenant's own logins into no store any more, and cut their connections; or let them in again."""
        role = tenant_role(tenant)
        for lease in self._leases.of_tenant(tenant) if locked else ():
            lease.cut()
        await self._cache.lock(tenant, locked)
        async with self._database.admin.acquire() as connection:
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
                return
            await connection.execute(f"ALTER ROLE {quoted_name(role)} {'NOLOGIN' if locked else 'LOGIN'}")
            if locked:
                await connection.execute(_END_CONNECTIONS, role, _TERMINATE_MILLISECONDS)

    async def residue(self, tenant: str) -> Residue:
        """Count what a tenant has in the stores."""
        counted = await self._database.admin.fetch(_COUNT, tenant_role(tenant))
        numbers = {row["name"]: row["number"] for row in counted}
        roles, connections = numbers.pop(_ROLES), numbers.pop(_CONNECTIONS)
        return Residue(
            rows={table: number for table, number in numbers.items() if number},
            keys=len(await self._cache.keys(tenant)),
            roles=roles + await self._cache.has_user(tenant),
            connections=connections,
        )

    async def connection_counts(self) -> dict[str, int]:
        """Tenant to its database connections, as PostgreSQL counts them; tenants with none have 0."""
        rows = await self._database.admin.fetch(
            f"SELECT tenant_id, count(pid) AS number FROM {SCHEMA}.tenants "
            "LEFT JOIN pg_stat_activity ON usename = tenant_role GROUP BY tenant_id"
        )
        return {row["tenant_id"]: row["number"] for row in rows}

    async def tenants(self) -> list[str]:
        """Every tenant that has rows or roles, admitted since the start or not."""
        return [row["tenant_id"] for row in await self._database.admin.fetch(f"SELECT tenant_id FROM {SCHEMA}.tenants")]

    async def terminate(self, server_pid: int) -> None:
        """End one connection at the server, also when it is in the middle of a query."""
        await self._database.admin.execute(f"SELECT pg_terminate_backend($1, {_TERMINATE_MILLISECONDS})", server_pid)

    async def _create(self, tenant: str, connection_limit: int) -> TenantCredentials:
        role = tenant_role(tenant)
        credentials = TenantCredentials(role, new_password(), redis_user(tenant), new_password())
        name = quoted_name(role)
        async with self._database.admin.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f"CREATE ROLE {name}")
            await connection.execute(
                f"ALTER ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE "
                f"CONNECTION LIMIT {connection_limit:d} "
                f"PASSWORD {quoted_text(scram_verifier(credentials.database_password))};"
                + "".join(f"ALTER ROLE {name} SET {setting};" for setting in _TIMEOUTS)
                + f"GRANT {TENANTS_ROLE} TO {name} WITH INHERIT TRUE, SET FALSE;"
                f"GRANT {name} TO {GATEWAY_ROLE} WITH INHERIT FALSE, SET TRUE"
            )
            await connection.execute(_SAVE_TENANT, role, tenant, connection_limit)
        await self._cache.admit(tenant, credentials.redis_password)
        return credentials

    async def _change_limit(self, tenant: str, connection_limit: int) -> None:
        role = tenant_role(tenant)
        await self._database.admin.execute(f"ALTER ROLE {quoted_name(role)} CONNECTION LIMIT {connection_limit:d}")
        await self._database.admin.execute(_SAVE_TENANT, role, tenant, connection_limit)

    def _lock(self, tenant: str) -> asyncio.Lock:
        return self._locks.setdefault(tenant, asyncio.Lock())


async def _remove_from_database(connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record], role: str) -> None:
    """Lock the role out, end its connections, remove its rows, then the role."""
    name, text = quoted_name(role), quoted_text(role)
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    if exists:
        # Committed before anything else, so that nobody comes in meanwhile.
        await connection.execute(f"ALTER ROLE {name} NOLOGIN")
        await connection.execute(_END_CONNECTIONS, role, _TERMINATE_MILLISECONDS)
    async with connection.transaction():
        await connection.execute(
            "".join(f"DELETE FROM {SCHEMA}.{table} WHERE tenant_role = {text};" for table in _TABLES)
            + (f"DROP OWNED BY {name}; DROP ROLE {name}" if exists else "")
        )
