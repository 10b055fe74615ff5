"""How the headline of one promise moved over comparable runs: a small line with its limit, and what changed in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.record import Comparison, Limit
from isolation.record.numbers import number, with_unit
from isolation.show.history.comparison import NOISE, NOISE_OF_LIMIT
from isolation.show.history.runs import KeyValue, RunLine
from isolation.show.numbers import limit_words, spoken_value
from isolation.show.text import escape

_WIDTH, _HEIGHT, _EDGE = 320, 72, 8
_MOST_RUNS = 20
FEWEST = 2
"""One value is no trend."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The trend of one promise.

    Attributes:
        svg: The line, or empty with fewer than two comparable values.
        words: What changed since the last comparable run.
    """

    svg: str
    words: str


def trend(promise: str, runs: Sequence[RunLine]) -> Trend:
    """The trend of a promise over comparable runs.

    Args:
        runs: Comparable runs, oldest first, this one last.
    """
    now = runs[-1].values.get(promise)
    if now is None:
        return Trend("", "")
    same = [(run, value) for run in runs if (value := run.values.get(promise)) and _alike(value, now)][-_MOST_RUNS:]
    if len(same) < FEWEST:
        return Trend(
            "", "No earlier run is comparable: same target, profile and machine, nothing left out, no seeded defect."
        )
    earlier, before = same[-2]
    words = f"{_changed(before, now)} since the last comparable run ({earlier.run_id}, {earlier.started}): {_shown(before)} then, {_shown(now)} now."
    return Trend(_line([value for _, value in same]), words)


def _alike(one: KeyValue, other: KeyValue) -> bool:
    return (one.metric, one.unit) == (other.metric, other.unit)


def _shown(value: KeyValue) -> str:
    said, unit = spoken_value(value.value, value.unit)
    if value.low is None or value.high is None:
        return with_unit(said, unit)
    low, high = (number(spoken_value(end, value.unit)[0]) for end in (value.low, value.high))
    return f"{with_unit(said, unit)} [{low}, {high}]"


def _changed(before: KeyValue, now: KeyValue) -> str:
    apart = now.value - before.value
    if apart == 0:
        return "Unchanged"
    if before.low is not None and before.high is not None and now.low is not None and now.high is not None:
        noise = before.low <= now.high and now.low <= before.high
    else:
        largest = max(abs(now.value), abs(before.value))
        noise = now.comparison is not Comparison.EXACTLY and (
            abs(apart) <= NOISE * largest or abs(apart) <= NOISE_OF_LIMIT * abs(now.limit or 0.0)
        )
    if noise:
        return "The same within noise"
    after, unit = spoken_value(now.value, now.unit)
    moved = after - spoken_value(before.value, before.unit)[0]
    return f"Changed by {'+' if moved > 0 else ''}{with_unit(moved, unit)}"


def _line(values: Sequence[KeyValue]) -> str:
    held = _limit_of(values[-1])
    heights = [entry.value for entry in values] + ([held.value] if held else [])
    low, high = min(heights), max(heights)
    span = (high - low) or 1.0
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)

    def y(value: float) -> float:
        return _HEIGHT - _EDGE - (value - low) / span * (_HEIGHT - 2 * _EDGE) if high > low else _HEIGHT / 2

    places = [(_EDGE + step * index, y(entry.value)) for index, entry in enumerate(values)]
    path = "M" + "L".join(f"{x:.1f} {height:.1f}" for x, height in places)
    words = f"{len(values)} comparable runs, oldest first: {', '.join(number(entry.value) for entry in values)} {values[-1].unit}"
    limit = ""
    if held is not None:
        words += f"; limit {limit_words(held)}"
        limit = f'<path d="M0 {y(held.value):.1f}H{_WIDTH}" fill="none" stroke="currentColor" stroke-dasharray="5 4" stroke-width="1"/>'
    dots = "".join(f'<circle cx="{x:.1f}" cy="{height:.1f}" r="2.6" fill="currentColor"/>' for x, height in places)
    said = escape(words)
    return (
        f'<svg class="trend" role="img" aria-label="{said}" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<title>{said}</title>{limit}<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.5"/>{dots}</svg>'
    )


def _limit_of(value: KeyValue) -> Limit | None:
    if value.limit is None or value.comparison is None:
        return None
    return Limit(value=value.limit, unit=value.unit, comparison=value.comparison, source="history")
