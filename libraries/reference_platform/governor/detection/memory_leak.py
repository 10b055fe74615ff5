"""``memory_leak``: the memory of one agent grows steadily.

A leak is growth, by at least half the limit from the first to the last sample, that (1) goes one way: Mann-Kendall's
test, one-sided, 1 %; (2) is fast enough: Theil-Sen's slope above the limit; (3) goes on: each quarter of the window
grows, by its own Theil-Sen slope, by at least half the limit; and (4) is never given back: no fall of more than a tenth
of what was gained. (3) keeps a warm-up or a cache that fills for up to three quarters of the window from being flagged,
(3) and (4) a saw-tooth with a period below twice the window.

Sources: H. B. Mann, Econometrica 13 (1945); M. G. Kendall, Rank Correlation Methods (1975); P. K. Sen, JASA 63 (1968).
Assumption: samples at about even times. A growth that stops only after the window is flagged: that cannot be told apart
in this time.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from itertools import pairwise
from statistics import median

from reference_platform.governor.detection.detector import Detection, Windows
from reference_platform.governor.observation import Observation
from reference_platform.governor.settings import GovernorSettings

_ONE_PERCENT = 2.326
"""The 99 % point of the standard normal distribution."""
_BYTES_PER_MEGABYTE = 1_000_000
_CONFIRMATIONS = 3
"""How many observations in a row must agree."""
_FEWEST_SAMPLES = 12

Series = Sequence[tuple[float, float]]


class MemoryLeakDetector:
    """Watches the resident memory of every agent.

    Args:
        settings: ``leak_window_seconds`` and ``leak_megabytes_per_minute`` are used.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._limit = settings.leak_megabytes_per_minute
        self._windows = Windows(settings.leak_window_seconds)
        self._agreed: dict[Hashable, int] = {}

    def observe(self, seen: Observation) -> list[Detection]:
        """Add one sample per agent; tell of each leaking process once."""
        found = []
        present: set[Hashable] = set()
        for tenant in seen.tenants.values():
            for agent in tenant.agents:
                key = (agent.agent, agent.pid)
                present.add(key)
                rate = leak_rate(self._windows.add(key, seen.at, agent.memory_bytes), self._limit)
                self._agreed[key] = self._agreed.get(key, 0) + 1 if rate is not None else 0
                if rate is not None and self._agreed[key] == _CONFIRMATIONS:
                    detail: dict[str, object] = {
                        "megabytes_per_minute": round(rate, 1),
                        "memory_bytes": agent.memory_bytes,
                    }
                    found.append(Detection("memory_leak", tenant.tenant, agent.agent, agent.pid, "memory", detail))
        self._windows.keep(present)
        self._agreed = {key: count for key, count in self._agreed.items() if key in present}
        return found


def leak_rate(series: Series, limit: float) -> float | None:
    """The rate at which memory leaks.

    Args:
        series: Times (s) and memory (bytes), in order of time.
        limit: Growth that is still none (MB per minute).

    Returns:
        MB per minute, or None when this is no leak or there are too few samples.
    """
    least_gain = limit / 2 * _BYTES_PER_MEGABYTE / 60 * (series[-1][0] - series[0][0]) if series else 0.0
    if len(series) < _FEWEST_SAMPLES or series[-1][1] - series[0][1] < least_gain:
        return None
    rate = slope(series) * 60 / _BYTES_PER_MEGABYTE
    if rate <= limit or trend(series) < _ONE_PERCENT or not _keeps_what_it_gains(series):
        return None
    if any(slope(part) * 60 / _BYTES_PER_MEGABYTE < limit / 2 for part in _quarters(series)):
        return None
    return rate


def slope(series: Series) -> float:
    """Theil-Sen's slope: the median of the slopes of all pairs.

    Args:
        series: At least two times (s) and values.

    Returns:
        Values per second.
    """
    pairs = [(first, second) for index, first in enumerate(series) for second in series[index + 1 :]]
    return median((second[1] - first[1]) / (second[0] - first[0]) for first, second in pairs)


def trend(series: Series) -> float:
    """Mann-Kendall's standardised statistic, with the correction for ties left out (it only makes it smaller).

    Args:
        series: At least three times and values.

    Returns:
        How many standard deviations the number of rises exceeds that of falls, for a series without a trend.
    """
    count = len(series)
    values = [value for _, value in series]
    rises = sum((later > earlier) - (later < earlier) for i, earlier in enumerate(values) for later in values[i + 1 :])
    deviation = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    return (rises - 1) / deviation if rises > 0 else 0.0


def _keeps_what_it_gains(series: Series) -> bool:
    highest, deepest_fall = series[0][1], 0.0
    for _, value in series:
        highest = max(highest, value)
        deepest_fall = max(deepest_fall, highest - value)
    return deepest_fall <= 0.1 * (series[-1][1] - series[0][1])


def _quarters(series: Series) -> list[Series]:
    count = len(series)
    borders = [round(count * part / 4) for part in range(5)]
    return [series[max(0, start - 1) : end] for start, end in pairwise(borders)]
