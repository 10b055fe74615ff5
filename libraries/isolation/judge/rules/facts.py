"""Whether what was shown is exactly what had to be shown (AR-3, AR-5, AR-7, AR-9, AR-15, AR-17).

Principle: exact comparison of many small facts, type and value, no tolerance. A wrong value that is right for somebody else
is named with its owner, because that is no slip but a mix-up. A fact of which nothing was shown is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from isolation.judge.rules.verdicts import judged, no_evidence, plural, zero
from isolation.record import Measurement
from isolation.record.facts import Fact


def judge_facts(promise: str, metric: str, facts: Sequence[Fact]) -> Measurement:
    """Every fact is as it has to be.

    Args:
        metric: Name of the number of wrong facts, such as ``agents with a wrong context``.

    Returns:
        The number of wrong facts, which must be zero; FAIL when there is no fact at all.
    """
    limit = zero(f"promise {promise}: exactly so")
    if not facts:
        return no_evidence(promise, metric, limit, "There was nothing to compare")
    wrong = [fact for fact in facts if not _right(fact)]
    claim = f"{len(wrong):,} of {plural(len(facts), 'fact')} were not as they had to be"
    if wrong:
        owners: dict[str, list[str]] = defaultdict(list)
        for fact in facts:
            owners[repr(fact.expected)].append(fact.tenant)
        claim += "; " + "; ".join(_words(fact, owners) for fact in wrong[:3])
    tenants = dict.fromkeys(fact.tenant for fact in wrong)
    return judged(promise, metric, float(len(wrong)), limit, len(facts), claim, tenants=tenants)


def _right(fact: Fact) -> bool:
    return type(fact.shown) is type(fact.expected) and fact.shown == fact.expected


def _words(fact: Fact, owners: dict[str, list[str]]) -> str:
    if fact.shown is None:
        return f"{fact.subject} of '{fact.tenant}' was not shown; expected {_short(fact.expected)}"
    if isinstance(fact.expected, dict) and isinstance(fact.shown, dict):
        return f"{fact.subject} of '{fact.tenant}' differed in {_differing(fact.expected, fact.shown)}"
    others = [tenant for tenant in owners.get(repr(fact.shown), []) if tenant != fact.tenant]
    distinctive = bool(others) and fact.tenant not in owners[repr(fact.shown)] and isinstance(fact.shown, str)
    whose = f", which is right for '{others[0]}'" if distinctive and len(set(others)) == 1 else ""
    return f"{fact.subject} of '{fact.tenant}' was {_short(fact.shown)}{whose} instead of {_short(fact.expected)}"


def _differing(expected: dict[object, object], shown: dict[object, object]) -> str:
    """The fields that differ, and only these: a long object would be cut before the one that matters."""
    fields = [name for name in {**expected, **shown} if expected.get(name) != shown.get(name)]
    words = [f"'{name}': {_short(shown.get(name))} instead of {_short(expected.get(name))}" for name in fields[:3]]
    return ", ".join(words + ([f"and {len(fields) - 3} more fields"] if len(fields) > 3 else [])) or "type"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
