"""The shared statistics against known values and simulations."""

from __future__ import annotations

import math
import random

import pytest

from isolation.judge.rules.statistics import (
    equivalence_power,
    holm,
    jain,
    log_ratio_interval,
    p_mean_above,
    pairs_needed,
    percentile,
    rule_of_three,
    samples_needed,
    summarise,
    t_interval,
)


def test_the_t_interval_agrees_with_the_table() -> None:
    interval = t_interval([1.0, 2.0, 3.0, 4.0, 5.0], 0.90)
    assert interval.low == pytest.approx(3 - 2.1318 * math.sqrt(0.5), abs=1e-3)
    assert interval.high == pytest.approx(3 + 2.1318 * math.sqrt(0.5), abs=1e-3)


def test_one_observation_has_no_interval() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        t_interval([1.0], 0.9)


def test_equal_log_ratios_give_a_point() -> None:
    interval = log_ratio_interval([math.log(1.1)] * 3, 0.9)
    assert interval.low == pytest.approx(1.1)
    assert interval.high == pytest.approx(1.1)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = random.Random(1)
    intervals = [t_interval([rng.gauss(0, 1) for _ in range(8)], 0.9) for _ in range(1000)]
    assert 870 <= sum(i.low <= 0 <= i.high for i in intervals) <= 930


def test_a_mean_above_the_limit_has_a_small_p_value_and_one_below_a_large() -> None:
    assert p_mean_above([1.0, 1.1, 0.9, 1.05], 0.5) < 0.01
    assert p_mean_above([0.1, 0.2, 0.15], 0.5) > 0.9
    assert p_mean_above([1.0, 1.0], 0.5) == 0.0
    assert p_mean_above([0.5, 0.5], 0.5) == 1.0


def test_holm_multiplies_stepwise_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_rule_of_three_is_about_three_over_n() -> None:
    assert rule_of_three(1000) == pytest.approx(3 / 1000, rel=0.01)
    assert rule_of_three(0) == 1.0
    # 59 of 59 prove 95 % at 95 % confidence.
    assert rule_of_three(59) < 0.05 < rule_of_three(58)


def test_jain_is_one_for_equals_and_one_over_n_for_a_monopoly() -> None:
    assert jain([0.7] * 5) == pytest.approx(1.0)
    assert jain([1.0, 0, 0, 0]) == pytest.approx(0.25)
    assert jain([0.0, 0.0]) == 0.0
    # Half the tenants starve: the coefficient of variation is 1, Jain is 0.5.
    assert jain([1, 1, 0, 0]) == pytest.approx(0.5)


def test_a_percentile_is_always_an_observed_value() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert percentile([1.0, 2.0], 0.95) == 2.0
    with pytest.raises(ValueError, match="at least 1"):
        percentile([], 0.5)


def test_percentiles_need_their_samples() -> None:
    assert [samples_needed(q) for q in (0.5, 0.9, 0.95, 0.99)] == [20, 100, 200, 1000]


def test_a_summary_leaves_out_what_it_cannot_know() -> None:
    few, some, many = (summarise([0.1] * count) for count in (199, 999, 1000))
    assert [None if s is None else (s.p95, s.p99, s.maximum) for s in (few, some, many)] == [
        (None, None, 0.1),
        (0.1, None, 0.1),
        (0.1, 0.1, 0.1),
    ]
    assert summarise([]) is None


def test_the_planned_pairs_accept_a_perfect_system_in_nine_of_ten_campaigns() -> None:
    rng = random.Random(3)
    pairs = pairs_needed(0.10, 1.10, 0.90, 0.90)
    inside = 0
    for _ in range(1000):
        interval = log_ratio_interval([rng.gauss(0, 0.10) for _ in range(pairs)], 0.90)
        inside += interval.low > 1 / 1.10 and interval.high < 1.10
    assert 0.87 <= inside / 1000 <= 0.95
    assert equivalence_power(pairs, 0.10, 1.10, 0.90) >= 0.90 > equivalence_power(pairs - 1, 0.10, 1.10, 0.90)


def test_the_planning_grows_with_the_square_of_the_spread() -> None:
    assert pairs_needed(0.5, 1.10, 0.90, 0.90) == pytest.approx(1191 * 0.25, rel=0.02)
    assert pairs_needed(0.0, 1.10, 0.90, 0.90) == 2
    assert pairs_needed(100.0, 1.10, 0.90, 0.90) == 100_000
