"""Two runs beside each other: what is better, what is worse, and what only scatters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from isolation.record import Comparison, Measurement
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.verdicts import PromiseVerdict

NOISE = 0.25
"""Numbers without an interval scatter from run to run: less than this share of the larger one says nothing."""
NOISE_OF_LIMIT = 0.05
"""Nor does less than this share of the limit: 4 ms or 8 ms are the same beside a limit of 2 s."""


class Change(StrEnum):
    """What became of a number."""

    WORSE = "worse"
    BETTER = "better"
    SAME = "same within noise"
    NEW = "only in the later run"
    GONE = "only in the earlier run"


@dataclass(frozen=True, slots=True)
class NumberChange:
    """One number in two runs; a side is None where it was not measured."""

    promise: str
    metric: str
    before: Measurement | None
    after: Measurement | None
    change: Change


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A promise whose verdict is another one now."""

    promise: str
    before: PromiseVerdict
    after: PromiseVerdict

    @property
    def change(self) -> Change:
        """Whether that is better or worse."""
        return Change.WORSE if self.after.severity > self.before.severity else Change.BETTER


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs beside each other.

    Attributes:
        obstacles: Why the comparison says little: another target, profile or machine, a seeded defect, a partial run.
        verdicts: Promises whose verdict is another one.
        numbers: Every number of either run that is held against a limit.
    """

    obstacles: tuple[str, ...]
    verdicts: tuple[VerdictChange, ...]
    numbers: tuple[NumberChange, ...]

    @property
    def worse(self) -> bool:
        """Whether anything is worse."""
        return Change.WORSE in {*(v.change for v in self.verdicts), *(n.change for n in self.numbers)}


def compare_runs(before: DecidedEvidence, after: DecidedEvidence) -> RunComparison:
    """Compare a run with an earlier one, or with a baseline."""
    then = {outcome.id: outcome.verdict for outcome in before.promises}
    changed = (
        VerdictChange(outcome.id, then[outcome.id], outcome.verdict)
        for outcome in after.promises
        if outcome.id in then and then[outcome.id] is not outcome.verdict
    )
    return RunComparison(tuple(_obstacles(before, after)), tuple(changed), tuple(_numbers(before, after)))


def _obstacles(before: DecidedEvidence, after: DecidedEvidence) -> Iterator[str]:
    pairs = {
        "target": (before.environment.target, after.environment.target),
        "profile": (before.environment.profile, after.environment.profile),
        "machine": (before.identity.host, after.identity.host),
        "seeded defect": (before.identity.defect or "none", after.identity.defect or "none"),
        "suite": (before.identity.commit[:12], after.identity.commit[:12]),
    }
    for name, (old, new) in pairs.items():
        if old != new:
            yield f"The {name} is another one: {old or 'not known'} before, {new or 'not known'} now."
    for name, run in (("earlier", before), ("later", after)):
        if run.left_out:
            yield f"The {name} run left {len(run.left_out)} tests out."
        if run.ending.kind != "finished":
            yield f"The {name} run did not end by itself: {run.ending.kind}."


def _numbers(before: DecidedEvidence, after: DecidedEvidence) -> Iterator[NumberChange]:
    old, new = _held(before), _held(after)
    for key in dict.fromkeys([*old, *new]):
        then, now = old.get(key), new.get(key)
        yield NumberChange(key[0], key[2], then, now, _change(then, now))


def _held(run: DecidedEvidence) -> dict[tuple[str, str, str, int], Measurement]:
    """The numbers that are held against a limit, by promise, test and name; the second of a name is another number."""
    held: dict[tuple[str, str, str, int], Measurement] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for case in run.cases:
        for m in case.measurements:
            if m.limit is not None and not m.control:
                name = (m.promise, case.name, m.metric)
                held[(*name, seen[name])] = m
                seen[name] += 1
    return held


def _change(then: Measurement | None, now: Measurement | None) -> Change:
    if then is None or then.value is None:
        return Change.NEW
    if now is None or now.value is None:
        return Change.GONE
    if _within_noise(then, now):
        return Change.SAME
    assert now.limit is not None
    if now.limit.comparison is Comparison.EXACTLY:
        closer = abs(now.value - now.limit.value) < abs(then.value - now.limit.value)
    else:
        less_is_better = now.limit.comparison in (Comparison.BELOW, Comparison.AT_MOST)
        closer = now.value < then.value if less_is_better else now.value > then.value
    return Change.BETTER if closer else Change.WORSE


def _within_noise(then: Measurement, now: Measurement) -> bool:
    assert then.value is not None and now.value is not None and now.limit is not None
    if then.value == now.value:
        return True
    if then.interval and now.interval:
        return then.interval.low <= now.interval.high and now.interval.low <= then.interval.high
    if now.limit.comparison is Comparison.EXACTLY:
        return False
    apart = abs(now.value - then.value)
    largest = max(abs(now.value), abs(then.value))
    return apart <= NOISE * largest or apart <= NOISE_OF_LIMIT * abs(now.limit.value) or math.isclose(apart, 0.0)
