"""The suite's own cost on made-up numbers."""

from __future__ import annotations

import pytest

from isolation.judge.resources.overhead import (
    judge_memory_growth,
    judge_sampling_overhead,
)
from isolation.record import Comparison, Limit, Verdict
from isolation.record.concurrent_startup.connections import MemoryAtScale
from isolation.record.resource_isolation.concurrent_stress import SamplerCost

CPU = Limit(value=2, unit="% of one core", comparison=Comparison.BELOW, source="test")
GROWTH = Limit(value=1.2, unit="x straight line", comparison=Comparison.AT_MOST, source="test")


def test_a_light_sampler_passes_and_a_heavy_one_fails() -> None:
    light = judge_sampling_overhead(SamplerCost(0.06, 60, 50, 60), "OP-1", CPU, 50)
    heavy = judge_sampling_overhead(SamplerCost(1.8, 60, 50, 60), "OP-1", CPU, 50)
    assert light.verdict is Verdict.PASS
    assert light.value == pytest.approx(0.1)
    assert light.details["per process and sweep us"] == pytest.approx(20)
    assert heavy.verdict is Verdict.FAIL
    assert "3 % of one core for 50 processes" in heavy.reason


def test_few_processes_do_not_make_the_sampler_look_light() -> None:
    found = judge_sampling_overhead(SamplerCost(0.3, 60, 10, 60), "OP-1", CPU, 50)
    assert found.verdict is Verdict.FAIL
    assert found.value == pytest.approx(2.5)
    assert "for 50" in found.reason


def test_more_processes_are_not_scaled_down() -> None:
    found = judge_sampling_overhead(SamplerCost(1.8, 60, 100, 60), "OP-1", CPU, 50)
    assert found.value == pytest.approx(3.0)


def test_a_sampler_that_never_sampled_is_red() -> None:
    assert judge_sampling_overhead(SamplerCost(0.0, 60, 50, 0), "OP-1", CPU, 50).verdict is Verdict.FAIL
    assert judge_sampling_overhead(SamplerCost(0.0, 60, 0, 60), "OP-1", CPU, 50).verdict is Verdict.FAIL


def memory(*sizes: float) -> list[MemoryAtScale]:
    return [MemoryAtScale(10 * (index + 1), size * 1024**2) for index, size in enumerate(sizes)]


def test_straight_growth_passes_and_quadratic_growth_fails() -> None:
    assert judge_memory_growth(memory(60, 70, 80, 90), "OP-1", GROWTH).verdict is Verdict.PASS
    assert judge_memory_growth(memory(60, 58, 59, 60), "OP-1", GROWTH).verdict is Verdict.PASS
    found = judge_memory_growth(memory(10, 40, 90, 250), "OP-1", GROWTH)
    assert found.verdict is Verdict.FAIL
    assert "With 40 tenants the suite used 250 MB" in found.reason


def test_two_scales_decide_nothing_about_a_line() -> None:
    assert judge_memory_growth(memory(60, 70), "OP-1", GROWTH).verdict is Verdict.INCONCLUSIVE
    assert judge_memory_growth([], "OP-1", GROWTH).verdict is Verdict.FAIL
