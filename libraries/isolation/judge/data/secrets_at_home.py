"""Claims about many users with secrets who worked side by side, from their record (CS-2)."""

from __future__ import annotations

from isolation.judge.data.cross_contamination import judge_harmless_sights, judge_search
from isolation.judge.rules.verdicts import inconclusive, judged, not_applicable, plural, zero
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement
from isolation.record.concurrent_startup.contamination import ContaminationRecord
from isolation.record.limits import Limits


def judge_secrets_answered(promise: str, record: ContaminationRecord, limits: Limits) -> list[Measurement]:
    """Nearly all requests were answered: a search of silence proves nothing."""
    return [judge_served(promise, "answered", record.operations, limits["answered"], "with secrets")]


def judge_place(promise: str, record: ContaminationRecord, limits: Limits, *, kind: str) -> list[Measurement]:
    """Nothing of anybody but its owner is in a kind of place."""
    search = record.search(kind)
    if lacks := record.not_offered.get(kind):
        return [not_applicable(promise, f"foreign secrets in {kind}", lacks)]
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
    announced_to = record.announced_to if record.announces else None
    return [judge_harmless_sights(promise, record.harmless, record.encodings, announced_to)]


def judge_askers(promise: str, record: ContaminationRecord, limits: Limits) -> list[Measurement]:
    """Every answer, also to the cheapest request, is about its own asker: user, tenant, session, text of the request."""
    metric, limit = "answers about somebody else than their asker", zero(f"promise {promise}: its own answer only")
    compared = [answer for answer in record.answers if answer.compared]
    if not compared:
        return [inconclusive(promise, metric, limit, "No answer says anything of its asker")]
    wrong = [answer for answer in compared if answer.wrong]
    what = dict.fromkeys(word for answer in compared for word in answer.compared)
    claim = f"{len(wrong):,} of {plural(len(compared), 'answer')} were about somebody else than their asker"
    claim += f" (compared: {', '.join(what)})"
    if wrong:
        claim += f"; '{wrong[0].tenant}' got another {', '.join(wrong[0].wrong)} in the answer to {wrong[0].kind}"
    tenants = dict.fromkeys(answer.tenant for answer in wrong)
    return [judged(promise, metric, float(len(wrong)), limit, len(compared), claim, tenants=tenants)]
