"""This run beside its baseline: what is worse, what is better, and what only scatters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Measurement
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.history.comparison import Change, NumberChange, RunComparison, compare_runs
from isolation.show.numbers import found, interval_words, spoken

_MOST_ON_PART_ONE = 6
_MOST_OBSTACLES = 4
_SHOWN = (Change.WORSE, Change.BETTER, Change.GONE, Change.NEW)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A number, or the verdict of a promise, in both runs."""

    promise: str
    what: str
    before: str
    after: str
    change: Change


@dataclass(frozen=True, slots=True)
class Compared:
    """Both runs, ready for the template.

    Attributes:
        run_id: Of the baseline.
        started: When the baseline began.
        build_before: Build of the platform then; empty when nobody said.
        build_now: Build of the platform now.
        words: In one sentence.
        obstacles: Why the comparison says little.
        rows: Everything that changed, verdicts first, the worse ones before the better.
    """

    run_id: str
    started: str
    build_before: str
    build_now: str
    words: str
    obstacles: tuple[str, ...]
    rows: tuple[ComparedRow, ...]

    @property
    def first(self) -> tuple[ComparedRow, ...]:
        """The rows that part one shows."""
        return self.rows[:_MOST_ON_PART_ONE]


def compared(baseline: DecidedEvidence, run: DecidedEvidence) -> Compared:
    """Put a run beside its baseline."""
    both = compare_runs(baseline, run)
    return Compared(
        run_id=baseline.environment.run_id,
        started=baseline.environment.started,
        build_before=baseline.identity.platform_build,
        build_now=run.identity.platform_build,
        words=compared_words(both),
        obstacles=both.obstacles[:_MOST_OBSTACLES],
        rows=_rows(both),
    )


def compared_words(both: RunComparison) -> str:
    """Such as ``Of the numbers that are held against a limit, 2 are worse, 310 are the same within noise; no verdict changed.``."""
    counts = Counter(number.change for number in both.numbers)
    said = [
        _how_many(counts[change], words)
        for change, words in (
            (Change.WORSE, "worse"),
            (Change.BETTER, "better"),
            (Change.SAME, "the same within noise"),
        )
        if counts[change] or change is Change.WORSE
    ]
    words = f"Of the numbers that are held against a limit, {', '.join(said)}"
    apart = [_how_many(counts[change], change.value) for change in (Change.NEW, Change.GONE) if counts[change]]
    return "; ".join([words, *apart, _verdict_words(both)]) + "."


def _how_many(count: int, what: str) -> str:
    return f"{count or 'none'} {'is' if count < 2 else 'are'} {what}"


def _verdict_words(both: RunComparison) -> str:
    if not both.verdicts:
        return "no verdict changed"
    return f"{len(both.verdicts)} {'verdict' if len(both.verdicts) == 1 else 'verdicts'} changed"


def _rows(both: RunComparison) -> tuple[ComparedRow, ...]:
    rows = [
        ComparedRow(entry.promise, "verdict", entry.before.value, entry.after.value, entry.change)
        for entry in sorted(both.verdicts, key=lambda entry: entry.change is not Change.WORSE)
    ]
    for change in _SHOWN:
        rows += map(_row, _of(both.numbers, change))
    return tuple(rows)


def _of(numbers: Sequence[NumberChange], change: Change) -> list[NumberChange]:
    return [number for number in numbers if number.change is change]


def _row(entry: NumberChange) -> ComparedRow:
    return ComparedRow(entry.promise, entry.metric, _shown(entry.before), _shown(entry.after), entry.change)


def _shown(m: Measurement | None) -> str:
    if m is None:
        return "not measured"
    said = spoken(m)
    return found(said) + (f" {interval_words(said.interval)}" if said.interval else "")
