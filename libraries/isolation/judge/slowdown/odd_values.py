"""Whether one user's odd and large values hold up everybody else (RI-4).

Principle: a value of quadratic cost, read where everybody is served, stops all of them for seconds. The longest wait of others for
the cheapest answer is compared with the longest in calm stretches just before and after, on the same machine. A wait that was long is
tried twice more, with a calm stretch between, and the shortest of the three counts: chance does not strike three times in step.

Failure modes: values with which nobody would think of may still stall; the claim says how many were tried, in how many places.
"""

from __future__ import annotations

from isolation.judge.rules.verdicts import inconclusive, judged, no_evidence, plural
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.resource_isolation.odd_values import OddTry, OddValuesRecord


def judge_odd_values(promise: str, record: OddValuesRecord, limits: Limits) -> list[Measurement]:
    """No odd value makes others wait many times as long as when nobody sends any."""
    metric, limit = "longest wait of others beside odd values", limits["stall"]
    if not record.tries:
        return [inconclusive(promise, metric, limit, "No place of any request takes a value that could be odd")]
    if record.answered < limits["answers of others"].value:
        claim = f"The others got {plural(record.answered, 'answer')}"
        return [no_evidence(promise, metric, limit, claim, samples=record.answered, tenants=record.others)]
    calm = max(record.calm_s)
    places = len({(one.request, one.place) for one in record.tries})
    tried = f"{plural(len(record.tries), 'odd value')} in {plural(places, 'place')}"
    if record.left_out:
        tried += f" ({record.left_out:,} more were left out)"
    if calm > limits["longest calm"].value:
        claim = f"The others waited up to {calm:.2g} s without odd values as well, so nothing is seen of {tried}"
        return [inconclusive(promise, metric, limit, claim, samples=len(record.tries))]
    base = max(calm, limits["shortest calm"].value)
    worst = max(record.tries, key=_held_up_s)
    ratio = _held_up_s(worst) / base
    claim = f"{tried} of '{record.caller}' made others wait at most {_held_up_s(worst):.2g} s, {calm:.2g} s in calm stretches"
    if _held_up_s(worst) > 0:
        claim += f"; the longest: {worst.words}, whose own answer ({worst.outcome}) took {worst.took_s:.2g} s"
    tenants = (record.caller, *record.others) if ratio >= limit.value else ()
    details: dict[str, float | int | str | None] = {
        "answers of others": record.answered,
        "waits of the longest (s)": str([round(w, 3) for w in worst.waits_s]),
    }
    return [judged(promise, metric, ratio, limit, len(record.tries), claim, tenants=tenants, details=details)]


def _held_up_s(one: OddTry) -> float:
    """What others waited each time."""
    return min(one.waits_s)
