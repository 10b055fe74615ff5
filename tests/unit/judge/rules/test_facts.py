"""Facts: exactly as they had to be, and whose value it was when not."""

from __future__ import annotations

import pytest

from isolation.judge.rules.facts import judge_facts
from isolation.record import Verdict
from isolation.record.facts import Fact

ANN, BOB = Fact("ann", "the thread", "north", "north"), Fact("bob", "the thread", "south", "south")


def test_right_facts_pass() -> None:
    found = judge_facts("AR-5", "wrong threads", [ANN, BOB])
    assert (found.verdict, found.value, found.samples) == (Verdict.PASS, 0, 2)


def test_the_value_of_another_user_is_named_with_its_owner() -> None:
    found = judge_facts("AR-5", "wrong threads", [ANN, Fact("bob", "the thread", "south", "north")])
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("bob",))
    assert "the thread of 'bob' was 'north', which is right for 'ann' instead of 'south'" in found.reason


@pytest.mark.parametrize("shown", [None, "", "South", True])
def test_anything_else_than_the_expected_value_fails(shown: object) -> None:
    assert judge_facts("AR-5", "wrong threads", [Fact("bob", "the thread", "south", shown)]).verdict is Verdict.FAIL


def test_a_number_is_no_truth_value() -> None:
    assert judge_facts("AR-5", "counts", [Fact("bob", "the count", 1, True)]).verdict is Verdict.FAIL


def test_what_was_not_shown_is_said_so() -> None:
    assert "was not shown" in judge_facts("AR-5", "wrong threads", [Fact("bob", "the thread", "south", None)]).reason


def test_no_fact_at_all_fails() -> None:
    assert judge_facts("AR-5", "wrong threads", []).verdict is Verdict.FAIL


def test_of_a_long_object_the_field_that_differs_is_named() -> None:
    many = {f"field {number:02}": "x" * 20 for number in range(20)}
    found = judge_facts("AR-9", "contexts", [Fact("bob", "the context", many, {**many, "field 17": "of ann"})])
    assert "the context of 'bob' differed in 'field 17': 'of ann' instead of 'xxxxxxxxxxxxxxxxxxxx'" in found.reason
