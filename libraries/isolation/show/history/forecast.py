"""When a limit comes into sight: the straight line through a number of many runs, and when it crosses its limit.

Principle: least squares of the value over time. The line at a moment is known within Student's interval; the moments at which
that interval holds the limit are the interval of the crossing (Fieller 1954, as in calibration: Draper and Smith, Applied
Regression Analysis, 1998, section 3.2). Where the growth itself is not certain, the interval has no end, and that is what is said.

Assumption: growth is about linear, and what scatters around it is independent between runs. It says nothing of steps to come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.90
FEWEST = 5
"""Points; through fewer a line means nothing."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a line says about a limit.

    Attributes:
        points: How many values stand behind it.
        growth: Per day.
        growth_low: Lower end of the interval of the growth.
        growth_high: Upper end.
        now: The line at the last point.
        earliest_days: Days after the last point at which the limit may be reached at the earliest; None: not in sight.
        days: The same by the line itself; None: the line does not go there.
        latest_days: The same at the latest; None: perhaps never.
        reached: Whether the line is there already.
    """

    points: int
    growth: float
    growth_low: float
    growth_high: float
    now: float
    earliest_days: float | None
    days: float | None
    latest_days: float | None
    reached: bool


def forecast(
    days: Sequence[float], values: Sequence[float], limit: float, *, upwards: bool, confidence: float = CONFIDENCE
) -> Forecast | None:
    """Follow the line through some values to a limit.

    Args:
        days: When each was measured.
        values: What was measured.
        limit: What must not be reached.
        upwards: Whether it lies above (a largest value) or below (a smallest one).
        confidence: Of the intervals, two-sided, 0 to 1.

    Returns:
        None when there are too few points, or all at one moment.
    """
    at, sign = np.asarray(days, float), 1.0 if upwards else -1.0
    measured, bound = sign * np.asarray(values, float), sign * limit
    if len(at) < FEWEST or float(np.ptp(at)) == 0.0:
        return None
    mean_at, mean = float(at.mean()), float(measured.mean())
    spread = float(((at - mean_at) ** 2).sum())
    slope = float(((at - mean_at) * (measured - mean)).sum()) / spread
    rest = measured - mean - slope * (at - mean_at)
    error = math.sqrt(float((rest**2).sum()) / (len(at) - 2))
    reach = float(stats.t.ppf(0.5 + confidence / 2, len(at) - 2)) * error
    last = float(at.max())
    now = mean + slope * (last - mean_at)
    low, high = slope - reach / math.sqrt(spread), slope + reach / math.sqrt(spread)
    earliest, latest = _crossings(bound - mean, slope, reach, len(at), spread)
    shift = mean_at - last
    return Forecast(
        points=len(at),
        growth=sign * slope,
        growth_low=min(sign * low, sign * high),
        growth_high=max(sign * low, sign * high),
        now=sign * now,
        earliest_days=_after(earliest, shift),
        days=_after((bound - mean) / slope if slope > 0 else None, shift),
        latest_days=_after(latest, shift),
        reached=now >= bound,
    )


def _crossings(
    distance: float, slope: float, reach: float, points: int, spread: float
) -> tuple[float | None, float | None]:
    """From the mean moment on: when the upper and the lower end of the line's interval come to the limit.

    The ends are ``slope x +- reach sqrt(1/n + x^2/spread)``; the earlier crossing is of the upper end.
    """
    square, linear = slope**2 - reach**2 / spread, -2 * slope * distance
    constant = distance**2 - reach**2 / points
    roots = [
        (-linear + sign * math.sqrt(max(0.0, linear**2 - 4 * square * constant))) / (2 * square)
        for sign in (-1.0, 1.0)
        if square
    ]
    if square > 0:
        return (min(roots), max(roots)) if slope > 0 else (None, None)
    if constant <= 0:
        return -math.inf, None  # the limit lies within the interval already
    return (max(roots) if roots else None), None


def _after(moment: float | None, shift: float) -> float | None:
    """Days after the last point; what lay before it is now."""
    return None if moment is None else max(0.0, moment + shift)
