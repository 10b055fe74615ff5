"""Whether tables that several tenants share keep them apart by themselves (CS-5).

Principle: what no role can reach today may be reachable tomorrow by a new role, a migration or a report that works as
the tables' owner. A table with rows of several tenants must therefore have row-level security enabled *and* forced:
without force it does not bind the owner. Tables with rows of one tenant only (a schema per tenant) need none.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, names, plural, zero
from isolation.record import Measurement
from isolation.record.database_looks import SharedTable


def judge_shared_tables(promise: str, tables: Sequence[SharedTable]) -> Measurement:
    """Every table that several tenants share has enabled and forced row-level security.

    Args:
        promise: Id of the promise.
        tables: The tables with rows of several tenants.

    Returns:
        The number of tables without, which must be zero; INCONCLUSIVE when no table was found.
    """
    metric, limit = "shared tables without forced row security", zero(f"contract {promise}: row security is forced")
    if not tables:
        return inconclusive(promise, metric, limit, "No table with rows of several tenants was found")
    bare = [table for table in tables if not (table.secured and table.forced)]
    claim = f"{len(tables) - len(bare)} of {plural(len(tables), 'shared table')} have forced row-level security"
    if bare:
        claim += f"; not {names(f'{table.table} ({_lack(table)})' for table in bare)}"
    return judged(promise, metric, float(len(bare)), limit, len(tables), claim)


def _lack(table: SharedTable) -> str:
    return "not forced" if table.secured else "none"
