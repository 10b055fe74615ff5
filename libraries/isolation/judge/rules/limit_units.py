"""Measured values in the unit that their limit is written in, so that nobody compares bytes with megabytes.

Records hold seconds and bytes; limits come with the unit of the catalogue. A unit that does not fit is an error of the
catalogue and is refused by name.
"""

from __future__ import annotations

from isolation.record import Limit

_SECOND_IS = {"s": 1.0, "ms": 1000.0, "min": 1 / 60}
_BYTE_IS = {"bytes": 1.0, "kB": 1 / 1024, "MB": 1 / 1024**2, "GB": 1 / 1024**3}


def seconds_as(seconds: float, unit: str) -> float:
    """Seconds in another unit of time.

    Args:
        seconds: The value in seconds.
        unit: ``s``, ``ms`` or ``min``.

    Returns:
        The value in that unit.

    Raises:
        ValueError: When it is not a unit of time.
    """
    return seconds * _factor(_SECOND_IS, unit, "time")


def bytes_as(count: float, unit: str) -> float:
    """Bytes, or bytes per second, in another unit (1 MB is 1,048,576 bytes, as in the settings).

    Args:
        count: The value in bytes or bytes per second.
        unit: ``bytes``, ``kB``, ``MB`` or ``GB``; with ``/s`` or without.

    Returns:
        The value in that unit.

    Raises:
        ValueError: When it is not a unit of memory or of a rate of bytes.
    """
    return count * _factor(_BYTE_IS, unit.removesuffix("/s"), "memory")


def in_bytes(limit: Limit) -> float:
    """The value of a limit of memory in bytes.

    Raises:
        ValueError: When its unit is none of memory.
    """
    return limit.value / bytes_as(1.0, limit.unit)


def _factor(factors: dict[str, float], unit: str, what: str) -> float:
    if unit not in factors:
        raise ValueError(f"'{unit}' is not a unit of {what}; use one of {', '.join(factors)}")
    return factors[unit]
