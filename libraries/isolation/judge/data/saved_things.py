"""What a platform promises about saved things, judged from the record of what was saved, read and tried (CS-5)."""

from __future__ import annotations

from isolation.judge.access.doors import judge_denials, judge_twins
from isolation.judge.data.cache_logins import judge_cache_logins
from isolation.judge.data.persistence import judge_foreign_writes, judge_kept, judge_role_reads
from isolation.judge.data.restart import judge_restarted
from isolation.judge.data.shared_tables import judge_empty_tables, judge_functions, judge_shared_tables
from isolation.judge.rules.verdicts import inconclusive, judged, plural
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement
from isolation.record.concurrent_startup.persistence import TRIED, ForeignWrite, PersistenceRecord, RoleRead
from isolation.record.limits import Limits


def judge_everything_there(
    promise: str, record: PersistenceRecord, limits: Limits, *, occasion: str
) -> list[Measurement]:
    """Every user reads all of their things after an occasion: nothing is lost, altered or another user's."""
    saving = judge_served(promise, "saves answered", record.saving, limits["saved"], "when they were made")
    if occasion not in record.occasions:
        claim = f"Nobody could read after {occasion}"
        return [saving, inconclusive(promise, f"items read after {occasion}", limits["saved"], claim)]
    kept = record.kept_over(occasion)
    if record.saved and not kept:
        claim = f"Nothing was left to be read after {occasion}: it had been lost before"
        return [saving, inconclusive(promise, f"items read after {occasion}", limits["saved"], claim)]
    own = {item.place for item in kept}
    lost = {item.place for item in record.saved} - own
    read = [item for item in record.read_after(occasion) if item.place not in lost]
    return [saving, *judge_kept(promise, occasion, kept, read)]


def judge_attempts(promise: str, record: PersistenceRecord, limits: Limits) -> list[Measurement]:
    """Every attempt on another user's things was refused and without effect; what their owners may, they could."""
    kept = judge_kept(promise, TRIED, record.saved, record.read_after(TRIED))
    return [judge_denials(promise, record.probes), judge_twins(promise, record.probes), *kept]


def judge_rows_of_roles(promise: str, record: PersistenceRecord, limits: Limits) -> list[Measurement]:
    """Each tenant's database role sees all rows of its own and none of anybody else; shared tables have forced row security."""
    if record.database is None:
        return [
            inconclusive(promise, "rows that database roles saw", limits["saved"], "Nobody looked into the database")
        ]
    roles = record.database.roles
    reads = [RoleRead(look.tenant, "the database", None, 0, "", 1) for look in roles if look.reason]
    reads += [
        RoleRead(look.tenant, seen.table, seen.own_rows, seen.foreign_rows, seen.foreign_owner, seen.expected_own)
        for look in roles
        for seen in look.tables
        if seen.expected_own or seen.foreign_rows
    ]
    saving = judge_served(promise, "saves answered", record.saving, limits["saved"], "when they were made")
    tables = {seen.table for look in roles for seen in look.tables}
    return [
        saving,
        *judge_role_reads(promise, reads),
        judge_shared_tables(promise, record.database.shared),
        judge_empty_tables(promise, record.database.empty, len(tables)),
        judge_functions(promise, roles),
    ]


def judge_reach_of_cache_logins(promise: str, record: PersistenceRecord, limits: Limits) -> list[Measurement]:
    """No tenant's cache login reaches another tenant's key, everybody's messages or lists, or any administration."""
    if not record.cache:
        claim = "The tenants have no login of their own to the cache that could be tried"
        return [inconclusive(promise, "reach of cache logins", limits["saved"], claim)]
    return [judge_cache_logins(promise, record.cache)]


def judge_writes_of_roles(promise: str, record: PersistenceRecord, limits: Limits) -> list[Measurement]:
    """No role can change, remove or add another tenant's rows, or become its role."""
    looks = record.database.roles if record.database is not None else ()
    writes = [
        ForeignWrite(look.tenant, tried.owner, tried.place, tried.had_effect, tried.owner_could)
        for look in looks
        for tried in look.attempts
    ]
    return [judge_foreign_writes(promise, writes)]


def judge_fresh_agents(promise: str, record: PersistenceRecord, limits: Limits) -> list[Measurement]:
    """A control: every agent had another process after its restart."""
    metric, least = "agents with a fresh process", limits["fresh agents"]
    seen = record.agents
    if seen is None or not seen.told:
        return [inconclusive(promise, metric, least, "No agent was restarted", control=True)]
    share = 100.0 * seen.fresh / seen.told
    claim = f"{seen.fresh} of {plural(seen.told, 'agent')} had a fresh process"
    if not least.comparison.holds(share, least.value):
        return [inconclusive(promise, metric, least, claim, value=share, samples=seen.told, control=True)]
    return [judged(promise, metric, share, least, seen.told, claim, control=True)]


def judge_restart(promise: str, record: PersistenceRecord, limits: Limits) -> list[Measurement]:
    """A control: the restart was real, and the platform came back in time."""
    seen, metric, limit = record.restart, "time until the platform was back", limits["restart"]
    if seen is None:
        return [inconclusive(promise, metric, limit, "The platform was not restarted", control=True)]
    if not seen.back:
        claim = "The platform did not come back after its restart"
        return [inconclusive(promise, metric, limit, claim, control=True)]
    return [judge_restarted(promise, seen.held, seen.cut, seen.process_before, seen.process_after, seen.doubt)]
