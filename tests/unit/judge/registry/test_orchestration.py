"""Flows: their steps in order, side by side where promised, by agents of one user."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.registry.orchestration import judge_flows, judge_leadership, judge_side_by_side
from isolation.record import Verdict
from isolation.record.registry.flows import Flow, Shape, Step
from unit.judge.judge_histories import at_least

SHAPE = Shape(
    {
        "first": frozenset(),
        "left": frozenset({"first"}),
        "right": frozenset({"first"}),
        "last": frozenset({"left", "right"}),
    },
    frozenset({"left", "right"}),
)
STEPS = (Step("first", "a1", 0, 1), Step("left", "a2", 1, 3), Step("right", "a3", 1, 2), Step("last", "a4", 3, 4))
FLOW = Flow("acme", "ann", "boss", STEPS, frozenset({"boss"}))
OWNERS = dict.fromkeys(("a1", "a2", "a3", "a4", "boss"), "ann")


def test_a_right_flow_passes_everything() -> None:
    assert judge_flows("AR-17", [FLOW], SHAPE).verdict is Verdict.PASS
    assert judge_leadership("AR-18", [FLOW], OWNERS).verdict is Verdict.PASS
    assert judge_side_by_side("AR-18", [FLOW], SHAPE, at_least(95)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "steps",
    [
        (),
        STEPS[:3],
        (*STEPS, STEPS[0]),
        (*STEPS[:3], replace(STEPS[3], started_at=2.5)),
        (STEPS[0], replace(STEPS[1], started_at=0.5), *STEPS[2:]),
    ],
)
def test_missing_further_and_early_steps_fail(steps: tuple[Step, ...]) -> None:
    found = judge_flows("AR-17", [FLOW, replace(FLOW, tenant="other", steps=steps)], SHAPE)
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("other",))


def test_an_agent_of_another_user_fails_and_is_named() -> None:
    found = judge_leadership("AR-18", [FLOW], {**OWNERS, "a3": "bob"})
    assert found.verdict is Verdict.FAIL
    assert "the right of 'acme' (user 'ann') was agent 'a3' of 'bob'" in found.reason


def test_an_agent_that_nobody_is_shown_fails() -> None:
    assert judge_leadership("AR-18", [FLOW], {k: v for k, v in OWNERS.items() if k != "boss"}).verdict is Verdict.FAIL


def test_a_step_under_another_leader_fails() -> None:
    wrong = replace(FLOW, parents=frozenset({"boss", "other boss"}))
    assert judge_leadership("AR-18", [wrong], OWNERS).verdict is Verdict.FAIL


def test_parallel_steps_one_after_another_fail() -> None:
    serial = replace(FLOW, steps=(STEPS[0], replace(STEPS[1], ended_at=2), replace(STEPS[2], started_at=2), STEPS[3]))
    assert judge_side_by_side("AR-18", [serial], SHAPE, at_least(95)).verdict is Verdict.FAIL


def test_no_answered_flow_fails() -> None:
    no_evidence = replace(FLOW, steps=())
    assert judge_flows("AR-17", [no_evidence], SHAPE).verdict is Verdict.FAIL
    assert judge_leadership("AR-18", [no_evidence], OWNERS).verdict is Verdict.FAIL
    assert judge_side_by_side("AR-18", [no_evidence], SHAPE, at_least(95)).verdict is Verdict.FAIL
