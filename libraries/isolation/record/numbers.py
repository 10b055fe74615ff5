"""The one number formatter: three significant digits, a unit, and never rounded across a limit."""

from __future__ import annotations

import math

from isolation.record.measurements import Limit

_MOST_DECIMALS = 9


def number(value: float, limit: Limit | None = None) -> str:
    """The value with about three significant digits, more when fewer would show it on the wrong side of the limit.

    Args:
        value: Any float; ``inf`` and ``nan`` are written as such.
        limit: What the value is held against, in the same unit.

    Returns:
        Such as ``1,204``, ``2.31`` or, against a limit of ``< 2``, ``1.998`` instead of ``2``.
    """
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer():
        return f"{int(value):,}"
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 2 - math.floor(math.log10(size))
    # 99.97 % must not read 100 %, and 1.998 s must not read 2 s beside a limit of "< 2 s".
    while decimals < _MOST_DECIMALS and (
        (99 < size < 100 <= round(size, decimals)) or (limit and not _same_side(value, round(value, decimals), limit))
    ):
        decimals += 1
    text = f"{value:,.{min(decimals, _MOST_DECIMALS)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(value: float, unit: str, limit: Limit | None = None) -> str:
    """Such as ``2.31 s`` or, for a count or ratio without unit, ``1.04``."""
    return f"{number(value, limit)} {unit}".rstrip()


def _same_side(value: float, rounded: float, limit: Limit) -> bool:
    return limit.comparison.holds(value, limit.value) == limit.comparison.holds(rounded, limit.value)
