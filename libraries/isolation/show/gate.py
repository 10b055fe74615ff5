"""How a run ends for a pipeline: one number that tells a broken promise from a broken environment."""

from __future__ import annotations

from enum import StrEnum

from isolation.record import Verdict
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import CaseEvidence, CaseStatus, EndingKind
from isolation.show.verdicts import PromiseVerdict

NOT_EXAMINED = 254
"""Something could not be examined, and nothing that was measured is broken."""
INTERRUPTED = 253
_MOST = 250


class Gate(StrEnum):
    """What a pipeline asks for."""

    BROKEN = "broken"
    """Not 0 when a test failed or could not be examined (the default)."""
    KEPT = "kept"
    """Not 0 unless every promise that applies to the target is PASS."""


def exit_code(evidence: DecidedEvidence, gate: Gate = Gate.BROKEN) -> int:
    """The exit code of a run.

    Returns:
        0, or 1 to 250: so many tests failed or, for ``Gate.KEPT``, so many promises are not kept; 253: interrupted;
        254: the suite, the platform or the machine kept it from examining something, and no number that was measured is broken.
    """
    if evidence.ending.kind is EndingKind.INTERRUPTED:
        return INTERRUPTED
    failed = sum(_failed(case) for case in evidence.cases)
    if evidence.ending.kind is EndingKind.BROKEN:
        return NOT_EXAMINED
    if any(m.verdict is Verdict.FAIL for case in evidence.cases for m in case.measurements):
        return min(max(failed, 1), _MOST)
    if evidence.ending.kind is not EndingKind.FINISHED or any(case.undone for case in evidence.cases):
        return NOT_EXAMINED
    if failed or gate is Gate.BROKEN:
        return min(failed, _MOST)
    applicable = [p for p in evidence.promises if p.verdict is not PromiseVerdict.NOT_APPLICABLE]
    missed = sum(promise.verdict is not PromiseVerdict.PASS for promise in applicable)
    return min(missed, _MOST) if applicable else NOT_EXAMINED


def _failed(case: CaseEvidence) -> bool:
    return case.status is CaseStatus.FAIL and not case.undone
