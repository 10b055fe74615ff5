"""Arguments with units in keywords: ``30 seconds``, ``10 percent``, ``256 MB``. A bare number is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from isolation.settings.units import UnitError, megabytes, per_second, percent, seconds


class Duration(float):
    """A duration in seconds, written with its unit, such as ``30 seconds`` or ``2 minutes``."""

    @classmethod
    def read(cls, text: str) -> Duration:
        """Convert an argument."""
        return cls(_more_than_nothing(seconds(text), text))


class Percentage(float):
    """A percentage, written with its unit, such as ``10 percent`` or ``50 %``."""

    @classmethod
    def read(cls, text: str) -> Percentage:
        """Convert an argument."""
        return cls(_more_than_nothing(percent(text), text))


class Size(float):
    """An amount of memory in MB, written with its unit, such as ``256 MB`` or ``1 GB``."""

    @classmethod
    def read(cls, text: str) -> Size:
        """Convert an argument."""
        return cls(_more_than_nothing(megabytes(text), text))


class Rate(float):
    """Requests per second, written with its unit, such as ``5 requests/s`` or ``100 requests/min``."""

    @classmethod
    def read(cls, text: str) -> Rate:
        """Convert an argument."""
        return cls(_more_than_nothing(per_second(text), text))


def _more_than_nothing(value: float, text: str) -> float:
    """Refuse a quantity of zero: a limit of nothing, or a load of nothing, is a mistake in a sentence."""
    if value <= 0:
        raise UnitError(f"'{text}' cannot be meant: it should be more than nothing")
    return value


CONVERTERS: dict[type, Callable[[Any], Any] | Callable[[Any, Any], Any]] = {
    Duration: Duration.read,
    Percentage: Percentage.read,
    Size: Size.read,
    Rate: Rate.read,
}
"""For ``@library(converters=CONVERTERS)``."""
