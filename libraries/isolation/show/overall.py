"""The verdict of the whole run, in one sentence that a reviewer can sign or refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from isolation.show.evidence import CaseStatus, Evidence
from isolation.show.numbers import number
from isolation.show.text import listed
from isolation.show.verdicts import UNKNOWN_TITLE, PromiseResult, PromiseVerdict


class Colour(StrEnum):
    """How the run is shown. Green only when nothing at all speaks against it."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Overall:
    """The verdict of a run.

    Attributes:
        colour: How to show it.
        sentence: The verdict in plain words.
        reservations: What else speaks against signing, one sentence each.
    """

    colour: Colour
    sentence: str
    reservations: tuple[str, ...]


def overall(evidence: Evidence, results: Sequence[PromiseResult]) -> Overall:
    """Combine the promises with everything else that a run must show: nothing left behind, own overhead, no lost test.

    Args:
        evidence: The run.
        results: One per promise.
    """
    named = {verdict: [r.id for r in results if r.verdict is verdict] for verdict in PromiseVerdict}
    red = _red_reservations(evidence, results)
    amber = _amber_reservations(evidence)
    reservations = (*red, *amber)
    total, kept = len(results), len(named[PromiseVerdict.PASS])
    if evidence.diagnosis:
        return Overall(Colour.RED, f"Nothing is proven: {evidence.diagnosis.rstrip('.')}.", reservations)
    if not evidence.cases or not results:
        return Overall(Colour.RED, "Nothing is proven: no test was run.", reservations)
    if broken := named[PromiseVerdict.FAIL]:
        sentence = f"Isolation is broken: {len(broken)} of {total} promises {_are(broken)} not kept ({listed(broken)})."
        return Overall(Colour.RED, sentence, reservations)
    if red:
        return Overall(Colour.RED, f"Do not sign yet: {_lower(red[0])}", (*red[1:], *amber))
    if missing := named[PromiseVerdict.NOT_PROVEN]:
        sentence = f"Isolation is not proven: {len(missing)} of {total} promises were not examined, or not by all of their tests"
        return Overall(Colour.RED, f"{sentence} ({listed(missing)}).", reservations)
    if inconclusive := named[PromiseVerdict.INCONCLUSIVE]:
        sentence = f"Not decided: the evidence does not settle {len(inconclusive)} of {total} promises"
        return Overall(Colour.AMBER, f"{sentence} ({listed(inconclusive)}); no fault was found.", reservations)
    if absent := named[PromiseVerdict.NOT_APPLICABLE]:
        sentence = f"{kept} of {total} promises are kept; {len(absent)} could not be examined on this target, in whole"
        return Overall(Colour.AMBER, f"{sentence} or in part ({listed(absent)}).", reservations)
    if amber:
        return Overall(Colour.AMBER, f"All {total} promises are kept, but {_lower(amber[0])}", amber[1:])
    return Overall(Colour.GREEN, f"The tenants are isolated: all {total} promises are kept.", ())


def verdict_counts(results: Sequence[PromiseResult]) -> list[tuple[PromiseVerdict, int]]:
    """How many promises have each verdict, the worst verdict first, verdicts that do not occur left out."""
    counts = Counter(result.verdict for result in results)
    return [(verdict, counts[verdict]) for verdict in reversed(PromiseVerdict) if counts[verdict]]


def _red_reservations(evidence: Evidence, results: Sequence[PromiseResult]) -> tuple[str, ...]:
    said: list[str] = []
    residue = evidence.clean_up.residue
    if residue:
        said.append(
            f"The run left {residue} things behind: {listed(list(evidence.clean_up.remaining)) or 'not named'}."
        )
    lost = [c.name for c in evidence.cases if c.status is CaseStatus.FAIL and not c.promises and not c.measurements]
    if lost:
        said.append(f"Tests that stand for no promise failed: {listed(lost)}.")
    unknown = [result.id for result in results if result.title == UNKNOWN_TITLE]
    if unknown:
        said.append(f"Tests name promises that the catalogue does not know: {listed(unknown)}.")
    return tuple(said)


def _amber_reservations(evidence: Evidence) -> tuple[str, ...]:
    said: list[str] = []
    if evidence.clean_up.residue is None:
        said.append("Nobody counted what the run left behind.")
    if evidence.overhead is None:
        said.append("The suite's own overhead was not measured.")
    elif not evidence.overhead.kept:
        used, limit = number(evidence.overhead.cpu_percent), number(evidence.overhead.limit_percent)
        said.append(
            f"The suite itself used {used} % of a core (limit < {limit} %), so that its numbers may be too high."
        )
    if not any(m.control for case in evidence.cases for m in case.measurements):
        said.append("The run made no control, so that nothing shows that its checks can fail.")
    return tuple(said)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
