"""Quantities: read with their unit, refused without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isolation.settings.units import UnitError, count, megabytes, per_second, percent, seconds
from robot_support.phrases.quantities import CONVERTERS, Duration, Percentage, Rate, Size

Parse = Callable[[object], float]


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (seconds, "30 s", 30),
        (seconds, "30s", 30),
        (seconds, " 1 second ", 1),
        (seconds, "2 minutes", 120),
        (seconds, "1 min", 60),
        (seconds, "500 ms", 0.5),
        (seconds, "1.5 h", 5400),
        (seconds, "0 s", 0),
        (seconds, "1,500 ms", 1.5),
        (seconds, "1_500 ms", 1.5),
        (megabytes, "256 MB", 256),
        (megabytes, "1 GB", 1024),
        (megabytes, "512 kB", 0.5),
        (megabytes, "1,024 megabytes", 1024),
        (percent, "50 %", 50),
        (percent, "50%", 50),
        (percent, "12.5 percent", 12.5),
        (per_second, "5 requests/s", 5),
        (per_second, "100 requests/min", 100 / 60),
        (per_second, "60 requests per minute", 1),
        (count, "100 users", 100),
        (count, "1,000 tenants", 1000),
        (count, "0 blocks", 0),
    ],
)
def test_a_quantity_with_its_unit_is_read(parse: Parse, text: str, value: float) -> None:
    assert parse(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("parse", "example"),
    [(seconds, "30 s"), (megabytes, "256 MB"), (percent, "50 %"), (per_second, "5 requests/s"), (count, "10 tenants")],
)
@pytest.mark.parametrize("text", ["30", 30, 2.5, "", "s", "soon", True, None, "inf s", "nan s", "1 000 MB", ".5 s"])
def test_without_a_right_unit_a_quantity_is_refused_with_a_right_example(
    parse: Parse, example: str, text: object
) -> None:
    with pytest.raises(UnitError) as caught:
        parse(text)
    assert f"'{text}'" in str(caught.value)
    assert f"'{example}'" in str(caught.value)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (seconds, "30 %"),
        (seconds, "30 MB"),
        (seconds, "30 S"),
        (seconds, "30 parsecs"),
        (megabytes, "30 mb"),
        (megabytes, "30 s"),
        (percent, "30 s"),
        (per_second, "30 requests"),
        (per_second, "30 %"),
        (count, "30 %"),
    ],
)
def test_a_unit_of_something_else_is_refused(parse: Parse, text: str) -> None:
    with pytest.raises(UnitError):
        parse(text)


@pytest.mark.parametrize("number", ["1,5", "1,50", "12,34", "1.2.3", "1_", "1.", "1,2345", "--1", "1,000,00"])
def test_digits_that_could_be_misread_are_refused(number: str) -> None:
    with pytest.raises(UnitError):
        seconds(f"{number} s")
    with pytest.raises(UnitError):
        count(f"{number} users")


@pytest.mark.parametrize(
    ("parse", "text"), [(seconds, "-5 s"), (percent, "-1 %"), (megabytes, "-1 MB"), (count, "-1 users")]
)
def test_less_than_nothing_is_refused(parse: Parse, text: str) -> None:
    with pytest.raises(UnitError, match="cannot be negative"):
        parse(text)


def test_a_count_is_whole() -> None:
    with pytest.raises(UnitError, match="not a whole number"):
        count("2.5 users")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(Duration, "2 minutes", 120), (Percentage, "10 percent", 10), (Size, "1 GB", 1024), (Rate, "15 requests/s", 15)],
)
def test_keyword_arguments_are_read_in_the_same_way(kind: Any, text: str, value: float) -> None:
    convert: Callable[[str], float] = kind.read
    assert CONVERTERS[kind] == convert
    read = convert(text)
    assert isinstance(read, kind)
    assert read == value
    with pytest.raises(UnitError, match="with a unit"):
        convert("2")
