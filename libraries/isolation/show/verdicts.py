"""From measurements to the verdict of each promise and of the run. In doubt never green.

A promise is PASS only when every number of every one of its tests says so, when all of its tests were chosen and ran to
their end, and when at least one number was held against a limit. It is FAIL only when a number that was measured says so:
whatever else went wrong says nothing about the platform and is NOT EXAMINED. The order, best first, is PASS, NOT APPLICABLE,
INCONCLUSIVE, NOT PROVEN, NOT EXAMINED, FAIL; the worst thing known about a promise is its verdict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

from isolation.record import Measurement, Verdict
from isolation.record.numbers import with_unit
from isolation.settings.catalogue import Headline, PromiseLimit
from isolation.show.evidence.run import CaseEvidence, CaseStatus, Evidence
from isolation.show.numbers import headroom, limit_words
from isolation.show.text import listed

UNKNOWN_TITLE = "not in the catalogue of promises"
_PREFIX = re.compile(r"(?is)^(\*HTML\*)?\s*(skipped in parent suite setup:\s*|setup skipped:\s*)*")


class PromiseLike(Protocol):
    """An entry of the catalogue."""

    @property
    def id(self) -> str:
        """Such as ``RI-4``."""

    @property
    def title(self) -> str:
        """A few words."""

    @property
    def statement(self) -> str:
        """What is promised, in one or two sentences."""

    @property
    def method(self) -> str:
        """How it is measured."""

    @property
    def headline(self) -> Headline | None:
        """The number that a reader wants to see first."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Ids of the controls that it is evidence for."""

    @property
    def limits(self) -> Mapping[str, PromiseLimit]:
        """The contract's limits by name."""

    @property
    def about(self) -> str:
        """Whose promise it is: ``platform`` or ``suite``."""


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Stands for an id that tests name and the catalogue lacks."""

    id: str
    title: str = UNKNOWN_TITLE
    statement: str = ""
    method: str = ""
    headline: Headline | None = None
    controls: tuple[str, ...] = ()
    limits: Mapping[str, PromiseLimit] = field(default_factory=dict)
    about: str = "platform"


class PromiseVerdict(StrEnum):
    """What a run says about a promise. Only PASS is green."""

    PASS = "PASS"
    NOT_APPLICABLE = "NOT APPLICABLE"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_PROVEN = "NOT PROVEN"
    """Not all of its tests were chosen, or there is none."""
    NOT_EXAMINED = "NOT EXAMINED"
    """It could not be examined: something that is not the platform's isolation went wrong."""
    FAIL = "FAIL"

    @property
    def severity(self) -> int:
        """Rank for combining: the worst of several is the one with the highest rank."""
        return list(PromiseVerdict).index(self)


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """A promise, its verdict and what it rests on.

    Attributes:
        promise: The entry of the catalogue.
        verdict: The worst of what is known.
        reason: Why it is not a PASS; empty for a PASS.
        key: The number that decided, or that came closest to its limit; None when the end of a test decided.
        headline: The number that a reader wants to see first, the worst where there are several; None when it was not measured.
        cases: The tests that stand for it.
        measurements: All of its numbers, controls of the method left out.
        checks: The controls of the method among its numbers.
    """

    promise: PromiseLike
    verdict: PromiseVerdict
    reason: str
    key: Measurement | None
    headline: Measurement | None
    cases: tuple[CaseEvidence, ...]
    measurements: tuple[Measurement, ...]
    checks: tuple[Measurement, ...]

    @property
    def id(self) -> str:
        """Such as ``RI-4``."""
        return self.promise.id

    @property
    def title(self) -> str:
        """A few words."""
        return self.promise.title

    @property
    def statement(self) -> str:
        """What is promised."""
        return self.promise.statement

    @property
    def in_part(self) -> bool:
        """Whether a part of a promise that was examined does not apply to the target."""
        return self.verdict is not PromiseVerdict.NOT_APPLICABLE and bool(self.absent)

    @property
    def absent(self) -> tuple[str, ...]:
        """What the target does not offer of it, one sentence each."""
        tests = [skip_reason(c) for c in self.cases if c.status is CaseStatus.SKIP and skip_is_not_applicable(c)]
        parts = [m.reason for m in (*self.measurements, *self.checks) if m.verdict is Verdict.NOT_APPLICABLE]
        return tuple(dict.fromkeys([*tests, *parts]))


