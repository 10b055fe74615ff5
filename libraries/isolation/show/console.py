"""What the person at the console reads: the first line, how long it still takes, and the last lines, FAIL first.

Nothing of the target reaches the terminal but letters: control characters are taken out of every line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from isolation.record.numbers import number
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.numbers import in_words
from isolation.show.overall import causes, verdict_counts
from isolation.show.text import listed, one_line, shorten
from isolation.show.verdicts import PromiseResult, PromiseVerdict

_WIDTH = 118
_REASONS = 2
"""Lines that the reason of a promise may take."""


def start_lines(
    target: str, profile: str, tests: int, expected_seconds: float | None, not_examined: Mapping[str, Sequence[str]]
) -> str:
    """The first lines of a run.

    Args:
        tests: How many tests were chosen; 0 when it is not known yet.
        expected_seconds: How long the last whole run of this target and profile took here, or None when there is none.
        not_examined: What will not be examined: the reason, and the promises or scenarios that it concerns.
    """
    last = rough_duration(expected_seconds) if expected_seconds else ""
    takes = f"a whole run took about {last} the last time" if last else "how long a run takes here is not known yet"
    head = f"Target {target}, profile {profile}, {f'{tests} tests, ' if tests else ''}{takes}."
    rest = [f"  Not examined: {listed(list(what))}: {why}" for why, what in not_examined.items()]
    return "\n".join(shorten(one_line(line), 2 * _WIDTH) for line in (head, *rest))


def progress_line(done: int, total: int, elapsed_seconds: float, expected_seconds: float | None, name: str = "") -> str:
    """One line that says how far a run is, also for a log without a terminal.

    Args:
        done: Tests that have ended.
        total: Tests that were chosen; 0 when it is not known yet.
        elapsed_seconds: Since the start.
        expected_seconds: How long the last comparable run took; without it the tests so far foretell the rest.
        name: What begins now.
    """
    whole = expected_seconds or (elapsed_seconds * total / done if done else None)
    left = f", about {rough_duration(max(whole - elapsed_seconds, 1.0))} left" if whole and done < total else ""
    of = f"/{total}" if total else " done"
    return shorten(one_line(f"[{done}{of}, {rough_duration(elapsed_seconds)}{left}] {name}"), _WIDTH)


def rough_duration(seconds: float) -> str:
    """Such as ``40 s`` or ``5 min``."""
    return f"{round(seconds)} s" if seconds < 90 else f"{number(round(seconds / 60))} min"


def console_summary(
    evidence: DecidedEvidence,
    results: Sequence[PromiseResult],
    page: Path,
    complaints: Sequence[str] = (),
    compared: str = "",
) -> str:
    """A few lines for the end of a run, the worst first; what could not be examined once, with its reason.

    Args:
        evidence: The run with its verdicts.
        results: The verdict of every promise with what it rests on.
        page: The sign-off page.
        complaints: What could not be written or read.
        compared: What the comparison with a baseline says, or empty.
    """
    lines = ["", f"!! {evidence.diagnosis}", ""] if evidence.diagnosis else [""]
    lines += [evidence.overall.sentence, *(f"  also: {said}" for said in evidence.overall.reservations), ""]
    ranked = sorted(results, key=lambda result: -result.verdict.severity)
    seen = [result for result in ranked if result.verdict is not PromiseVerdict.NOT_EXAMINED]
    for result in (entry for entry in seen if entry.verdict is PromiseVerdict.FAIL):
        lines += _lines(result)
    lines += _not_examined(evidence, results)
    untested = [result for result in seen if result.verdict is PromiseVerdict.NOT_PROVEN and not result.cases]
    if untested:
        lines.append(
            f"  {'':<6}{PromiseVerdict.NOT_PROVEN:<16}no test ran: {', '.join(result.id for result in untested)}"
        )
    for result in (entry for entry in seen if entry.verdict is not PromiseVerdict.FAIL and entry not in untested):
        lines += _lines(result)
    counts = ", ".join(f"{count} {name}" for name, count in verdict_counts(results))
    residue = "not counted" if evidence.clean_up.residue is None else str(evidence.clean_up.residue)
    overhead = "not measured" if evidence.overhead is None else f"{number(evidence.overhead.cpu_percent)} % of a core"
    lines += [
        "",
        f"Promises: {counts or 'none'}",
        f"Overhead: {overhead}; left behind: {residue}",
        *([f"Baseline: {compared}"] if compared else []),
        *(f"Not written as it should be: {complaint}" for complaint in complaints),
        f"Sign-off: {page}",
    ]
    # Line by line: a line end of the target's would begin a line of its own, which a pipeline may take for a command.
    return "\n".join(one_line(line) for line in lines) + "\n"


def _not_examined(evidence: DecidedEvidence, results: Sequence[PromiseResult]) -> list[str]:
    """What could not be examined, once for each reason, the first reason first."""
    unseen = [result.id for result in results if result.verdict is PromiseVerdict.NOT_EXAMINED]
    lines = [f"  {'':<6}{'NOT EXAMINED':<16}{', '.join(unseen)}"] if unseen else []
    for cause, cases in causes(evidence).items():
        tests = "1 test" if len(cases) == 1 else f"{len(cases)} tests"
        lines.append(f"  {'':<22}{tests}: {shorten(' '.join(cause.split()), _REASONS * _WIDTH)}")
    return lines


def _lines(result: PromiseResult) -> list[str]:
    first = f"  {result.id:<6}{result.verdict:<16}{shorten(result.title, 34):<36}{shorten(_number(result), _WIDTH - 60)}".rstrip()
    without_reason = result.verdict is PromiseVerdict.PASS or not result.reason or not result.cases
    if without_reason:
        return [first]
    return [first, f"  {'':<22}{shorten(' '.join(result.reason.split()), _REASONS * _WIDTH)}"]


def _number(result: PromiseResult) -> str:
    """The number that broke its limit; for what is kept, the headline."""
    if result.verdict is PromiseVerdict.PASS and result.headline is not None and result.promise.headline is not None:
        return in_words(result.headline, result.promise.headline.shown_as, result.promise.headline.counted)
    return in_words(result.key) if result.key is not None else ""
