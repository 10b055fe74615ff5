"""Claims about many users with secrets who worked side by side, from their record (CS-2)."""

from __future__ import annotations

from isolation.judge.data.cross_contamination import judge_harmless_sights, judge_search
from isolation.judge.rules.verdicts import inconclusive, zero
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement, Verdict
from isolation.record.contamination import ContaminationRecord
from isolation.record.limits import Limits


def judge_secrets_answered(promise: str, record: ContaminationRecord, limits: Limits) -> list[Measurement]:
    """Nearly all requests were answered: a search of silence proves nothing."""
    return [judge_served(promise, "answered", record.operations, limits["answered"], "with secrets")]


def judge_place(promise: str, record: ContaminationRecord, limits: Limits, *, kind: str) -> list[Measurement]:
    """Nothing of anybody but its owner is in a kind of place."""
    search = record.search(kind)
    if lacks := record.not_offered.get(kind):
        metric = f"foreign secrets in {kind}"
        return [
            Measurement(promise=promise, metric=metric, samples=0, verdict=Verdict.NOT_APPLICABLE, reason=f"{lacks}.")
        ]
    if search is None:
        reason = record.not_searched.get(kind, "nobody looked")
        limit = zero(f"promise {promise}: no foreign secret")
        return [inconclusive(promise, f"foreign secrets in {kind}", limit, f"{kind} could not be searched: {reason}")]
    return [judge_search(promise, search)]


def judge_no_false_alarm(promise: str, record: ContaminationRecord, limits: Limits) -> list[Measurement]:
    """Own secrets that came back to their owner, and a public text, are not reported."""
    if record.harmless is None:
        limit = zero(f"promise {promise}: no false alarm")
        return [inconclusive(promise, "false alarms over harmless sights", limit, "Nothing harmless was exchanged")]
    return [judge_harmless_sights(promise, record.harmless, record.encodings, record.announced_to)]
