"""The tables, and what keeps the tenants apart in them.

Every row carries the database role of its tenant. The policies compare it with ``current_user``: the gateway becomes
the tenant's role for each transaction, a tenant that logs in directly *is* that role, and nobody can set
``current_user`` to a role that was not granted. No setting that a session could change decides about tenants.
"""

from __future__ import annotations

import asyncpg

from reference_platform.state.errors import SchemaError
from reference_platform.state.names import GATEWAY_ROLE, OWNER_ROLE, TENANTS_ROLE, quoted_name
from reference_platform.state.records import Scope

SCHEMA = "platform"

DOCUMENT_TABLES = {
    Scope.PROFILE: "profiles",
    Scope.PREFERENCE: "preferences",
    Scope.MEMORY: "agent_memory",
    Scope.CONTEXT: "session_context",
}

_TABLES = {
    "users": "first_seen timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_role, user_id)",
    "sessions": "session_id text NOT NULL, opened_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz,"
    " PRIMARY KEY (tenant_role, user_id, session_id)",
    "agents": "agent_id text NOT NULL, agent_type text NOT NULL, thread text NOT NULL, status text NOT NULL,"
    " created_at double precision NOT NULL, PRIMARY KEY (tenant_role, user_id, agent_id)",
    "threads": "thread text NOT NULL, last_number bigint NOT NULL, PRIMARY KEY (tenant_role, user_id, thread)",
    "history": "thread text NOT NULL, number bigint NOT NULL, entry json NOT NULL,"
    " written_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_role, user_id, thread, number)",
    "scratch": "lease_id text NOT NULL, number integer NOT NULL, payload text NOT NULL,"
    " PRIMARY KEY (tenant_role, user_id, lease_id, number)",
} | dict.fromkeys(
    DOCUMENT_TABLES.values(),
    # json and not jsonb: it keeps the text as it was written, so nothing is altered on the way.
    "key text NOT NULL, value json NOT NULL, written_at timestamptz NOT NULL DEFAULT now(),"
    " PRIMARY KEY (tenant_role, user_id, key)",
)

USER_TABLES = tuple(_TABLES)
"""The tables whose rows belong to a user."""

_ROLES = f"""
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['{OWNER_ROLE}', '{GATEWAY_ROLE}', '{TENANTS_ROLE}'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
        EXECUTE format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT NOLOGIN', wanted);
    END LOOP;
END $$;
CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {OWNER_ROLE};
GRANT USAGE ON SCHEMA {SCHEMA} TO {TENANTS_ROLE};
"""

_TENANTS_TABLE = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}.tenants (
    tenant_role name PRIMARY KEY, tenant_id text NOT NULL UNIQUE, connection_limit integer NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now());
ALTER TABLE {SCHEMA}.tenants OWNER TO {OWNER_ROLE};
ALTER TABLE {SCHEMA}.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE {SCHEMA}.tenants FORCE ROW LEVEL SECURITY;
GRANT SELECT ON {SCHEMA}.tenants TO {TENANTS_ROLE};
DROP POLICY IF EXISTS own_tenant ON {SCHEMA}.tenants;
CREATE POLICY own_tenant ON {SCHEMA}.tenants USING (tenant_role = current_user);
"""

# What lets one tenant disturb or watch another although it reads no row: locks by number, large objects, temporary
# tables, other sessions' activity.
_CLOSED_DOORS = """
DO $$
DECLARE found regprocedure;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    FOR found IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname ~ '^pg_(try_)?advisory_(xact_)?lock' OR proname ~ '^lo_(create|creat|import|from_bytea)$'
             OR proname ~ '^pg_stat_get_(activity|backend)' OR proname IN ('pg_notify', 'pg_lock_status'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found);
    END LOOP;
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
"""

_BY_TENANT = "(tenant_role = CURRENT_USER)"

_UNPROTECTED = f"""
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT (c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
           AND c.relowner = '{OWNER_ROLE}'::regrole
           AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
                       AND pg_get_expr(p.polqual, p.polrelid) = '{_BY_TENANT}')
           AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive
                           AND '{_BY_TENANT}' <> ANY (ARRAY[pg_get_expr(p.polqual, p.polrelid),
                                                            pg_get_expr(p.polwithcheck, p.polrelid)])))
ORDER BY c.relname
"""

_TOO_MIGHTY = f"""
SELECT r.rolname FROM pg_roles r
WHERE (r.rolname IN ('{OWNER_ROLE}', '{GATEWAY_ROLE}', '{TENANTS_ROLE}')
       OR r.rolname IN (SELECT tenant_role FROM {SCHEMA}.tenants))
  AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR (r.rolname = '{OWNER_ROLE}' AND r.rolcanlogin))
ORDER BY r.rolname
"""


async def create_schema(connection: asyncpg.Connection[asyncpg.Record], own_server: bool) -> None:
    """Make roles, tables and policies; what is there already keeps its rows.

    Args:
        connection: Logged in as a superuser.
        own_server: Whether the server was started by the platform. Only then rights that every PostgreSQL gives to
            everybody are taken away; a given server keeps them.
    """
    async with connection.transaction():
        tables = "".join(_table(name, columns) for name, columns in _TABLES.items())
        await connection.execute(_ROLES + _TENANTS_TABLE + tables)
        if own_server:
            await connection.execute(_CLOSED_DOORS)
        database = quoted_name(await connection.fetchval("SELECT current_database()"))
        await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {GATEWAY_ROLE}, {TENANTS_ROLE}")


async def check_schema(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Prove that every table separates the tenants, whoever made it.

    Args:
        connection: Logged in as a superuser.

    Raises:
        SchemaError: When a table or view lacks forced row-level security by tenant, or a role may pass it.
    """
    unprotected = [row["relname"] for row in await connection.fetch(_UNPROTECTED)]
    if unprotected:
        raise SchemaError(
            f"Every table of the schema '{SCHEMA}' should have forced row-level security by tenant, "
            f"but {', '.join(unprotected)} has not: the platform does not start on it"
        )
    mighty = [row["rolname"] for row in await connection.fetch(_TOO_MIGHTY)]
    if mighty:
        raise SchemaError(f"The role {', '.join(mighty)} may pass row-level security: the platform does not start")


def _table(name: str, columns: str) -> str:
    """A table of rows that belong to one user of one tenant, with its two policies.

    Primary keys start with tenant and user, so a key that another one uses never shows in a conflict.
    """
    table = f"{SCHEMA}.{name}"
    return f"""
CREATE TABLE IF NOT EXISTS {table} (
    tenant_role name NOT NULL DEFAULT current_user, user_id text NOT NULL, {columns});
ALTER TABLE {table} OWNER TO {OWNER_ROLE};
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {TENANTS_ROLE};
DROP POLICY IF EXISTS own_tenant ON {table};
CREATE POLICY own_tenant ON {table} USING (tenant_role = current_user) WITH CHECK (tenant_role = current_user);
DROP POLICY IF EXISTS own_user ON {table};
CREATE POLICY own_user ON {table} AS RESTRICTIVE
    USING (session_user <> '{GATEWAY_ROLE}' OR user_id = current_setting('app.user', true))
    WITH CHECK (session_user <> '{GATEWAY_ROLE}' OR user_id = current_setting('app.user', true));
"""
