"""Measurements, limits and intervals as a reader wants them, all with the one number formatter of ``isolation.record.numbers``."""

from __future__ import annotations

import math

from isolation.record import Comparison, Interval, Limit, Measurement
from isolation.record.numbers import number, with_unit

_SYMBOLS = {
    Comparison.BELOW: "<",
    Comparison.AT_MOST: "≤",
    Comparison.ABOVE: ">",
    Comparison.AT_LEAST: "≥",
    Comparison.EXACTLY: "=",
}
_BEST = {"%": 100.0, "Jain's index": 1.0}
"""The most that there can be, by unit: 100 % of at least 95 % is as far from its limit as it could be."""


_RATIO = "x quiet"
"""Units of what is compared with quiet time."""


def limit_words(limit: Limit) -> str:
    """Such as ``< 2 s`` or ``= 0``; without the source."""
    return f"{_SYMBOLS[limit.comparison]} {with_unit(limit.value, limit.unit)}"


def interval_words(interval: Interval) -> str:
    """Such as ``[1.01, 1.08]``; the confidence is stated by the table that shows it."""
    return f"[{number(interval.low)}, {number(interval.high)}]"


def found(measurement: Measurement) -> str:
    """What was measured, such as ``2.31 s``, or ``nothing measured``."""
    if measurement.value is None:
        return "nothing measured"
    limit = measurement.limit if measurement.limit and measurement.limit.unit == measurement.unit else None
    return with_unit(measurement.value, measurement.unit, limit)


def spoken_value(value: float, unit: str) -> tuple[float, str]:
    """A value with its unit as people say it; see ``spoken``."""
    return (_percent_over(value), _over(unit)) if unit.startswith(_RATIO) else (value, unit)


def spoken(measurement: Measurement) -> Measurement:
    """The same number as people say it: a ratio to quiet time is so many per cent more, not ``1.02 x quiet mean``."""
    if not measurement.unit.startswith(_RATIO):
        return measurement
    changes: dict[str, object] = {"unit": _over(measurement.unit)}
    if measurement.value is not None:
        changes["value"] = _percent_over(measurement.value)
    if measurement.interval is not None:
        low, high = _percent_over(measurement.interval.low), _percent_over(measurement.interval.high)
        changes["interval"] = measurement.interval.model_copy(update={"low": low, "high": high})
    if measurement.limit is not None and measurement.limit.unit == measurement.unit:
        contract = measurement.limit.contract
        limit = {"value": _percent_over(measurement.limit.value), "unit": "%"}
        over = {"contract": None if contract is None else _percent_over(contract)}
        changes["limit"] = measurement.limit.model_copy(update=limit | over)
    return measurement.model_copy(update=changes)


def in_words(measurement: Measurement, shown_as: str = "", counted: str = "samples") -> str:
    """A number with everything that belongs to it, such as ``2.28 % slower [-0.3, 5.03], limit < 10 %, 7 pairs``.

    Args:
        measurement: The number.
        shown_as: The unit in which people say it, where it is a ratio.
        counted: What its samples are.
    """
    said = spoken(measurement)
    if shown_as and said is not measurement:
        said = said.model_copy(update={"unit": shown_as})
    if said.value is None:
        return "nothing measured"
    held = said.limit
    one = counted.removesuffix("s") if said.samples == 1 else counted
    if not said.unit and held is not None and held.comparison is Comparison.EXACTLY and held.value == 0:
        return f"{number(said.value)} in {number(said.samples)} {one}, limit {limit_words(held)}"
    parts = [with_unit(said.value, said.unit, held) + (f" {interval_words(said.interval)}" if said.interval else "")]
    parts += [f"limit {limit_words(held)}"] if held is not None else []
    return ", ".join([*parts, f"{number(said.samples)} {one}"])


def headroom(measurement: Measurement) -> float:
    """How far the value stays from its limit, as a share of the limit; negative when broken.

    Where there is a best possible value, it is the share of the way from the limit to that. A value held against an exact
    limit, or against 0, has no scale: ``inf`` when kept, ``-inf`` when broken.
    """
    limit, value = measurement.limit, measurement.value
    if limit is None or value is None:
        return math.inf
    if limit.comparison is Comparison.EXACTLY or limit.value == 0:
        return math.inf if limit.comparison.holds(value, limit.value) else -math.inf
    if limit.comparison in (Comparison.BELOW, Comparison.AT_MOST):
        return (limit.value - value) / abs(limit.value)
    best = _BEST.get(limit.unit, math.inf)
    scale = best - limit.value if limit.value < best < math.inf else abs(limit.value)
    return (value - limit.value) / scale


def _over(unit: str) -> str:
    return "% over " + unit.removeprefix("x ")


def _percent_over(ratio: float) -> float:
    return round(100 * (ratio - 1), 9)
