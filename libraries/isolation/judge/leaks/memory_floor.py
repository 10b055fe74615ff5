"""The floor under a memory curve: what was never given back, and whether it goes on rising.

Principle: a garbage collector gives back, a cache fills up, a start ends; only a leak raises the *floor* and does not
stop. The floor at a moment is the lowest value from then on. Where memory falls by a good part of its range (teeth), the
floor counts up to the last trough only: what rose after it may be given back yet. A spike of one sample is smoothed away.

Four numbers tell a leak from what looks like one:

- *rate*: growth of the floor over its time;
- *pause*: how long the floor has stood still at the end, in parts of the longest pause before: it has stopped when that
  is more than usual, so steps of any size and slopes are treated alike;
- *slowing*: growth of the second half in parts of the first: caches and starts slow down;
- *jump*: the largest single rise in parts of the growth: one or two steps are no trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from isolation.judge.rules.series import Reading

_Floats = npt.NDArray[np.float64]
_LEVELS: Final = 24
"""Into so many equal parts the growth is cut, to see when each was reached."""
_COARSEST: Final = 6
_SIGMA: Final = 1.4826
"""A median absolute deviation times this is the standard deviation of normal noise."""
_JUMP_SAMPLES: Final = 2
_LEAST_GROWTH: Final = 1.0
"""MB; less is not looked at closer."""
_REACHED: Final = 0.98
_MB: Final = 1024.0 * 1024.0


@dataclass(frozen=True, slots=True)
class FloorTrend:
    """How the floor of one memory curve developed; memory in bytes.

    Attributes:
        seconds: Length of the record.
        samples: Values in the record.
        growth: By how much the floor rose.
        per_minute: The same per minute of the time that counts.
        still_s: How long it has stood still at the end.
        pause: That, in parts of the longest pause before.
        slowing: Growth of the second half in parts of the first.
        second_half_per_minute: Growth of the second half per minute.
        jump: The largest rise within two samples, in parts of the growth.
    """

    seconds: float
    samples: int
    growth: float
    per_minute: float
    still_s: float
    pause: float
    slowing: float
    second_half_per_minute: float
    jump: float


def floor_trend(readings: Sequence[Reading], teeth: float) -> FloorTrend:
    """The trend of a curve of at least three values.

    Args:
        readings: Memory in bytes, in the order of time.
        teeth: A fall of more than this part of the range is a tooth.
    """
    times = np.array([reading.at for reading in readings])
    sizes = _smooth(np.array([reading.value for reading in readings]) / _MB)
    end = _last_trough(sizes, teeth)
    floor = np.minimum.accumulate(sizes[::-1])[::-1][: end + 1]
    span, growth = float(times[end] - times[0]), float(floor[-1] - floor[0])
    seconds, step_s = float(times[-1] - times[0]), float(times[1] - times[0])
    if span <= 0 or growth <= _LEAST_GROWTH:
        rate = 60 * growth * _MB / span if span > 0 else 0.0
        return FloorTrend(seconds, len(readings), growth * _MB, rate, span, span / step_s, 0.0, 0.0, 1.0)
    reached = _reached(times[: end + 1], floor, growth, _noise(sizes))
    longest = max(float(np.diff(reached).max()) if len(reached) > 1 else 0.0, step_s)
    still = float(times[end] - reached[-1])
    middle = float(np.interp(times[0] + span / 2, times[: end + 1], floor))
    first, second = middle - float(floor[0]), float(floor[-1]) - middle
    ahead = floor[np.minimum(np.arange(end + 1) + _JUMP_SAMPLES, end)]
    return FloorTrend(
        seconds=seconds,
        samples=len(readings),
        growth=growth * _MB,
        per_minute=60 * growth * _MB / span,
        still_s=still,
        pause=still / longest,
        slowing=second / max(first, 1e-9),
        second_half_per_minute=120 * second * _MB / span,
        jump=float((ahead - floor).max()) / growth,
    )


def _smooth(sizes: _Floats) -> _Floats:
    """Medians of three neighbours; at both ends the lower of two."""
    inner = np.median(np.stack([sizes[:-2], sizes[1:-1], sizes[2:]]), axis=0)
    return np.concatenate(([min(sizes[0], sizes[1])], inner, [min(sizes[-1], sizes[-2])]))


def _noise(sizes: _Floats) -> float:
    steps = np.diff(sizes)
    return float(_SIGMA * np.median(np.abs(steps - np.median(steps))) / np.sqrt(2))


def _last_trough(sizes: _Floats, teeth: float) -> int:
    """Where the last fall of at least half the deepest one ended; the end of the record when memory has no teeth."""
    deepest = float((np.maximum.accumulate(sizes) - sizes).max())
    if deepest <= max(teeth * float(np.ptp(sizes)), 2 * _LEAST_GROWTH):
        return len(sizes) - 1
    depth, high, low, falling, trough = deepest / 2, float("-inf"), float("inf"), False, 0
    for place, size in enumerate(sizes.tolist()):
        if not falling:
            high = max(high, size)
            if high - size >= depth:
                falling, low, trough = True, size, place
        elif size <= low:
            low, trough = size, place
        elif size - low >= depth:
            falling, high = False, size
    return trough


def _reached(times: _Floats, floor: _Floats, growth: float, noise: float) -> _Floats:
    """When each level of the growth was reached, without repeats."""
    step = min(max(growth / _LEVELS, min(2 * noise, growth / _COARSEST), _LEAST_GROWTH), growth)
    levels = floor[0] + _REACHED * step * np.arange(1, max(1, int(growth / step)) + 1)
    return np.unique(times[np.argmax(floor[None, :] >= levels[:, None], axis=1)])
