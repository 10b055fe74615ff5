"""What the evidence supports: the one line that a reviewer with five minutes looks for. People decide; this says what is left to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import EndingKind
from isolation.show.overall import Colour
from isolation.show.text import listed
from isolation.show.verdicts import PromiseResult, PromiseVerdict


@dataclass(frozen=True, slots=True)
class Supported:
    """What the evidence supports, and what to do next.

    Attributes:
        decision: A few words.
        why: One or two sentences.
    """

    decision: str
    why: str


NOTHING = "no decision yet"


def supported_decision(evidence: DecidedEvidence, results: Sequence[PromiseResult]) -> Supported:
    """What a reviewer may do with a run: accept, accept with conditions, reject, or have it run again."""
    named = {verdict: [r.id for r in results if r.verdict is verdict] for verdict in PromiseVerdict}
    if evidence.identity.defect:
        return Supported(NOTHING, "A defect was seeded on purpose: such a run only shows that the checks can fail.")
    if evidence.diagnosis:
        return Supported(NOTHING, "The platform did not work at all: mend that, and run the suite again.")
    broken = [r.id for r in results if r.verdict is PromiseVerdict.FAIL and r.promise.about == "platform"]
    if broken:
        return Supported(
            "rejecting",
            f"A measured number breaks {_these(broken)}. Read the annex, have the fault mended, and run the suite again on the new build.",
        )
    if evidence.ending.kind is not EndingKind.FINISHED or not evidence.cases:
        return Supported(NOTHING, "The run did not examine what it was meant to: remove the cause and run it again.")
    if own := named[PromiseVerdict.FAIL]:
        return Supported(
            NOTHING, f"The suite broke {_these(own)}, a promise of its own: run it again on a calmer machine."
        )
    if unseen := [*named[PromiseVerdict.NOT_EXAMINED], *named[PromiseVerdict.NOT_PROVEN]]:
        return Supported(
            NOTHING,
            f"{_these(unseen).capitalize() if len(unseen) > 5 else _these(unseen)} {'is' if len(unseen) == 1 else 'are'} neither kept nor broken:"
            " remove the cause, run the whole suite, and decide by that run.",
        )
    if evidence.overall.colour is Colour.RED:
        return Supported(NOTHING, evidence.overall.sentence)
    if evidence.overall.colour is Colour.GREEN:
        return Supported("accepting", "Every promise was examined as a whole and kept, by the contract's limits.")
    return Supported("accepting with conditions", " ".join(_conditions(named, results)))


def _conditions(named: dict[PromiseVerdict, list[str]], results: Sequence[PromiseResult]) -> list[str]:
    said = []
    if undecided := named[PromiseVerdict.INCONCLUSIVE]:
        said.append(
            f"No fault was found; {listed(undecided)} {'has' if len(undecided) == 1 else 'have'} to be measured again,"
            " on a calmer machine or in a longer profile (nightly, full)."
        )
    in_part = [result.id for result in results if result.in_part and result.id not in undecided]
    absent = [*named[PromiseVerdict.NOT_APPLICABLE], *in_part]
    if absent:
        said.append(
            f"{listed(absent)} {'says' if len(absent) == 1 else 'say'} nothing about what was not there to examine: agree on what follows from that."
        )
    return said or ["Every promise is kept; agree on what follows from the reservation above."]


def _these(ids: Sequence[str]) -> str:
    return listed(list(ids)) if len(ids) <= 5 else f"{len(ids)} promises"
