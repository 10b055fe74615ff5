"""Whether a database may be used, and whose the things in it are: an earlier run's are removed, a stranger's never."""

from __future__ import annotations

import re
from typing import TypeAlias

import asyncpg

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.state.errors import StoreError
from reference_platform.state.names import GATEWAY_ROLE, OWNER_ROLE, TENANTS_ROLE, quoted_text
from reference_platform.state.relational.schema import SCHEMA

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
OLDEST_VERSION = 16
MARK = "tenant_isolation.test_database"
_ROLES = (GATEWAY_ROLE, TENANTS_ROLE, OWNER_ROLE)
_COMMENT = "Reference platform of the tenant isolation suite, run "
_RUN = re.compile(re.escape(_COMMENT) + r"([0-9a-f]+)$")
_SCHEMA_COMMENT = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1"


async def require_usable_server(connection: Connection, addresses: ServiceAddresses) -> None:
    """Refuse a server that is too old, a replica, a login that may not do enough, and a database that is not for tests.

    Raises:
        StoreError: One sentence that says which of them.
    """
    version = connection.get_server_version()
    if version.major < OLDEST_VERSION:
        raise StoreError(
            f"PostgreSQL {OLDEST_VERSION} or newer is needed, because earlier ones cannot grant a role without its "
            f"rights (GRANT ... WITH INHERIT FALSE, SET TRUE), but the server at {addresses.postgres_place} is version "
            f"{version.major}.{version.minor}"
        )
    if await connection.fetchval("SELECT pg_is_in_recovery()"):
        raise StoreError(
            f"The PostgreSQL server at {addresses.postgres_place} is a replica: nothing can be written there"
        )
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        raise StoreError("The PostgreSQL address should log in as a superuser of a test server: it makes roles")
    if addresses.needs_mark and not await connection.fetchval("SELECT current_setting($1, true) = 'yes'", MARK):
        name = addresses.postgres_database
        raise StoreError(
            f"'{name}' does not look like a test database, and roles, tables and rows are made and removed there: use "
            f"one with a part 'test' in its name, such as '{name}_test', or mark this one: "
            f"ALTER DATABASE \"{name}\" SET {MARK} = 'yes'"
        )


async def earlier_run(connection: Connection) -> str | None:
    """The run that made the schema; None when there is no schema.

    Raises:
        StoreError: There is a schema, or a role, of that name which none of our runs has made.
    """
    exists = await connection.fetchval("SELECT true FROM pg_namespace WHERE nspname = $1", SCHEMA)
    if exists:
        run = _RUN.fullmatch(str(await connection.fetchval(_SCHEMA_COMMENT, SCHEMA)))
        if run is None:
            raise StoreError(
                f"The database has a schema '{SCHEMA}' that this platform has not made: it is left alone; name another database"
            )
        return run[1]
    found = await connection.fetch(
        "SELECT rolname, shobj_description(oid, 'pg_authid') AS comment FROM pg_roles WHERE rolname = ANY($1)", _ROLES
    )
    for role in found:
        if _RUN.fullmatch(str(role["comment"])) is None:
            raise StoreError(
                f"The PostgreSQL server has a role '{role['rolname']}' that this platform has not made: it is left alone"
            )
    return None


async def sign(connection: Connection, run: str) -> None:
    """Note in the database which run has made schema and roles.

    Args:
        connection: Logged in as a superuser.
        run: Hexadecimal digits.
    """
    comment = quoted_text(_COMMENT + run)
    places = [f"SCHEMA {SCHEMA}", *(f"ROLE {role}" for role in _ROLES)]
    await connection.execute("; ".join(f"COMMENT ON {place} IS {comment}" for place in places))
