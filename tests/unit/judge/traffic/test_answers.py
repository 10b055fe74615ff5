"""Answered share, answer time and the generator's own lateness on made-up operations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.traffic.answers import judge_answer_rate, judge_answer_time, judge_answers, judge_lateness
from isolation.record import Operation, Outcome, Verdict
from isolation.record.limits import Limits
from unit.judge.judge_histories import above, at_least, at_most, below

SHARE = Limits({"answered": at_least(95), "not sent": at_most(1, "%")})
TIME = below(2)
LATE = below(20, "ms")


def operations(
    count: int, tenant: str = "acme", seconds: float = 0.1, outcome: Outcome = Outcome.ANSWERED
) -> list[Operation]:
    no_evidence = outcome in (Outcome.TIMED_OUT, Outcome.LOST, Outcome.NOT_SENT)
    return [
        Operation(
            tenant=tenant,
            user="u",
            session="s",
            correlation_id=str(number),
            kind="typical",
            intended_at=float(number),
            sent_at=None if outcome is Outcome.NOT_SENT else number + 0.001,
            accepted_at=None if no_evidence else number + 0.002,
            completed_at=None if no_evidence else number + seconds,
            outcome=outcome,
        )
        for number in range(count)
    ]


def test_all_connected_and_none_answered_is_red_in_plain_words() -> None:
    connected, answered = judge_answers(operations(100, outcome=Outcome.TIMED_OUT), "RI-6", SHARE, 100, 100)
    assert connected.verdict is Verdict.PASS
    assert answered.verdict is Verdict.FAIL
    assert "100 of 100 connected, 0 of 100 answered" in answered.reason
    assert "the chain broke after 'sent' (100 sent, 0 started; 100 timed out)" in answered.reason


def test_requests_that_were_started_and_never_completed_break_the_chain_later() -> None:
    stuck = [replace(o, accepted_at=o.intended_at) for o in operations(100, outcome=Outcome.TIMED_OUT)]
    assert "after 'started' (100 started, 0 answered" in judge_answers(stuck, "RI-6", SHARE, 100, 100)[1].reason


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.ANSWERED])
def test_nothing_but_an_answer_is_an_answer(outcome: Outcome) -> None:
    found = judge_answers(operations(100, outcome=outcome), "RI-6", SHARE, 100, 100)[1]
    assert found.verdict is Verdict.FAIL
    assert "0 of 100 answered" in found.reason


def test_no_request_at_all_is_red() -> None:
    assert [m.verdict for m in judge_answers([], "RI-6", SHARE, 0, 0)] == [Verdict.FAIL, Verdict.FAIL]


def test_95_of_100_pass_and_94_fail_and_the_worst_served_is_named() -> None:
    refused = [replace(o, code="busy") for o in operations(6, "zeta", outcome=Outcome.REFUSED)]
    good = judge_answers(operations(95) + refused[:5], "RI-6", SHARE, 100, 100)[1]
    bad = judge_answers(operations(94) + refused, "RI-6", SHARE, 100, 100)[1]
    assert good.verdict is Verdict.PASS
    assert bad.verdict is Verdict.FAIL
    assert bad.value == pytest.approx(94)
    assert bad.tenants == ("zeta",)
    assert "6 refused with code 'busy'" in bad.reason


def test_too_few_connections_are_red() -> None:
    assert judge_answers(operations(90), "CS-1", SHARE, 90, 100)[0].verdict is Verdict.FAIL


def test_requests_that_the_suite_did_not_send_do_not_blame_the_target() -> None:
    unsent = operations(2, outcome=Outcome.NOT_SENT)
    assert judge_answers(operations(98) + unsent, "RI-6", SHARE, 100, 100)[1].verdict is Verdict.INCONCLUSIVE
    assert judge_answers(operations(99) + unsent[:1], "RI-6", SHARE, 100, 100)[1].verdict is Verdict.PASS


def test_the_slowest_tenant_decides_the_answer_time() -> None:
    mixed = operations(300, "fast") + operations(300, "acme-07", 2.31)
    found = judge_answer_time(mixed, "RI-4", TIME, 0.95)
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("acme-07",)
    assert "'acme-07'" in found.reason
    assert "2.31 s (P95 of 300 answers)" in found.reason
    assert judge_answer_time(operations(300), "RI-4", TIME, 0.95).verdict is Verdict.PASS


def test_with_too_few_answers_the_longest_decides_and_the_sentence_says_so() -> None:
    found = judge_answer_time(operations(19) + operations(1, seconds=3.0), "RI-4", TIME, 0.95)
    assert found.verdict is Verdict.FAIL
    assert "the longest of 20 answers, too few for P95" in found.reason


def test_a_tenant_without_answers_has_no_good_answer_time() -> None:
    no_evidence = operations(5, "mute", outcome=Outcome.LOST)
    found = judge_answer_time(operations(300) + no_evidence, "RI-4", TIME, 0.95)
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("mute",)
    assert judge_answer_time([], "RI-4", TIME, 0.95).verdict is Verdict.FAIL


def test_an_answer_time_counts_from_the_intended_send_time() -> None:
    stalled = [replace(o, sent_at=o.intended_at + 2.9, completed_at=o.intended_at + 3.0) for o in operations(300)]
    assert judge_answer_time(stalled, "RI-4", TIME, 0.95).verdict is Verdict.FAIL


def test_a_late_generator_does_not_decide_and_a_punctual_one_passes() -> None:
    late = [replace(o, sent_at=o.intended_at + 0.03) for o in operations(20)]
    on_time = judge_lateness(operations(1000), "RI-4", LATE)
    assert on_time.verdict is Verdict.PASS
    assert on_time.control
    assert "P99 of 1,000" in on_time.reason
    few_late = judge_lateness(operations(1000) + late, "RI-4", LATE)
    assert few_late.verdict is Verdict.INCONCLUSIVE
    assert few_late.engine_lag_ms == pytest.approx(30)
    assert judge_lateness([], "RI-4", LATE).verdict is Verdict.INCONCLUSIVE


def test_a_limit_in_a_foreign_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="not a unit of time"):
        judge_lateness(operations(5), "RI-4", SHARE["answered"])


def test_the_least_served_tenant_decides_the_answer_rate() -> None:
    rate = above(10, "requests/min")
    served = operations(60, "a") + operations(60, "b")
    good = judge_answer_rate(served, "RI-1", rate, ["a", "b"], 0, 60)
    bad = judge_answer_rate(served, "RI-1", rate, ["a", "b", "c"], 0, 60)
    assert good.verdict is Verdict.PASS
    assert good.value == pytest.approx(60)
    assert bad.verdict is Verdict.FAIL
    assert bad.tenants == ("c",)
    assert judge_answer_rate([], "RI-1", rate, ["a"], 0, 60).verdict is Verdict.FAIL
