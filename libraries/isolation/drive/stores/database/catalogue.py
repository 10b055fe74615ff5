"""What a database consists of, without its rows: compared before a run and after it, nothing of the run may be left, or changed."""

from __future__ import annotations

from typing import Final

import asyncpg

from isolation.record.access.database_looks import DatabaseCatalogue

_OWN_SCHEMAS: Final = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
_QUERIES: Final = {
    "tables": f"""
        SELECT format('%I.%I %s, rows secured %s, forced %s, options %s', n.nspname, c.relname, c.relkind,
                      c.relrowsecurity, c.relforcerowsecurity, c.reloptions)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f', 'S') AND {_OWN_SCHEMAS}""",
    "views": f"""
        SELECT format('%I.%I %s, options %s, %s', n.nspname, c.relname, c.relkind, c.reloptions,
                      md5(pg_get_viewdef(c.oid)))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND {_OWN_SCHEMAS}""",
    "functions": f"""
        SELECT format('%I.%I(%s), with the rights of its owner %s, %s', n.nspname, p.proname,
                      pg_get_function_identity_arguments(p.oid), p.prosecdef, md5(coalesce(p.prosrc, '')))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OWN_SCHEMAS}""",
    "policies": """
        SELECT format('%I.%I: %I for %s to %s, %s', schemaname, tablename, policyname, cmd, roles,
                      md5(coalesce(qual, '') || ' ' || coalesce(with_check, '')))
        FROM pg_policies""",
    "rights": f"""
        SELECT format('%s on %I.%I to %s', a.privilege_type, n.nspname, c.relname,
                      coalesce(r.rolname, 'everybody'))
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE {_OWN_SCHEMAS}
        UNION ALL
        SELECT format('%s on schema %I to %s', a.privilege_type, n.nspname, coalesce(r.rolname, 'everybody'))
        FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE {_OWN_SCHEMAS}
        UNION ALL
        SELECT format('%s on function %I.%I to %s', a.privilege_type, n.nspname, p.proname,
                      coalesce(r.rolname, 'everybody'))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        CROSS JOIN LATERAL aclexplode(p.proacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE {_OWN_SCHEMAS}
        UNION ALL
        SELECT format('%s on database %I to %s', a.privilege_type, d.datname, coalesce(r.rolname, 'everybody'))
        FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE d.datname = current_database()""",
    "roles": """
        SELECT format('%I login %s, superuser %s, bypasses row security %s, creates roles %s', rolname, rolcanlogin,
                      rolsuper, rolbypassrls, rolcreaterole)
        FROM pg_roles WHERE rolname !~ '^pg_'""",
    "memberships": """
        SELECT format('%I is a member of %I', m.rolname, r.rolname)
        FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid
        WHERE m.rolname !~ '^pg_'""",
    "schemas": f"SELECT format('%I', n.nspname) FROM pg_namespace n WHERE {_OWN_SCHEMAS}",
    "extensions": "SELECT format('%I %s', extname, extversion) FROM pg_extension",
}


async def read_catalogue(address: str) -> DatabaseCatalogue:
    """Read all of it; nothing is changed.

    Args:
        address: PostgreSQL as the operator reaches it (a secret).

    Raises:
        OSError: The database is not there.
        asyncpg.PostgresError: The login is refused.
    """
    connection = await asyncpg.connect(address, timeout=10)
    try:
        async with connection.transaction(readonly=True):
            things = {}
            for kind, query in _QUERIES.items():
                rows = await connection.fetch(query)
                things[kind] = tuple(sorted({str(row[0]) for row in rows}))
            return DatabaseCatalogue(things)
    finally:
        await connection.close()
