"""Served again: own answers only, as a share of what was sent."""

from __future__ import annotations

import pytest

from isolation.judge.traffic.served import judge_connections_of_one, judge_served, unserved_tenants
from isolation.record import Measurement, Operation, Outcome, Verdict
from unit.judge.judge_histories import at_least, at_most, operation

GOOD = [operation() for _ in range(19)]


def served(*more: Operation) -> Measurement:
    return judge_served("RI-3", "operations answered", [*GOOD, *more], at_least(95), "after the leak")


def test_a_share_at_the_limit_passes_and_below_it_fails() -> None:
    refused = operation("acme-02", outcome=Outcome.REFUSED, code="busy")
    assert served(refused).verdict is Verdict.PASS
    below = served(refused, refused)
    assert (below.verdict, below.tenants) == (Verdict.FAIL, ("acme-02",))
    assert "19 of 21 operations were answered after the leak" in below.reason


def test_what_was_never_sent_is_left_out_unless_it_would_decide() -> None:
    unsent = operation("acme-09", outcome=Outcome.NOT_SENT)
    assert served(unsent).verdict is Verdict.PASS
    assert served(unsent, unsent).verdict is Verdict.INCONCLUSIVE
    assert unserved_tenants([*GOOD, unsent]) == []


def test_nothing_sent_fails() -> None:
    assert judge_served("RI-3", "x", [], at_least(95), "after the leak").verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("held", "outcome", "verdict"),
    [
        (5, Outcome.REFUSED, Verdict.PASS),
        (15, Outcome.ANSWERED, Verdict.FAIL),
        (6, Outcome.REFUSED, Verdict.FAIL),
        (3, Outcome.ANSWERED, Verdict.INCONCLUSIVE),
        (0, Outcome.REFUSED, Verdict.INCONCLUSIVE),
        (None, Outcome.REFUSED, Verdict.INCONCLUSIVE),
    ],
)
def test_whoever_was_not_held_at_the_limit_has_not_shown_it(
    held: int | None, outcome: Outcome, verdict: Verdict
) -> None:
    asked = [operation("a", outcome=outcome)]
    assert judge_connections_of_one("RI-4", "a", 15, held, asked, at_most(5, "connections")).verdict is verdict
