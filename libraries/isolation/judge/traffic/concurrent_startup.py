"""What a platform promises about the start of many users at once, judged from the record of that start (CS-1, CS-3)."""

from __future__ import annotations

from isolation.judge.resources.burn import judge_burn
from isolation.judge.resources.platform_load import judge_cpu, judge_memory, judge_pool, report_agents
from isolation.judge.rules.verdicts import inconclusive, plural
from isolation.judge.traffic.startup import (
    judge_contexts,
    judge_distinct,
    judge_each_start,
    judge_start_percentiles,
    judge_startup,
    judge_whole_case,
)
from isolation.record import Measurement, Verdict
from isolation.record.concurrent_startup.startup import StartupRecord
from isolation.record.limits import Limits


def judge_users_started(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """Everybody is connected in time, and nearly all get their first answer."""
    return judge_startup(promise, record.starts, limits["connect"], limits["success"])


def judge_slowest_start(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """Every single start is quick enough."""
    return [judge_each_start(promise, record.starts, limits["start"])]


def judge_all_starts(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """All starts together are over in time."""
    return [judge_whole_case(promise, record.took_s, len(record.starts), limits["total"])]


def judge_own_things(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """No two users share an agent instance, a session or a process, and each process does its own agent's work."""
    found = _of_several(record, judge_distinct(promise, record.starts, record.not_told), limits)
    if record.worked:
        found.append(judge_burn(promise, [*record.agents, *record.after_work], record.worked, limits["burn"]))
    return found


def judge_own_contexts(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """Every first answer carries the context of its own user, and nothing of another's message."""
    return _of_several(record, [judge_contexts(promise, record.starts)], limits)


def judge_start_times(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """Percentiles of the start time; each phase is reported beside them."""
    return judge_start_percentiles(promise, record.starts, {0.95: limits["p95"], 0.99: limits["p99"]})


def judge_platform_use(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """Memory and processor time of the whole platform while the users start; what one agent costs is reported beside it."""
    cpu = judge_cpu(promise, record.platform, record.burst_at, record.ended_at, record.cores, limits["cpu"])
    memory = judge_memory(promise, record.platform, limits["memory"], len(record.starts))
    return [_answered(promise, record, limits), memory, cpu, *report_agents(promise, record.agents)]


def judge_database_pool(promise: str, record: StartupRecord, limits: Limits) -> list[Measurement]:
    """Database connections stay within the pool, by the platform's word and by the database's own count."""
    return [_answered(promise, record, limits), *judge_pool(promise, record.platform, limits["pool"])]


def _answered(promise: str, record: StartupRecord, limits: Limits) -> Measurement:
    """The share of answered users: what a start costs means nothing when nobody has started."""
    return judge_startup(promise, record.starts, limits["connect"], limits["success"])[1]


def _of_several(record: StartupRecord, found: list[Measurement], limits: Limits) -> list[Measurement]:
    """One user alone shares nothing with anybody: separation needs as many users as the contract says, or the sentence says so."""
    least, users = limits["fewest users"], len(record.starts)
    if least.comparison.holds(users, least.value):
        return found
    claim = f"{plural(users, 'user')} cannot prove that users are kept apart"
    return [
        m
        if m.verdict is Verdict.FAIL
        else inconclusive(m.promise, m.metric, least, claim, value=m.value, samples=m.samples)
        for m in found
    ]
