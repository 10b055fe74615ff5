"""A line the size of a word: how one number moved over the last runs."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.show.numbers import number
from isolation.show.text import escape

_WIDTH, _HEIGHT, _EDGE = 84, 22, 4
FEWEST = 3
"""Fewer values than this are no trend."""


def sparkline(values: Sequence[float], unit: str) -> str:
    """A tiny line in the colour of the text around it, the last value as a dot; empty with fewer than three values.

    Args:
        values: One per run, oldest first, this run last.
        unit: For the text that a reader hears or sees on hover.
    """
    if len(values) < FEWEST:
        return ""
    low, high = min(values), max(values)
    span = high - low or 1.0
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    places = [
        (
            _EDGE + step * index,
            _HEIGHT - _EDGE - (value - low) / span * (_HEIGHT - 2 * _EDGE) if high > low else _HEIGHT / 2,
        )
        for index, value in enumerate(values)
    ]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    words = escape(
        f"last {len(values)} runs, oldest first: {', '.join(number(value) for value in values)} {unit}".rstrip()
    )
    x, y = places[-1]
    return (
        f'<svg class="spark" role="img" aria-label="{words}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<title>{words}</title><path d="{path}" fill="none" stroke="currentColor" stroke-width="1.4" opacity=".65"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="currentColor"/></svg>'
    )
