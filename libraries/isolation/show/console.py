"""The last lines on the console: the verdict, what is not green and why, and where the report is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from isolation.show.evidence import Evidence
from isolation.show.numbers import found, limit_words, number
from isolation.show.overall import overall, verdict_counts
from isolation.show.text import clean, shorten
from isolation.show.verdicts import PromiseLike, PromiseResult, PromiseVerdict, promise_results

_WIDTH = 110


def console_summary(evidence: Evidence, catalogue: Sequence[PromiseLike], report: Path) -> str:
    """A few aligned lines for the end of a run, the diagnosis of a target that does not work first.

    Args:
        evidence: The run.
        catalogue: All promises.
        report: The sign-off page.
    """
    results = promise_results(evidence, catalogue)
    verdict = overall(evidence, results)
    counts = ", ".join(f"{count} {name}" for name, count in verdict_counts(results))
    lines = ["", f"!! {evidence.diagnosis}", ""] if evidence.diagnosis else [""]
    lines += [verdict.sentence, *(f"  also: {said}" for said in verdict.reservations), ""]
    lines += [line for result in results for line in _lines(result)]
    residue = "not counted" if evidence.clean_up.residue is None else str(evidence.clean_up.residue)
    overhead = "not measured" if evidence.overhead is None else f"{number(evidence.overhead.cpu_percent)} % of a core"
    lines += [
        "",
        f"Promises: {counts or 'none'}",
        f"Overhead: {overhead}; left behind: {residue}",
        f"Sign-off: {report}",
    ]
    return clean("\n".join(lines)) + "\n"


def _lines(result: PromiseResult) -> list[str]:
    first = f"  {result.id:<6}{result.verdict:<16}{shorten(result.title, 44):<46}{_number(result)}"
    if result.verdict is PromiseVerdict.PASS or not result.reason or not result.cases:
        return [first.rstrip()]
    return [first.rstrip(), f"  {'':<22}{shorten(' '.join(result.reason.split()), _WIDTH - 24)}"]


def _number(result: PromiseResult) -> str:
    if result.key is None:
        return ""
    return found(result.key) + (f" ({limit_words(result.key.limit)})" if result.key.limit else "")
