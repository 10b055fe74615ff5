"""What cycles take, and what they leave."""

from __future__ import annotations

from isolation.judge.leaks.left_over import judge_left_over
from isolation.record import Verdict
from unit.judge.judge_histories import by_metric

HEIGHTS = [{"sessions": 15, "leases": 0}, {"sessions": 15, "leases": 0}, {"sessions": 15, "leases": 0}]
RESTS = [{"sessions": 0, "leases": 0}] * 3


def test_what_was_taken_and_given_back_is_counted_not_assumed() -> None:
    (sessions,) = judge_left_over("AR-12", HEIGHTS, RESTS, ["sessions"])
    assert sessions.verdict is Verdict.PASS
    assert sessions.reason.startswith("45 sessions")


def test_an_expected_kind_that_was_never_taken_fails() -> None:
    found = judge_left_over("AR-12", HEIGHTS, RESTS, ["sessions", "leases", "keys"])
    assert by_metric(found, "leases").verdict is Verdict.FAIL
    assert by_metric(found, "leases").reason.startswith("No leases of the target were opened")
    assert by_metric(found, "keys").verdict is Verdict.FAIL


def test_what_nobody_took_is_not_said_to_be_given_back() -> None:
    assert [m.metric for m in judge_left_over("AR-12", HEIGHTS, RESTS, ["sessions"])] == ["sessions left open"]


def test_what_was_taken_besides_is_judged_too() -> None:
    heights = [{**counts, "files": 3} for counts in HEIGHTS]
    rests = [{**counts, "files": number} for number, counts in enumerate(RESTS)]
    found = by_metric(judge_left_over("AR-12", heights, rests, ["sessions"]), "files")
    assert (found.verdict, found.value) == (Verdict.FAIL, 2)


def test_what_grows_between_the_heights_is_found() -> None:
    rests = [RESTS[0], RESTS[1], {"sessions": 0, "leases": 1}]
    found = by_metric(judge_left_over("AR-12", HEIGHTS, rests, ["sessions"]), "leases")
    assert found.verdict is Verdict.FAIL


def test_a_rest_that_wavers_below_the_first_one_is_no_left_over() -> None:
    heights = [{"handles": 30}] * 3
    rests = [{"handles": 20}, {"handles": 18}, {"handles": 20}]
    (handles,) = judge_left_over("AR-12", heights, rests, ["handles"])
    assert handles.verdict is Verdict.PASS
