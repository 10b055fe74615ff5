"""Claims about the staged incidents, from their record (CS-2)."""

from __future__ import annotations

from isolation.judge.access.incidents import (
    judge_broadcast,
    judge_cache_content,
    judge_cache_timing,
    judge_cancelled,
    judge_left_in_the_middle,
    judge_own_answers,
    judge_resumed,
    judge_storm,
)
from isolation.judge.access.timing import timing_rule
from isolation.judge.data.cross_contamination import judge_search
from isolation.judge.rules.verdicts import inconclusive, zero
from isolation.record import Measurement
from isolation.record.concurrent_startup.incidents import Incident, IncidentsRecord
from isolation.record.limits import Limits


def judge_cancellations(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """Nothing of a cancelled request reaches anybody, and every other request gets its own answer."""
    return [
        judge_cancelled(promise, record.cancelled, record.late),
        judge_own_answers(promise, "after a cancellation", record.after_cancelling),
        _searched(promise, record, Incident.CANCELLATION),
    ]


def judge_shared_answers(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """Nobody gets an answer that was made for somebody else."""
    return [judge_cache_content(promise, record.cached)]


def judge_shared_times(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """Nobody can tell by the time of the answer whether somebody else has asked."""
    return judge_cache_timing(promise, record.cached, timing_rule(limits))


def judge_newcomers(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """Whoever connects right after somebody else finds nothing of that user, and gets the own answers."""
    looks = [exchange for exchange in record.newcomers if not exchange.carried_a_text]
    own = [exchange for exchange in record.newcomers if exchange.carried_a_text]
    return [
        *judge_left_in_the_middle(promise, record.left, looks, limits["control share"]),
        judge_own_answers(promise, "after somebody else", own),
        _searched(promise, record, Incident.NEWCOMERS),
    ]


def judge_announcement(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """What is meant for everybody reaches everybody exactly once, and carries nobody's data."""
    return [judge_broadcast(promise, record.announced_to), _searched(promise, record, Incident.ANNOUNCEMENT)]


def judge_back_after_storm(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """Everybody who was cut off is back in time."""
    return [judge_storm(promise, record.returns, limits["back after a storm"])]


def judge_own_after_storm(promise: str, record: IncidentsRecord, limits: Limits) -> list[Measurement]:
    """Everybody who came back has the own answers, and the own session where one can be taken up, and nothing of anybody else."""
    resumed = any(one.resumed is not None for one in record.returns)
    return [
        *(judge_resumed(promise, record.returns, limits["control share"]) if resumed else ()),
        judge_own_answers(promise, "after the storm", record.after_storm),
        _searched(promise, record, Incident.STORM),
    ]


def _searched(promise: str, record: IncidentsRecord, incident: Incident) -> Measurement:
    search = record.search(incident)
    if search is None:
        limit = zero(f"promise {promise}: no foreign secret")
        return inconclusive(promise, f"foreign secrets in {incident}", limit, f"Nothing of {incident} was kept")
    return judge_search(promise, search)