@dataclass(frozen=True, slots=True)
class _Finding:
    verdict: PromiseVerdict
    reason: str = ""


def promise_results(evidence: Evidence, catalogue: Sequence[PromiseLike]) -> list[PromiseResult]:
    """One result per promise of the catalogue, in its order; then ids that tests name but the catalogue lacks."""
    results = [_result(promise, evidence) for promise in catalogue]
    known = {promise.id for promise in catalogue}
    named = {name for case in evidence.cases for name in (*case.promises, *(m.promise for m in case.measurements))}
    return results + [_result(_Unknown(name), evidence) for name in sorted(named - known)]


def key_measurement(measurements: Sequence[Measurement]) -> Measurement | None:
    """The number that decides: worst verdict first, then with a limit before without, then least room to the limit."""
    if not measurements:
        return None
    return min(measurements, key=lambda m: (-m.verdict.severity, m.control, m.limit is None, headroom(m)))


def skip_is_not_applicable(case: CaseEvidence) -> bool:
    """Whether a skipped test says that the target has not declared the capability (else it was just not run)."""
    if case.not_applicable:
        return True
    declared = _PREFIX.sub("", case.message.strip()).upper().startswith(Verdict.NOT_APPLICABLE)
    return declared or any(m.verdict is Verdict.NOT_APPLICABLE for m in case.measurements)


def skip_reason(case: CaseEvidence) -> str:
    """Why a test was skipped, without the words that only classify it."""
    if case.not_applicable:
        return case.not_applicable
    said = re.sub(r"(?i)^NOT APPLICABLE\W*", "", _PREFIX.sub("", case.message.strip()))
    return said or "no reason given"


def _result(promise: PromiseLike, evidence: Evidence) -> PromiseResult:
    cases = tuple(
        c for c in evidence.cases if promise.id in c.promises or any(m.promise == promise.id for m in c.measurements)
    )
    own = [m for case in cases for m in case.measurements if m.promise == promise.id]
    findings = [_Finding(PromiseVerdict(m.verdict.value), m.reason) for m in own if m.verdict is not Verdict.PASS]
    findings += [_by_a_weaker_limit(m) for m in own if m.verdict is Verdict.PASS and m.limit and m.limit.weaker]
    for case in cases:
        findings += _of_case(case, promise.id)
    if not any(m.verdict is Verdict.PASS and m.limit is not None and not m.control for m in own):
        findings += _without_a_pass(cases, own, findings, _not_chosen(promise.id, evidence))
    else:
        # One part that does not apply never hides the others, which were examined; the page names it beside them.
        findings = [finding for finding in findings if finding.verdict is not PromiseVerdict.NOT_APPLICABLE]
    if cases:
        findings += _left_out(promise.id, evidence, len(cases))
    worst = max(findings, key=lambda finding: finding.verdict.severity, default=_Finding(PromiseVerdict.PASS))
    key = _key(own, worst.verdict)
    return PromiseResult(
        promise=promise,
        verdict=worst.verdict,
        reason=key.reason if key and key.verdict is not Verdict.PASS else worst.reason,
        key=key,
        headline=_headline(promise.headline, own),
        cases=cases,
        measurements=tuple(m for m in own if not m.control),
        checks=tuple(m for m in own if m.control),
    )


