"""Quantities as people write them: ``30 s``, ``256 MB``, ``50 %``, ``100 users``. A bare number is refused."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_QUANTITY = re.compile(r"^\s*(-?\d[\d.,_]*)\s*([^\s\d].*?)\s*$")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:_\d+)*(?:\.\d+)?")
"""Digits, in groups of three when there are commas: ``1,5`` could be a decimal fraction, so it is refused."""
_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}
_MEGABYTES = {"kB": 1 / 1024, "KB": 1 / 1024, "MB": 1.0, "megabytes": 1.0, "GB": 1024.0, "gigabytes": 1024.0}
_PER_SECOND = {
    **dict.fromkeys(("requests/s", "requests per second"), 1.0),
    **dict.fromkeys(("requests/min", "requests per minute"), 1 / 60),
}


class UnitError(ValueError):
    """A quantity without a unit, with a wrong unit, or with a value that makes no sense."""


def parse_quantity(text: object, factors: dict[str, float], what: str, example: str) -> float:
    """Read a number with a unit.

    Args:
        text: What was written, such as ``"30 s"``.
        factors: Allowed units and what one of each is worth in the base unit.
        what: What it is, for the error sentence, such as ``duration``.
        example: A right way to write it.

    Returns:
        The value in the base unit.

    Raises:
        UnitError: When the unit is missing or unknown; the message says what would be right.
    """
    match = _QUANTITY.match(str(text)) if not isinstance(text, bool) else None
    if match is None:
        raise UnitError(f"'{text}' is not a {what}: write it with a unit, such as '{example}'")
    number, unit = match.groups()
    unit = _as_known(unit, factors)
    if unit not in factors:
        raise UnitError(
            f"'{text}' is not a {what}: '{unit}' is not one of {', '.join(factors)}; write for example '{example}'"
        )
    return _number(number, text, what, example) * factors[unit]


def _as_known(unit: str, factors: dict[str, float]) -> str:
    """The known spelling of a word that was written with capitals. Symbols stay as they are: ``S`` and ``mb`` mean something else."""
    return next((known for known in factors if len(known) > 2 and known.lower() == unit.lower()), unit)


def seconds(text: object) -> float:
    """A duration in seconds, from such as ``30 s``, ``500 ms`` or ``2 minutes``."""
    return parse_quantity(text, _SECONDS, "duration", "30 s")


def megabytes(text: object) -> float:
    """An amount of memory or data in MB (1 MB = 1,048,576 bytes), from such as ``256 MB`` or ``1 GB``."""
    return parse_quantity(text, _MEGABYTES, "size", "256 MB")


def percent(text: object) -> float:
    """A percentage, from such as ``50 %`` or ``10 percent``."""
    return parse_quantity(text, {"%": 1.0, "percent": 1.0}, "percentage", "50 %")


def per_second(text: object) -> float:
    """A rate in requests per second, from such as ``5 requests/s`` or ``100 requests/min``."""
    return parse_quantity(text, _PER_SECOND, "rate", "5 requests/s")


def count(text: object) -> int:
    """A whole number of named things, from such as ``100 users``; the noun is free, but it must be there."""
    match = _QUANTITY.match(str(text)) if not isinstance(text, bool) else None
    if match is None or not match.group(2)[0].isalpha():
        raise UnitError(f"'{text}' is not a count: write a whole number and what is counted, such as '10 tenants'")
    number = _number(match.group(1), text, "count", "10 tenants")
    if not number.is_integer():
        raise UnitError(
            f"'{text}' is not a count: {match.group(1)} is not a whole number; write for example '10 tenants'"
        )
    return int(number)


def _number(digits: str, text: object, what: str, example: str) -> float:
    if digits.startswith("-"):
        raise UnitError(f"'{text}' is not a {what}: it cannot be negative; write for example '{example}'")
    if _NUMBER.fullmatch(digits) is None:
        raise UnitError(f"'{text}' is not a {what}: '{digits}' is not a number; write for example '{example}'")
    return float(digits.replace("_", "").replace(",", ""))


def _reader(parse: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value) if isinstance(value, (str, int, float)) else value)


Seconds = Annotated[float, _reader(seconds), Field(gt=0, le=86_400)]
Megabytes = Annotated[float, _reader(megabytes), Field(gt=0, le=1_048_576)]
Percent = Annotated[float, _reader(percent), Field(gt=0, le=10_000)]
PerSecond = Annotated[float, _reader(per_second), Field(gt=0, le=100_000)]
Count = Annotated[int, _reader(count), Field(ge=1, le=100_000)]
