"""What a platform promises about tenants that crash or leave in the middle of work, judged from the record of them (RI-7)."""

from __future__ import annotations

from isolation.judge.recovery.after_crashes import (
    clean_from,
    judge_full_recovery,
    judge_looked_beside,
    judge_memory_back,
    judge_new_tenants,
    judge_residue,
    judge_served_at_once,
    judge_time_until_clean,
)
from isolation.judge.resources.burn import judge_burn
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, zero
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement, Verdict
from isolation.record.limits import Limits
from isolation.record.resource_isolation.recovery import RecoveryRecord


def judge_nothing_left(promise: str, record: RecoveryRecord, limits: Limits) -> list[Measurement]:
    """Kind by kind nothing of those that crashed or left remains, in time; and there was something that could remain."""
    last = record.afterwards[-1] if record.afterwards else record.during
    return [
        judge_time_until_clean(
            promise, record.before, record.afterwards, record.departed_at, limits["clean"], record.not_made
        ),
        *judge_residue(promise, record.before, record.during, last, record.not_made),
        judge_looked_beside(promise, record.seen_beside, record.at_work),
        judge_served(promise, "control: worked before", record.work, limits["answered"], "before the crash").model_copy(
            update={"control": True}
        ),
        *_dummies(promise, record, limits),
        *_groups(promise, record),
        *_crashes(promise, record),
    ]


def judge_memory_afterwards(promise: str, record: RecoveryRecord, limits: Limits) -> list[Measurement]:
    """The platform's memory is back near to what it was before they came."""
    last = record.afterwards[-1] if record.afterwards else record.during
    back = judge_memory_back(promise, record.before, record.during, last, limits["memory"])
    return [back, *_dummies(promise, record, limits)]


def judge_newcomers(promise: str, record: RecoveryRecord, limits: Limits) -> list[Measurement]:
    """As many new tenants are served at once; with that and nothing left, the recovery is complete."""
    departed = len(record.tenants)
    ends = [one.completed_at for one in record.served if one.answered and one.completed_at is not None]
    served_at = max(ends) if len(ends) == departed else None
    clean_at = clean_from(record.before, record.afterwards, record.not_made)
    full = judge_full_recovery(promise, record.departed_at, clean_at, served_at, limits["recovery"])
    watched_s = record.afterwards[-1].at - record.departed_at if record.afterwards else 0.0
    if clean_at is None and limits["recovery"].comparison.holds(watched_s, limits["recovery"].value):
        claim = f"It was not clean {amount(watched_s, 's')} after the crash, and was not counted any longer"
        full = inconclusive(promise, full.metric, limits["recovery"], claim, samples=len(record.afterwards))
    return [
        judge_new_tenants(promise, record.served, departed, record.newcomers.names, limits["answered"]),
        judge_served_at_once(promise, record.served, limits["newcomer start"]),
        full,
    ]


def _dummies(promise: str, record: RecoveryRecord, limits: Limits) -> list[Measurement]:
    """A control: what leaves without having worked leaves nothing behind."""
    return [judge_burn(promise, record.samples, record.worked, limits["burn"])] if record.at_work else []


def _groups(promise: str, record: RecoveryRecord) -> list[Measurement]:
    """Empty control groups may stay as long as their tenant does, and no longer."""
    kept = record.groups_kept
    if kept is None:
        return []
    shown = f": {names(group.name for group in kept)}" if kept else ""
    claim = f"Once {len(record.tenants)} tenants were removed, {len(kept)} of their control groups were left{shown}"
    limit = zero(f"promise {promise}: no residue")
    return [judged(promise, "cgroups of removed tenants left", float(len(kept)), limit, len(record.tenants), claim)]


def _crashes(promise: str, record: RecoveryRecord) -> list[Measurement]:
    """A process that the suite may not end did not crash: that half of the promise was not tried."""
    spared = [crash for crash in record.crashes if crash.spared]
    metric = "processes that crashed"
    if record.crashes and not spared:
        return []
    reason = (
        f"The processes of {names({crash.tenant for crash in spared})} were not ended: {spared[0].spared}."
        if spared
        else ("No process of those that should crash is known.")
    )
    return [Measurement(promise=promise, metric=metric, samples=0, verdict=Verdict.NOT_APPLICABLE, reason=reason)]
