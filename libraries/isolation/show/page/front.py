"""Part one: what a reviewer needs to decide, on at most three sheets of paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Measurement
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import CaseEvidence
from isolation.show.overall import causes
from isolation.show.page.annex import Annex
from isolation.show.page.words import ranges, reason_in_short
from isolation.show.text import listed
from isolation.show.verdicts import PromiseVerdict

MOST_ROWS = 12
"""Exceptions that part one explains; the others it names, and their annexes explain them."""
MOST_CAUSES = 5
_MOST_LINES = 8
_LONGEST_REASON = 260
_MOST_CONDITIONS = 5


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """Promises that are not PASS, or only in part, with the same verdict for the same reason: mostly one."""

    annexes: tuple[Annex, ...]
    verdict: PromiseVerdict
    reason: str

    @property
    def names(self) -> list[tuple[str, str]]:
        """Its promises, many of them as ranges: where each leads, and its words."""
        return ranges([annex.result.id for annex in self.annexes])


@dataclass(frozen=True, slots=True)
class CannotExamine:
    """One reason why tests could not be examined."""

    cause: str
    tests: int
    promises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A limit that is not the contract's."""

    promise: str
    measurement: Measurement
    weaker: bool


@dataclass(frozen=True, slots=True)
class FrontPage:
    """Part one.

    Attributes:
        exceptions: Promises that are not PASS, FAIL first; those that are explained here.
        further: The others, which are only named.
        verdicts: Which verdicts the exceptions have.
        conditions: How the rows of the table of conditions begin, one per exception that is explained.
        causes: Why something could not be examined, the first cause first.
        further_causes: How many causes are not listed.
        deviations: Limits that differ from the contract's, the weaker ones first.
        limits_of_run: What this run cannot prove.
        further_limits: How many such sentences only the last part says.
    """

    exceptions: tuple[ExceptionRow, ...]
    further: tuple[Annex, ...]
    verdicts: frozenset[PromiseVerdict]
    conditions: tuple[str, ...]
    causes: tuple[CannotExamine, ...]
    further_causes: int
    deviations: tuple[Deviation, ...]
    limits_of_run: tuple[str, ...]
    further_limits: int


def front_page(evidence: DecidedEvidence, annexes: Sequence[Annex]) -> FrontPage:
    """Gather part one."""
    rows = _rows([a for a in annexes if a.result.verdict is not PromiseVerdict.PASS or a.result.in_part])
    reasons = [_cannot(cause, cases) for cause, cases in causes(evidence).items()]
    sentences = limits_of_run(evidence)
    return FrontPage(
        exceptions=tuple(rows[:MOST_ROWS]),
        further=tuple(annex for row in rows[MOST_ROWS:] for annex in row.annexes),
        verdicts=frozenset(row.verdict for row in rows),
        conditions=tuple(_condition(row) for row in rows[:_MOST_CONDITIONS]),
        causes=tuple(reasons[:MOST_CAUSES]),
        further_causes=max(0, len(reasons) - MOST_CAUSES),
        deviations=_deviations(evidence),
        limits_of_run=tuple(sentences[:_MOST_LINES]),
        further_limits=max(0, len(sentences) - _MOST_LINES),
    )


def limits_of_run(evidence: DecidedEvidence) -> list[str]:
    """What this run cannot prove, in sentences."""
    environment = evidence.environment
    said = list(evidence.caveats)
    if evidence.left_out:
        said.insert(0, f"{len(evidence.left_out)} tests were not chosen: a promise is proven by all of its tests only.")
    if environment.cores:
        said.append(f"The target enforces quotas by: {environment.quota_mechanism.rstrip('.')}.")
        said.append(
            f"The numbers hold for this target, the profile {environment.profile} and this machine ({environment.cores} cores)."
            ' "None found" in n probes means a true rate below 3/n at 95 % confidence, not never.'
        )
    return said


def _rows(exceptions: Sequence[Annex]) -> list[ExceptionRow]:
    """One row per verdict and reason, the worst first."""
    rows: dict[tuple[PromiseVerdict, str], list[Annex]] = {}
    for annex in sorted(exceptions, key=lambda annex: -annex.result.verdict.severity):
        rows.setdefault((annex.result.verdict, _reason(annex)), []).append(annex)
    return [ExceptionRow(tuple(same), verdict, reason) for (verdict, reason), same in rows.items()]


def _reason(annex: Annex) -> str:
    """Why a promise is not PASS, short enough for part one; what could not be examined is told by its first cause."""
    if annex.result.verdict is PromiseVerdict.NOT_EXAMINED:
        cause = next((case.undone for case in annex.result.cases if case.undone), annex.result.reason)
        return reason_in_short(f"Could not be examined: {cause}", _LONGEST_REASON)
    if annex.result.verdict is PromiseVerdict.PASS:
        return reason_in_short(
            f"Kept as far as it was examined. Not examined: {annex.result.absent[0]}", _LONGEST_REASON
        )
    return reason_in_short(annex.result.reason, _LONGEST_REASON)


def _condition(row: ExceptionRow) -> str:
    in_part = " in part" if row.annexes[0].result.in_part else ""
    return f"{listed([words for _, words in row.names], 3)} {row.verdict}{in_part}"


def _cannot(cause: str, cases: Sequence[CaseEvidence]) -> CannotExamine:
    promises = dict.fromkeys(promise for case in cases for promise in case.promises)
    return CannotExamine(reason_in_short(cause, 2 * _LONGEST_REASON), len(cases), tuple(promises))


def _deviations(evidence: DecidedEvidence) -> tuple[Deviation, ...]:
    """Each deviating limit once."""
    found: dict[tuple[object, ...], Deviation] = {}
    for case in evidence.cases:
        for m in case.measurements:
            if m.limit is not None and m.limit.contract is not None and m.limit.contract != m.limit.value:
                key = (m.promise, m.limit.value, m.limit.contract, m.limit.unit)
                found.setdefault(key, Deviation(m.promise, m, m.limit.weaker))
    return tuple(sorted(found.values(), key=lambda deviation: not deviation.weaker))