def _headline(headline: Headline | None, own: Sequence[Measurement]) -> Measurement | None:
    """The worst of the measurements that the first name fits that fits any."""
    for name in headline.metric if headline is not None else ():
        if fitting := [m for m in own if fnmatchcase(m.metric, name) and not m.control]:
            return key_measurement(fitting)
    return None


def _by_a_weaker_limit(m: Measurement) -> _Finding:
    """A limit of a sentence that lets more through than the contract proves nothing about the contract."""
    assert m.limit is not None and m.limit.contract is not None
    contract = with_unit(m.limit.contract, m.limit.unit)
    why = f"'{m.metric}' was judged by {limit_words(m.limit)}, which is weaker than the contract's {contract}."
    return _Finding(PromiseVerdict.NOT_PROVEN, why)


def _left_out(promise: str, evidence: Evidence, ran: int) -> list[_Finding]:
    """What a run of some files or tags only cannot say: the promise stands on its other tests as well."""
    names = [test.name for test in evidence.left_out if promise in test.promises]
    if not names:
        return []
    why = f"{len(names)} of its {ran + len(names)} tests were left out of this run: {listed(names, at_most=2)}."
    return [_Finding(PromiseVerdict.NOT_PROVEN, why)]


def _not_chosen(promise: str, evidence: Evidence) -> bool:
    return any(promise in test.promises for test in evidence.left_out)


def _key(own: Sequence[Measurement], verdict: PromiseVerdict) -> Measurement | None:
    """The number behind the verdict; None when the end of a test decided, lest a kept limit stands beside a FAIL.

    A control only decides when it failed: a control that held is no result of the promise.
    """
    eligible = [m for m in own if not m.control or m.verdict is not Verdict.PASS]
    return key_measurement([m for m in eligible if m.verdict.value == verdict.value])


def _of_case(case: CaseEvidence, promise: str) -> list[_Finding]:
    """What the end of a test says about a promise, beyond its measurements."""
    message = case.message.strip() or "no reason given"
    if case.undone:
        return [_Finding(PromiseVerdict.NOT_EXAMINED, f"Test '{case.name}' could not be examined: {case.undone}")]
    if case.status is CaseStatus.SKIP:
        if skip_is_not_applicable(case):
            return [_Finding(PromiseVerdict.NOT_APPLICABLE, f"Test '{case.name}': {skip_reason(case)}")]
        return [_Finding(PromiseVerdict.INCONCLUSIVE, f"Test '{case.name}' was not run: {message}")]
    if case.status is CaseStatus.PASS:
        return []
    verdicts = {(m.promise == promise, m.verdict) for m in case.measurements}
    if (True, Verdict.FAIL) in verdicts:
        return []
    if (True, Verdict.INCONCLUSIVE) in verdicts and (False, Verdict.FAIL) not in verdicts:
        return []
    return [_Finding(PromiseVerdict.INCONCLUSIVE, f"Test '{case.name}' broke off over another promise: {message}")]


def _without_a_pass(
    cases: Sequence[CaseEvidence], own: Sequence[Measurement], findings: Sequence[_Finding], not_chosen: bool
) -> list[_Finding]:
    """Why nothing was proven, when no number was held against a limit and kept it."""
    if not cases:
        why = (
            "None of its tests was chosen for this run."
            if not_chosen
            else "No test stands for this promise in this run."
        )
        return [_Finding(PromiseVerdict.NOT_PROVEN, why)]
    not_run = [case for case in cases if case.status is CaseStatus.SKIP and not skip_is_not_applicable(case)]
    if not_run and not any(m.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE) for m in own):
        why = "; ".join(dict.fromkeys(case.message.strip() or "no reason given" for case in not_run))
        return [_Finding(PromiseVerdict.NOT_PROVEN, f"{len(not_run)} of {len(cases)} tests did not run: {why}")]
    if findings:
        return []
    return [_Finding(PromiseVerdict.NOT_PROVEN, "Its tests ran, but no number was held against a limit.")]
