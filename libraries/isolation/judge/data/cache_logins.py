"""Whether a tenant's own login to the cache reaches only what is its own (CS-5).

Principle: what the platform's code keeps apart, a login of a tenant must not put together again: other tenants' keys, lists
of keys, everybody's messages, administration. The control is that the login reads a key of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, names, plural, zero
from isolation.record import Measurement
from isolation.record.access.database_looks import CacheLook


def judge_cache_logins(promise: str, looks: Sequence[CacheLook]) -> Measurement:
    """No login reaches what is not its tenant's.

    Args:
        looks: What each login saw and tried.

    Returns:
        The number of things that a login reached and must not, which must be zero; INCONCLUSIVE when nobody could log in, no
        login could read a key of its own, or the server could not say.
    """
    metric, limit = "reach of the tenants' cache logins", zero(f"contract {promise}: own keys only")
    tried = [(look.tenant, attempt) for look in looks for attempt in look.attempts]
    reached = [(who, attempt) for who, attempt in tried if attempt.had_effect]
    claim = f"{len(reached)} of {plural(len(tried), 'attempt')} of {plural(len(looks), 'cache login')} reached too far"
    if reached:
        what = dict.fromkeys(f"{attempt.place} ({attempt.owner})" for _, attempt in reached)
        who, first = reached[0]
        claim += f": {names(what)}; the first by tenant '{who}'"
        tenants = dict.fromkeys([who] + ([first.owner] if first.owner != "everybody" else []))
        return judged(promise, metric, float(len(reached)), limit, len(tried), claim, tenants=tenants)
    refused = [f"{look.tenant} ({look.reason})" for look in looks if look.reason]
    undecided = dict.fromkeys(attempt.place for _, attempt in tried if attempt.had_effect is None)
    blind = not any(attempt.owner_could for _, attempt in tried)
    if refused or undecided or blind or not tried:
        lack = []
        lack += [f"{names(refused)} could not log in"] if refused else []
        lack += [f"the server cannot say about {names(undecided)}"] if undecided else []
        lack += ["no login was seen to read a key of its own"] if blind else []
        return inconclusive(promise, metric, limit, f"{claim}, but {'; '.join(lack)}", samples=len(tried))
    return judged(promise, metric, 0.0, limit, len(tried), claim)
