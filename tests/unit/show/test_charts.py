"""Charts stay small, say their limits, and are safe to put into a page."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from isolation.record import Interval
from isolation.show import charts
from isolation.show.charts.scales import scale, spread, thin, ticks, time_ticks
from unit.show import chart_samples

HOSTILE = "<script>alert(1)</script>\"'&\u202e\x00"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", chart_samples.ALL)
def test_every_chart_is_small_well_formed_and_self_contained(name: str) -> None:
    svg = chart_samples.ALL[name]()
    root = ElementTree.fromstring(svg)
    assert len(svg.encode()) < 60_000
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    assert "<style" not in svg and "<script" not in svg and "href" not in svg and " id=" not in svg
    assert "nan" not in svg.replace("tenant", "").lower()
    assert svg.count("http") == 1  # the name space


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("usage_over_time", "quota ≤ 50 %"),
        ("latency_pairs", "limit: within 10 %"),
        ("latency_distribution", "limit &lt; 2 s"),
        ("fairness_bars", "limit ≥ 0.5"),
        ("fairness_bars", "limit ≤ 2"),
        ("recovery_curve", "deadline ≤ 30 s"),
        ("clocks", "≤ 60 s"),
        ("waterfall", "limit &lt; 5 s"),
        ("memory_growth", "limit ≤ 25 MB/min"),
    ],
)
def test_every_limit_stands_in_its_chart_with_value_and_unit(name: str, label: str) -> None:
    assert label in chart_samples.ALL[name]()


@pytest.mark.parametrize(
    "chart",
    [chart_samples.usage, chart_samples.fairness, chart_samples.waterfall, chart_samples.matrix, chart_samples.growth],
)
def test_a_hostile_name_is_only_text(chart: Callable[..., str]) -> None:
    svg = chart(12, name=HOSTILE)
    ElementTree.fromstring(svg)
    assert "<script" not in svg and "\u202e" not in svg


def test_a_clock_that_never_rang_says_so() -> None:
    assert "never seen" in chart_samples.clocks()


def test_a_thousand_tenants_still_make_a_small_chart() -> None:
    assert len(chart_samples.usage(1000, 60).encode()) < 60_000
    assert len(chart_samples.matrix(1000).encode()) < 60_000


def test_a_cell_that_nobody_searched_does_not_look_like_a_clean_one() -> None:
    svg = charts.contamination_matrix([charts.Scan("a", "Redis", 0, 0), charts.Scan("b", "Redis", 9, 0)], title="t")
    assert "nobody looked in Redis" in svg and "none found in Redis (9 probes)" in svg
    assert "true rate below 33.3 %" in svg


def test_a_place_that_one_of_many_owners_missed_is_not_hidden_among_the_others() -> None:
    scans = [charts.Scan(f"t{i}", "Redis", 0 if i == 70 else 5, 0) for i in range(100)]
    svg = charts.contamination_matrix(scans, title="t")
    assert "t70: nobody looked in Redis" in svg


def test_charts_survive_empty_data() -> None:
    assert charts.usage_over_time([], title="t", unit="MB")
    assert charts.latency_pairs([], title="t", statistic="mean", estimate=None)
    assert charts.latency_distribution([charts.Latencies("quiet", [])], title="t")
    low, high = chart_samples.limit(0.5, ""), chart_samples.limit(2, "")
    assert charts.fairness_bars([], title="t", lowest=low, highest=high)
    assert charts.recovery_curve([], title="t", unit="MB", event="e", event_at=0, deadline=chart_samples.limit(30, "s"))
    assert charts.clocks([], title="t")
    assert charts.waterfall([], ["connect"], title="t", limit=low)
    assert charts.contamination_matrix([], title="t")
    assert charts.memory_growth([], title="t", limit=low, memory_kind="PSS")


def test_the_ratio_interval_is_written_out() -> None:
    estimate = charts.RatioEstimate(1.3, Interval(low=1.24, high=1.36, confidence=0.9))
    svg = charts.latency_pairs([charts.LatencyPair(1, 10, 13)], title="t", statistic="mean", estimate=estimate)
    assert "ratio 1.3, 90 % interval 1.24 to 1.36" in svg


def test_a_gap_in_the_samples_is_left_out() -> None:
    svg = charts.usage_over_time([charts.Usage("a", [0, 1, 2], [1.0, math.nan, 3.0])], title="t", unit="%")
    assert "nan" not in svg.replace("tenant", "")


def test_thinning_keeps_the_extremes() -> None:
    points = [(float(i), 0.0) for i in range(10_000)]
    points[4321] = (4321.0, 99.0)
    thinned = thin(points, 100)
    assert len(thinned) <= 100
    assert (4321.0, 99.0) in thinned
    assert thinned == sorted(thinned)


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 10) == [0, 2, 4, 6, 8, 10]
    assert time_ticks(120) == [0, 15, 30, 45, 60, 75, 90, 105, 120]
    assert scale([5.0, 5.0], 0, 10).high > 5.0


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    moved = spread([10, 10, 11], 15, 0, 100)
    assert all(second - first >= 15 for first, second in pairwise(moved))
