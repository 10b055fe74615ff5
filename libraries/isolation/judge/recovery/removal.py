"""Whether anything is left of tenants that were removed: by the target's own count, and by a look into its stores (OP-3).

Principle: the same count must have found things while the tenants lived, or its zero means nothing. The target's word
alone is not enough: one that removes nothing and says that nothing is left would be believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from isolation.judge.rules.verdicts import inconclusive, judged, names, plural
from isolation.record import Limit, Measurement


def judge_removal(
    promise: str,
    alive: int,
    left: Sequence[str] | None,
    tenants: int,
    limit: Limit,
    not_removed: Sequence[str] = (),
) -> Measurement:
    """Nothing is left of removed tenants, by the target's own count.

    Args:
        alive: How many things the same count has found of living tenants.
        left: What it found after their removal, in words; None when nobody could count.
        tenants: How many were removed.
        limit: The most that may be left.
        not_removed: Tenants that could not be removed, each with the reason.
    """
    metric = "things left behind"
    if left is None:
        return inconclusive(promise, metric, limit, "Nobody could count what is left: the target has no operator door")
    claim = f"After removing {plural(tenants, 'tenant')}, the target counted {len(left)} things left"
    if not_removed and not left:
        claim += f", but could not be asked to remove some of them: {names(not_removed)}"
        return inconclusive(promise, metric, limit, claim, samples=tenants)
    return _judged(promise, metric, claim, alive, left, tenants, limit)


def judge_traces(
    promise: str, alive: int, left: Sequence[str], missed: Sequence[str], tenants: int, limit: Limit
) -> Measurement:
    """The stores themselves hold nothing of removed tenants.

    Args:
        alive: How many rows, roles and keys the same look has found of living tenants.
        left: Those that it found after their removal, in words.
        missed: What could not be looked at, in words.
        tenants: How many were removed.
        limit: The most that may be left.

    Returns:
        INCONCLUSIVE when something could not be looked at and nothing was found elsewhere.
    """
    metric = "traces in the stores"
    claim = f"The stores held {len(left)} rows, roles and keys of {plural(tenants, 'removed tenant')}"
    if missed and not left:
        claim += f", but could not be searched fully: {names(missed)}"
        return inconclusive(promise, metric, limit, claim, samples=tenants)
    return _judged(promise, metric, claim, alive, left, tenants, limit)


def _judged(
    promise: str, metric: str, claim: str, alive: int, left: Sequence[str], tenants: int, limit: Limit
) -> Measurement:
    if left:
        return judged(promise, metric, float(len(left)), limit, tenants, f"{claim}: {names(_together(left))}")
    if not alive:
        claim += ", but the same count had found nothing of living tenants either"
        return inconclusive(promise, metric, limit, claim, value=0.0, samples=tenants)
    claim += f"; the same count had found {alive} things of living tenants"
    return judged(promise, metric, 0.0, limit, tenants, claim)


def _together(things: Sequence[str]) -> list[str]:
    """Things of the same name in one, such as ``10 x PostgreSQL platform.agents``."""
    return [thing if count == 1 else f"{count} x {thing}" for thing, count in Counter(things).items()]
