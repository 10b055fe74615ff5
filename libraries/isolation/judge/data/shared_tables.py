"""Whether tables that several tenants share keep them apart by themselves (CS-5).

Principle: what no role can reach today may be reachable tomorrow by a new role, a migration or a report that works as
the tables' owner. A table with rows of several tenants must therefore have row-level security enabled *and* forced:
without force it does not bind the owner. Tables with rows of one tenant only (a schema per tenant) need none, and none
need those on which no tenant's role has any right: there the platform alone decides, and is judged by what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, names, plural, zero
from isolation.record import Measurement
from isolation.record.access.database_looks import RoleLook, SharedTable


def judge_shared_tables(promise: str, tables: Sequence[SharedTable]) -> Measurement:
    """Every table that several tenants share has enabled and forced row-level security.

    Args:
        tables: The tables with rows of several tenants.

    Returns:
        The number of tables without, which must be zero; INCONCLUSIVE when no table was found.
    """
    metric, limit = "shared tables without forced row security", zero(f"contract {promise}: row security is forced")
    if not tables:
        return inconclusive(promise, metric, limit, "No table with rows of several tenants was found")
    reachable = [table for table in tables if table.reachable]
    bare = [table for table in reachable if not (table.secured and table.forced)]
    claim = f"{len(reachable) - len(bare)} of {plural(len(reachable), 'shared table')} have forced row-level security"
    if len(reachable) < len(tables):
        claim += f"; {len(tables) - len(reachable)} more are out of reach of every tenant's role"
    if bare:
        claim += f"; not {names(f'{table.table} ({_lack(table)})' for table in bare)}"
    return judged(promise, metric, float(len(bare)), limit, len(tables), claim)


def judge_empty_tables(promise: str, empty: Sequence[str], tables: int) -> Measurement:
    """A table that holds nothing when the roles look, and that nothing protects, has not been tried.

    Args:
        empty: Such tables.
        tables: How many tables the roles read.

    Returns:
        A control of the method: the number of such tables; INCONCLUSIVE when there is one.
    """
    metric, limit = "unprotected tables that were empty when the roles looked", zero("control of the method")
    claim = f"{plural(len(empty), 'table')} that tenants' roles may reach held nothing and has no row security"
    if empty:
        claim += f", so what they will hold was not tried: {names(empty)}"
        return inconclusive(promise, metric, limit, claim, value=float(len(empty)), samples=tables, control=True)
    return judged(promise, metric, 0.0, limit, max(1, tables), claim, control=True)


def judge_functions(promise: str, looks: Sequence[RoleLook]) -> Measurement:
    """No function that works with the rights of its owner gives away what is another tenant's.

    Args:
        looks: What each tenant's role saw.

    Returns:
        The number of functions that did, which must be zero; INCONCLUSIVE when one could not be tried; PASS with the number
        of roles that looked when there is no such function.
    """
    metric = "functions that give away another tenant's things"
    limit = zero(f"contract {promise}: no foreign row")
    roles = [look for look in looks if not look.reason]
    if not roles:
        return inconclusive(promise, metric, limit, "No database role could look for functions")
    found = {look.function: (role.tenant, look) for role in roles for look in role.functions}
    leaking = {name: (who, look) for name, (who, look) in found.items() if look.foreign_owner}
    claim = f"{len(leaking)} of {plural(len(found), 'function')} with rights of others gave something away"
    if leaking:
        name, (who, look) = next(iter(leaking.items()))
        claim += f": {name} showed tenant '{who}' what is '{look.foreign_owner}''s"
        tenants = (who, look.foreign_owner)
        return judged(promise, metric, float(len(leaking)), limit, len(found), claim, tenants=tenants)
    untried = [name for name, (_, look) in found.items() if not look.tried]
    if untried:
        claim += f", but {plural(len(untried), 'function')} could not be tried: {names(untried)}"
        return inconclusive(promise, metric, limit, claim, samples=len(found))
    return judged(promise, metric, 0.0, limit, max(len(found), len(roles)), claim)


def _lack(table: SharedTable) -> str:
    return "not forced" if table.secured else "none"
