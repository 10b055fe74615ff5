"""From values to places on a chart: scales, round tick values, thinning, labels that do not cover each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]

_TIME_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600)


@dataclass(frozen=True, slots=True)
class Scale:
    """A map from values to pixels.

    Attributes:
        low: The value at ``start``.
        high: The value at ``end``; differs from ``low``.
        start: Pixels.
        end: Pixels; smaller than ``start`` for an axis that grows upwards.
        logarithmic: Whether equal ratios get equal distances; both values are then positive.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """The pixel of a value; values outside are put on the edge."""
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            share = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            share = (inside - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def scale(values: Sequence[float], start: float, end: float, *, low: float | None = None, room: float = 1.05) -> Scale:
    """A linear scale that holds all finite values, with a little room above them.

    Args:
        values: What must be visible, limits included.
        start: Pixels of the lower end.
        end: Pixels of the upper end.
        low: Fixed lower end; None takes the smallest value.
        room: By how much the span exceeds the values.
    """
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    bottom = min(finite) if low is None else low
    top = bottom + (max(finite) - bottom) * room
    return Scale(bottom, top if top > bottom else bottom + 1.0, start, end)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten) between low and high."""
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return _multiples(low, high, step)


def time_ticks(high: float, about: int = 8) -> list[float]:
    """Round times between 0 and ``high`` seconds, at steps that clocks have (5, 15, 30, 60 s and so on)."""
    step = next((step for step in _TIME_STEPS if high / step <= about), high / about)
    return _multiples(0.0, high, step)


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten between low and high."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [factor * 10.0**power for power in powers for factor in (1, 2, 5) if low <= factor * 10.0**power <= high]


def thin(points: Sequence[Point], at_most: int) -> list[Point]:
    """Fewer points with the same outline: the lowest and the highest of each of ``at_most / 2`` equal stretches.

    Args:
        points: In order of x; points whose y is not finite are left out.
        at_most: Number of points to keep, 4 or more.
    """
    finite = [point for point in points if math.isfinite(point[1])]
    if len(finite) <= at_most:
        return finite
    buckets = max(at_most // 2 - 1, 1)
    size = len(finite) / buckets
    kept = {0, len(finite) - 1}
    for bucket in range(buckets):
        members = range(int(bucket * size), min(int((bucket + 1) * size), len(finite)))
        kept.add(min(members, key=lambda index: finite[index][1]))
        kept.add(max(members, key=lambda index: finite[index][1]))
    return [finite[index] for index in sorted(kept)]


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The same places moved apart so that neighbours are at least ``gap`` pixels from each other, within low..high."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    lowest = low
    for index in order:
        moved[index] = lowest = max(places[index], lowest)
        lowest += gap
    highest = high
    for index in reversed(order):
        moved[index] = highest = min(moved[index], highest)
        highest -= gap
    return moved


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]
