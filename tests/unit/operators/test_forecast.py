"""When a limit comes into sight: the interval holds the true moment as often as it says, and nothing is foretold from nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from isolation.record import Comparison
from isolation.show.forecast import comparable, forecasts, in_words
from isolation.show.history.forecast import forecast
from isolation.show.history.runs import KeyValue, RunLine
from isolation.show.overall import Colour

DAYS = list(range(20))


def test_a_steady_growth_comes_to_its_limit_when_it_does() -> None:
    found = forecast(DAYS, [10 + 2 * day for day in DAYS], 100, upwards=True)
    assert found is not None
    assert found.days == pytest.approx(26.0) and found.growth == pytest.approx(2.0)
    assert found.earliest_days == pytest.approx(26.0) and found.latest_days == pytest.approx(26.0)


def test_a_smallest_value_is_a_limit_below() -> None:
    found = forecast(DAYS, [100 - day for day in DAYS], 50, upwards=False)
    assert found is not None and found.days == pytest.approx(31.0) and found.growth == pytest.approx(-1.0)


@pytest.mark.parametrize("spread", [0.5, 3.0])
def test_the_interval_holds_the_true_moment_as_often_as_it_says(spread: float) -> None:
    """The line reaches 100 at day 45, which is 26 days after the last of twenty runs."""
    rng, held = np.random.default_rng(4), 0
    for _ in range(1_000):
        values = [10 + 2 * day + rng.normal(0, spread) for day in DAYS]
        found = forecast(DAYS, values, 100, upwards=True)
        assert found is not None and found.earliest_days is not None
        held += found.earliest_days <= 26 <= (math.inf if found.latest_days is None else found.latest_days)
    assert 870 <= held <= 930


def test_what_does_not_grow_comes_perhaps_never_and_what_shrinks_is_not_in_sight() -> None:
    rng = np.random.default_rng(5)
    level = forecast(DAYS, [50 + rng.normal(0, 2) for _ in DAYS], 100, upwards=True)
    assert level is not None and level.latest_days is None and level.earliest_days is not None
    assert level.earliest_days > 100
    shrinking = forecast(DAYS, [50 - day + rng.normal(0, 0.1) for day in DAYS], 100, upwards=True)
    assert shrinking is not None and shrinking.earliest_days is None


def test_what_is_there_already_is_said() -> None:
    found = forecast(DAYS, [10 + 10 * day for day in DAYS], 100, upwards=True)
    assert found is not None and found.reached


@pytest.mark.parametrize("days", [DAYS[:4], [3.0] * 10])
def test_too_few_points_make_no_line(days: list[float]) -> None:
    assert forecast(days, [float(day) for day in days], 100, upwards=True) is None


def test_the_history_is_read_promise_by_promise() -> None:
    runs = [_run(day, 10 + 2 * day) for day in DAYS]
    ((promise, last, found),) = forecasts(comparable(runs))
    assert promise == "CS-3" and found is not None
    assert in_words(last, found).startswith(
        "at the earliest in 26 days, most likely in 26 days, at the latest in 26 days"
    )
    assert in_words(last, None) == "fewer than 5 runs at different times: no line"


def test_runs_of_other_machines_and_with_defects_make_no_line() -> None:
    runs = [_run(1, 5, host="other"), _run(2, 5, defect="quota_off"), _run(3, 5)]
    assert comparable(runs) == [runs[2]]


def _run(day: int, value: float, host: str = "here", defect: str = "") -> RunLine:
    number = KeyValue(metric="connections", value=value, unit="connections", limit=100, comparison=Comparison.AT_MOST)
    return RunLine(
        run_id=f"run-{day}",
        started=f"2026-11-{day + 1:02d}T10:00:00+0000",
        target="reference_platform",
        profile="quick",
        colour=Colour.GREEN,
        seconds=250,
        verdicts={},
        values={"CS-3": number},
        host=host,
        defect=defect,
    )
