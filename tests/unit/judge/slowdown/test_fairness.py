"""Shares, entitlements and gradual degradation on made-up histories."""

from __future__ import annotations

import pytest

from isolation.judge.slowdown.fairness import (
    FairnessLimits,
    LoadStep,
    Share,
    judge_fairness,
    judge_gradual,
    max_min_entitlements,
    shares_of_answers,
)
from isolation.record import Comparison, Limit, Measurement, Operation, Outcome, Verdict


def limit(value: float, comparison: Comparison, unit: str = "") -> Limit:
    return Limit(value=value, unit=unit, comparison=comparison, source="test")


LIMITS = FairnessLimits(
    jain=limit(0.95, Comparison.AT_LEAST),
    least=limit(0.5, Comparison.AT_LEAST, "x entitlement"),
    largest=limit(2.0, Comparison.AT_MOST, "x fair share"),
    variation=limit(1.0, Comparison.BELOW, "CV"),
)
GRADUAL = limit(0.7, Comparison.AT_LEAST)


def judge(obtained: dict[str, float], entitled: float = 100.0) -> dict[str, Measurement]:
    shares = {tenant: Share(value, entitled) for tenant, value in obtained.items()}
    return {found.metric: found for found in judge_fairness(shares, "RI-6", LIMITS)}


def equals(count: int, value: float) -> dict[str, float]:
    return {f"t{number}": value for number in range(count)}


def requests(tenant: str, asked: int, answered: int, kind: str = "light", seconds: float = 0.1) -> list[Operation]:
    return [
        Operation(
            tenant=tenant,
            user="u",
            session="s",
            correlation_id=str(number),
            kind=kind,
            intended_at=number / asked,
            sent_at=number / asked,
            completed_at=number / asked + seconds if number < answered else None,
            outcome=Outcome.ANSWERED if number < answered else Outcome.TIMED_OUT,
        )
        for number in range(asked)
    ]


def test_equal_shares_pass_everything() -> None:
    found = judge(equals(50, 97.0))
    assert {m.verdict for m in found.values()} == {Verdict.PASS}
    assert found["Jain's index"].value == pytest.approx(1.0)
    assert found["variation"].value == pytest.approx(0.0)


def test_a_starved_tenant_is_named_although_jain_is_high() -> None:
    found = judge({**equals(49, 100.0), "hungry": 30.0})
    assert found["Jain's index"].verdict is Verdict.PASS
    assert found["least share"].verdict is Verdict.FAIL
    assert found["least share"].tenants == ("hungry",)
    assert "'hungry' had the least share, 30% of its due (30 of 100)" in found["least share"].reason


def test_a_greedy_tenant_is_named() -> None:
    found = judge({**equals(49, 95.0), "greedy": 250.0})["largest share"]
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("greedy",)


def test_half_starving_passes_the_old_variation_limit_but_not_jain() -> None:
    found = judge({**equals(25, 190.0), **{f"s{n}": 10.0 for n in range(25)}})
    assert found["variation"].verdict is Verdict.PASS
    assert found["Jain's index"].verdict is Verdict.FAIL
    assert found["Jain's index"].tenants


def test_nothing_obtained_is_red_and_one_tenant_decides_nothing() -> None:
    assert {m.verdict for m in judge(equals(10, 0.0)).values()} == {Verdict.FAIL}
    assert {m.verdict for m in judge({}).values()} == {Verdict.FAIL}
    assert {m.verdict for m in judge(equals(1, 50.0)).values()} == {Verdict.INCONCLUSIVE}


def test_an_impossible_share_is_refused() -> None:
    with pytest.raises(ValueError, match="entitled > 0"):
        Share(1.0, 0.0)


def test_small_demands_are_met_and_the_rest_is_divided_evenly() -> None:
    assert max_min_entitlements({"a": 2, "b": 8, "c": 10}, 12) == {"a": 2, "b": 5, "c": 5}
    assert max_min_entitlements({"a": 2, "b": 3}, 100) == {"a": 2, "b": 3}
    assert max_min_entitlements({}, 5) == {}


def test_late_answers_and_missing_ones_do_not_count() -> None:
    asked = requests("late", 10, 10, seconds=5.0) + requests("prompt", 10, 10) + requests("half", 10, 5)
    shares = shares_of_answers(asked, ["late", "prompt", "half"], 0.5)
    assert {name: share.ratio for name, share in shares.items()} == {"late": 0.0, "prompt": 1.0, "half": 0.5}
    found = {m.metric: m for m in judge_fairness(shares, "RI-4", LIMITS)}
    assert found["Jain's index"].verdict is Verdict.FAIL and found["least share"].tenants == ("late",)


def test_requests_that_were_never_sent_are_no_demand() -> None:
    unsent = [
        Operation(tenant="x", user="u", session="s", correlation_id="c", kind="light", intended_at=0.5)
        for _ in range(9)
    ]
    assert set(shares_of_answers(unsent + requests("a", 10, 10), ["a", "x"], 1.0)) == {"a"}


def test_a_rate_that_levels_off_degrades_gradually_and_one_that_collapses_does_not() -> None:
    good = [LoadStep(100, 100, 0.1), LoadStep(200, 190, 0.3), LoadStep(400, 170, 1.5)]
    bad = [LoadStep(400, 40, None), LoadStep(100, 100, 0.1), LoadStep(200, 190, 0.3)]
    assert judge_gradual(good, "RI-6", GRADUAL).verdict is Verdict.PASS
    found = judge_gradual(bad, "RI-6", GRADUAL)
    assert found.verdict is Verdict.FAIL
    assert found.value == pytest.approx(40 / 190)
    assert "At 400 requests/s offered, 40 requests/s were answered" in found.reason


def test_one_load_step_decides_nothing_and_no_answer_is_red() -> None:
    assert judge_gradual([LoadStep(100, 100, 0.1)], "RI-6", GRADUAL).verdict is Verdict.INCONCLUSIVE
    assert judge_gradual([LoadStep(100, 0, None)] * 2, "RI-6", GRADUAL).verdict is Verdict.FAIL
    assert judge_gradual([], "RI-6", GRADUAL).verdict is Verdict.FAIL
