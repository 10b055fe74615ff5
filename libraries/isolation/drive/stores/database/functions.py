"""Functions that work with the rights of their owner, called by a tenant's role with the ids of another tenant.

What a role may not read in a table, such a function may give away. Each is called in a transaction that can only read and
is rolled back, with every id of the other tenant for each argument that is a text; what comes back is searched for whose it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final

import asyncpg

from isolation.record.access.database_looks import FunctionLook

_FUNCTIONS: Final = """
SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS shown,
       format('%I.%I', n.nspname, p.proname) AS name,
       ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) AS t)::text[] AS types,
       p.pronargdefaults AS defaults
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE')
ORDER BY 1
"""
_TEXTS: Final = frozenset({"text", "name", "character varying", "character", "uuid", "json", "jsonb"})
_MOST_CALLS: Final = 64
_MOST_ROWS: Final = 1_000
_TIME: Final = "2s"

Strangers = Callable[[str], set[str]]
"""Names of the tenants, other than the caller's, that a text mentions."""


async def call_functions(connection: Any, ids: Sequence[str], strangers: Strangers) -> tuple[FunctionLook, ...]:
    """Call every function of this kind that the role may call.

    Args:
        connection: The role's own.
        ids: The other tenant's: tenant, users, role.
        strangers: Whose a text is.
    """
    found = []
    for row in await connection.fetch(_FUNCTIONS):
        types, least = list(row["types"]), len(row["types"]) - row["defaults"]
        needed = types[:least] if least else []
        if any(kind not in _TEXTS for kind in needed):
            found.append(FunctionLook(row["shown"], "", False, "its arguments are no ids"))
            continue
        found.append(await _call(connection, row["shown"], row["name"], needed or types[:1], ids, strangers))
    return tuple(found)


async def _call(
    connection: Any, shown: str, name: str, types: Sequence[str], ids: Sequence[str], strangers: Strangers
) -> FunctionLook:
    texts = [kind for kind in types if kind in _TEXTS]
    answered, last = 0, "no call"
    for values in itertools.islice(itertools.product(ids, repeat=len(texts)), _MOST_CALLS):
        arguments = ", ".join(f"${number + 1}::text::{kind}" for number, kind in enumerate(texts))
        transaction = connection.transaction(readonly=True)
        await transaction.start()
        try:
            await connection.execute(f"SET LOCAL statement_timeout = '{_TIME}'")
            rows = await connection.fetch(
                f"SELECT t::text AS row FROM {name}({arguments}) AS t LIMIT {_MOST_ROWS}", *values
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            last = type(error).__name__
            continue
        finally:
            await transaction.rollback()
        answered += 1
        # An id that was only handed in and comes back says nothing.
        given = {owner for row in rows for owner in strangers(_without(row["row"] or "", values))}
        if given:
            return FunctionLook(shown, sorted(given)[0], True, "called with the other tenant's ids")
    return FunctionLook(shown, "", answered > 0, "called with the other tenant's ids" if answered else last)


def _without(text: str, values: Sequence[str]) -> str:
    return "" if text in values else text
