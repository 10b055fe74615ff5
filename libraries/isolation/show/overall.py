"""The verdict of the whole run, in one sentence that a reviewer can sign or refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from isolation.record.numbers import number
from isolation.show.evidence.run import CaseEvidence, CaseStatus, EndingKind, Evidence
from isolation.show.text import listed
from isolation.show.verdicts import UNKNOWN_TITLE, PromiseResult, PromiseVerdict

_OF_THE_SUITE = {"OP-1", "OP-7"}
"""Promises that the suite alone can break: what it costs, and what it gives away."""


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
    """Combine the promises with everything else that a run must show: how it ended, what it left behind, what it cost.

    Only a number that was measured makes the sentence say that isolation is broken.

    Args:
        evidence: The run.
        results: One per promise.
    """
    named = {verdict: [r.id for r in results if r.verdict is verdict] for verdict in PromiseVerdict}
    red = _red_reservations(evidence, results)
    amber = _amber_reservations(evidence, results)
    reservations = (*red, *amber)
    total = len(results)
    if evidence.diagnosis:
        return Overall(Colour.RED, f"Nothing is proven: {evidence.diagnosis.rstrip('.')}.", reservations)
    if broken := [r.id for r in results if r.verdict is PromiseVerdict.FAIL and r.promise.about == "platform"]:
        sentence = f"Isolation is broken: {len(broken)} of {total} promises {_are(broken)} not kept ({listed(broken)})."
        if set(broken) <= _OF_THE_SUITE:
            sentence = f"Do not sign yet: the suite does not keep what it promises of itself ({listed(broken)}); that accuses no platform."
        return Overall(Colour.RED, sentence, (*_ending_reservation(evidence), *reservations))
    if sentence := _unfinished(evidence):
        return Overall(Colour.RED, sentence, reservations)
    if own := named[PromiseVerdict.FAIL]:
        sentence = f"Do not sign yet: the suite did not keep {listed(own)}, a promise of its own, so that its numbers may mislead."
        return Overall(Colour.RED, f"{sentence} Nothing is shown to be broken on the platform.", reservations)
    if not evidence.cases or not results:
        return Overall(Colour.RED, "Nothing is proven: no test was run.", reservations)
    if unseen := named[PromiseVerdict.NOT_EXAMINED]:
        cause = first_cause(evidence)
        sentence = f"Nothing is shown to be broken, but {len(unseen)} of {total} promises could not be examined ({listed(unseen)})"
        return Overall(Colour.RED, f"{sentence}: {cause}" if cause else f"{sentence}.", reservations)
    if red:
        return Overall(Colour.RED, f"Do not sign yet: {_lower(red[0])}", (*red[1:], *amber))
    return _without_fault(named, total, amber)


def first_cause(evidence: Evidence) -> str:
    """Why something could not be examined: what the end of the run says, else the first test that says it; may be empty."""
    if evidence.ending.cause:
        return _sentence(evidence.ending.cause)
    return next((_sentence(case.undone) for case in evidence.cases if case.undone), "")


def causes(evidence: Evidence) -> dict[str, list[CaseEvidence]]:
    """Every reason why tests could not be examined, in the order in which they came up, with those tests."""
    found: dict[str, list[CaseEvidence]] = {}
    for case in evidence.cases:
        if case.undone:
            found.setdefault(_sentence(case.undone), []).append(case)
    return found


def _without_fault(named: dict[PromiseVerdict, list[str]], total: int, amber: tuple[str, ...]) -> Overall:
    """The verdict of a run that ended well and found no fault."""
    if missing := named[PromiseVerdict.NOT_PROVEN]:
        sentence = f"Isolation is not proven: {len(missing)} of {total} promises were not examined, or not by all of their tests"
        return Overall(Colour.RED, f"{sentence} ({listed(missing)}).", amber)
    if inconclusive := named[PromiseVerdict.INCONCLUSIVE]:
        sentence = f"Not decided: the evidence does not settle {len(inconclusive)} of {total} promises"
        return Overall(Colour.AMBER, f"{sentence} ({listed(inconclusive)}); no fault was found.", amber)
    if absent := named[PromiseVerdict.NOT_APPLICABLE]:
        kept = len(named[PromiseVerdict.PASS])
        sentence = f"{kept} of {total} promises are kept; {len(absent)} {'does' if len(absent) == 1 else 'do'} not apply to this target, in whole"
        return Overall(Colour.AMBER, f"{sentence} or in part ({listed(absent)}).", amber)
    if amber:
        return Overall(Colour.AMBER, f"All {total} promises are kept, but {_lower(amber[0])}", amber[1:])
    return Overall(Colour.GREEN, f"The tenants are isolated: all {total} promises are kept.", ())


def _unfinished(evidence: Evidence) -> str:
    """The verdict of a run that did not come to its end; empty when it did."""
    cause = _sentence(evidence.ending.cause)
    return {
        EndingKind.FINISHED: "",
        EndingKind.NOT_FINISHED: "This run is not finished: it goes on, or it died without a word. Nothing on this page may be signed.",
        EndingKind.INTERRUPTED: f"Nothing is proven: the run was interrupted. {cause}".strip(),
        EndingKind.BROKEN: f"Nothing is proven: the suite could not work. {cause}".strip(),
        EndingKind.PLATFORM_DIED: f"Nothing more could be examined: the platform died. {cause}".strip(),
    }[evidence.ending.kind]


def _ending_reservation(evidence: Evidence) -> tuple[str, ...]:
    said = _unfinished(evidence)
    return (said,) if said else ()


def verdict_counts(results: Sequence[PromiseResult]) -> list[tuple[PromiseVerdict, int]]:
    """How many promises have each verdict, the worst verdict first, verdicts that do not occur left out."""
    counts = Counter(result.verdict for result in results)
    return [(verdict, counts[verdict]) for verdict in reversed(PromiseVerdict) if counts[verdict]]


def _sentence(text: str) -> str:
    """One line that ends like a sentence."""
    line = " ".join(text.split())
    return line if not line or line.endswith((".", "!", "?")) else f"{line}."


def _red_reservations(evidence: Evidence, results: Sequence[PromiseResult]) -> tuple[str, ...]:
    said: list[str] = []
    if evidence.identity.defect:
        said.append(
            f"The defect '{evidence.identity.defect}' was seeded on purpose: this run says nothing about a real platform."
        )
    residue = evidence.clean_up.residue
    if residue:
        said.append(
            f"The run left {residue} things behind: {listed(list(evidence.clean_up.remaining)) or 'not named'}."
        )
    lost = [c.name for c in evidence.cases if c.status is CaseStatus.FAIL and not c.promises and not c.measurements]
    if lost:
        said.append(f"Tests that stand for no promise failed: {listed(lost)}.")
    weaker = sorted({m.promise for c in evidence.cases for m in c.measurements if m.limit and m.limit.weaker})
    if weaker:
        said.append(f"Sentences judge by weaker limits than the contract: {listed(weaker)}.")
    unknown = [result.id for result in results if result.title == UNKNOWN_TITLE]
    if unknown:
        said.append(f"Tests name promises that the catalogue does not know: {listed(unknown)}.")
    return tuple(said)


def _amber_reservations(evidence: Evidence, results: Sequence[PromiseResult]) -> tuple[str, ...]:
    said = [f"A part of {r.id} was not examined: {_sentence(r.absent[0])}" for r in results if r.in_part]
    if evidence.identity.changed:
        said.append("Files of the suite differ from its commit.")
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
    """A sentence as the end of another one; ids such as CS-2 stay as they are."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]
