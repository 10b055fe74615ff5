"""Whether a right ends everywhere at once, and nowhere else (CS-6).

Principle: only what was seen to work before shows anything afterwards. A single aspect of a right that still works after
the stated time is a FAIL, and so is a single one of somebody else's that no longer does.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, not_applicable, plural
from isolation.record import Measurement
from isolation.record.concurrent_startup.rights import Aspect, RightsRecord, RightTrial
from isolation.record.limits import Limits


def judge_right_ended(promise: str, record: RightsRecord, limits: Limits, *, aspect: str) -> list[Measurement]:
    """Nothing of an ended right goes on after the stated time, in one aspect."""
    metric, limit = f"{aspect} that still worked after the right had ended", limits["still working"]
    if lacks := record.not_offered.get(aspect):
        return [not_applicable(promise, metric, lacks)]
    tried = [t for t in record.trials if t.loses and t.aspect == Aspect(aspect)]
    shown = [t for t in tried if t.before and t.after is not None]
    if not shown:
        return [inconclusive(promise, metric, limit, _nothing_shown(aspect, record, tried))]
    alive = [t for t in shown if t.after]
    claim = f"{len(shown) - len(alive)} of {plural(len(shown), 'ended right')} were over for {aspect} ({_ways(shown)})"
    if alive:
        claim += f"; '{alive[0].tenant}' went on after: {names(dict.fromkeys(t.way for t in alive))}"
    tenants = dict.fromkeys(t.tenant for t in alive)
    found = [judged(promise, metric, float(len(alive)), limit, len(shown), claim, tenants=tenants)]
    if untried := sorted(set(record.ways) - {t.way for t in shown}):
        told = f"{aspect} of rights ended by {names(untried)} could not be examined"
        found.append(inconclusive(promise, f"{aspect} not examined", limit, told))
    return found


def judge_time_to_end(promise: str, record: RightsRecord, limits: Limits) -> list[Measurement]:
    """Open sessions end within the stated time."""
    metric, limit = "time until open sessions ended after the right had ended", limits["ended"]
    if record.stated_s is not None:
        limit = limit.model_copy(
            update={"value": record.stated_s, "source": "the target file: limits.rights_end_within"}
        )
    watched = [t for t in record.trials if t.loses and t.aspect is Aspect.SESSION and t.before]
    times = [t.ended_s for t in watched if t.ended_s is not None]
    if not times:
        return [inconclusive(promise, metric, limit, "No open session was seen to end")]
    claim = f"{plural(len(times), 'session')} ended, the last {amount(max(times), 's')} after the order"
    return [judged(promise, metric, max(times), limit, len(times), claim)]


def judge_others_untouched(promise: str, record: RightsRecord, limits: Limits) -> list[Measurement]:
    """Everybody else has all that they had: other users, other tenants, and the same user with another right."""
    metric, limit = "others touched when a right had ended", limits["others touched"]
    everybody = [t for t in _of_others(record) if t.before and t.after is not None]
    if not everybody:
        return [inconclusive(promise, metric, limit, "Nobody else had anything that was seen to work before")]
    hit = [t for t in everybody if not t.after]
    # Where no right was seen to end, that nobody else lost any shows nothing.
    # Work ends by itself, too.
    ended = {t.way for t in record.trials if t.loses and t.before and t.after is False and t.aspect is not Aspect.WORK}
    shown = [t for t in everybody if t.way in ended or not t.after]
    if not shown:
        told = f"No right was seen to end, so that {plural(len(everybody), 'right')} of others went on proves nothing"
        return [inconclusive(promise, metric, limit, told, value=0.0, samples=len(everybody))]
    claim = f"{len(shown) - len(hit)} of {plural(len(shown), 'right')} of others went on as before"
    if hit:
        first = hit[0]
        claim += f"; '{first.tenant}' lost its {first.aspect} by: {names(dict.fromkeys(t.way for t in hit))}"
    tenants = dict.fromkeys(t.tenant for t in hit)
    users = {(t.tenant, t.user) for t in hit}
    return [judged(promise, metric, float(len(users)), limit, len(shown), claim, tenants=tenants)]


def judge_given_back(promise: str, record: RightsRecord, limits: Limits) -> list[Measurement]:
    """A right that was given back works again: an end that cannot be undone would hit whoever was ended by mistake."""
    metric, limit = "rights that did not work again after they were given back", limits["not given back"]
    if lacks := record.not_offered.get(Aspect.GIVEN_BACK):
        return [not_applicable(promise, metric, lacks)]
    shown = [t for t in record.trials if t.aspect is Aspect.GIVEN_BACK and t.before and t.after is not None]
    if not shown:
        return [inconclusive(promise, metric, limit, "No right was given back")]
    dead = [t for t in shown if not t.after]
    claim = f"{len(shown) - len(dead)} of {plural(len(shown), 'right')} worked again after they were given back ({_ways(shown)})"
    if dead:
        claim += f"; '{dead[0].tenant}' was still refused"
    tenants = dict.fromkeys(t.tenant for t in dead)
    return [judged(promise, metric, float(len(dead)), limit, len(shown), claim, tenants=tenants)]


def _of_others(record: RightsRecord) -> list[RightTrial]:
    return [t for t in record.trials if not t.loses and t.aspect is not Aspect.GIVEN_BACK]


def _ways(trials: Sequence[RightTrial]) -> str:
    return ", ".join(dict.fromkeys(t.way for t in trials))


def _nothing_shown(aspect: str, record: RightsRecord, tried: Sequence[RightTrial]) -> str:
    if record.refused:
        way, reason = next(iter(record.refused.items()))
        return f"No right could be ended ({way}: {reason})"
    if not tried:
        return "No right was ended"
    return f"None of {plural(len(tried), 'user')} was seen to have {aspect} before the right ended"
