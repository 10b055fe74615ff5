"""Many starts at once: connected, answered, distinct, with their own context, in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.traffic.concurrent_startup import judge_own_things
from isolation.judge.traffic.startup import (
    judge_contexts,
    judge_distinct,
    judge_each_start,
    judge_start_percentiles,
    judge_startup,
)
from isolation.record import Sample, Verdict
from isolation.record.concurrent_startup.startup import Startup, StartupRecord
from isolation.record.limits import Limits
from isolation.record.measurements import worst
from unit.judge.judge_histories import at_least, at_most, below, by_metric


def context(number: int) -> dict[str, object]:
    return {"budget": 1000 + number, "region": f"region-{number}", "tier": "gold"}


def start(number: int, total: float = 1.0) -> Startup:
    return Startup(
        f"user-{number}", f"acme-{number}", 0.2, 0.1, 0.3, 0.4, total, f"agent-{number}", f"session-{number}",
        5000 + number, context(number), {**context(number), "more": 1}, True,
    )  # fmt: skip


def failed(number: int, connected: bool = True) -> Startup:
    return Startup(
        f"user-{number}", f"acme-{number}", 0.2 if connected else None, None, None, None, None, "", "", None,
        context(number), None, False, "first response" if connected else "connect",
    )  # fmt: skip


ALL = [start(number) for number in range(100)]


def test_a_hundred_good_starts_pass() -> None:
    found = [*judge_startup("CS-1", ALL, at_most(10), at_least(95)), *judge_distinct("CS-1", ALL)]
    found += [judge_contexts("CS-1", ALL), judge_each_start("CS-1", ALL, below(5))]
    assert worst(found) is Verdict.PASS
    assert "100 of 100 connected, 100 of 100 answered" in by_metric(found, "succeeded").reason


def test_all_connected_and_none_answered_is_red_in_plain_words() -> None:
    dead = [failed(number) for number in range(100)]
    connected, succeeded = judge_startup("CS-1", dead, at_most(10), at_least(95))
    assert (connected.verdict, succeeded.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert "100 of 100 connected, 0 of 100 answered; the chain broke at 'first response' (100 x)" in succeeded.reason
    others = [*judge_distinct("CS-1", dead), judge_contexts("CS-1", dead), judge_each_start("CS-1", dead, below(5))]
    others += judge_start_percentiles("CS-3", dead, {0.95: below(5)})[:1]
    assert {m.verdict for m in others} == {Verdict.FAIL}


def test_one_user_who_does_not_connect_or_connects_late_fails() -> None:
    missing, succeeded = judge_startup("CS-1", [*ALL[:99], failed(99, False)], at_most(10), at_least(95))
    assert (missing.verdict, missing.tenants) == (Verdict.FAIL, ("acme-99",))
    assert succeeded.verdict is Verdict.PASS
    late = judge_startup("CS-1", [*ALL[:99], replace(ALL[99], connect_s=10.5)], at_most(10), at_least(95))[0]
    assert late.verdict is Verdict.FAIL and "'user-99'" in late.reason
    assert {m.verdict for m in judge_startup("CS-1", [], at_most(10), at_least(95))} == {Verdict.FAIL}


def test_too_few_successes_fail() -> None:
    starts = [*ALL[:94], *(failed(number) for number in range(94, 100))]
    assert by_metric(judge_startup("CS-1", starts, at_most(10), at_least(95)), "succeeded").verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("shared", "things"),
    [
        (replace(ALL[7], agent="agent-3"), "agent instances"),
        (replace(ALL[7], session_id="session-3"), "session ids"),
        (replace(ALL[7], pid=5003), "process ids"),
    ],
)
def test_shared_instances_fail_and_name_both_users(shared: Startup, things: str) -> None:
    found = judge_distinct("CS-1", [*ALL[:7], shared])
    (bad,) = [m for m in found if m.verdict is Verdict.FAIL]
    assert things in bad.metric
    assert "'user-3' and 'user-7'" in bad.reason
    assert bad.tenants == ("acme-3", "acme-7")


def test_an_instance_that_could_not_be_found_is_not_distinct() -> None:
    found = judge_distinct("CS-1", [*ALL[:7], replace(ALL[7], pid=None)])
    assert by_metric(found, "process ids").verdict is Verdict.INCONCLUSIVE


def test_a_context_of_somebody_else_is_named_with_its_owner() -> None:
    foreign = replace(ALL[7], answered={**context(7), "budget": 1003})
    found = judge_contexts("CS-1", [*ALL[:7], foreign])
    assert (found.verdict, found.value, found.tenants) == (Verdict.FAIL, 1, ("acme-7",))
    assert "'user-7' got budget 1003 instead of 1007, the value of 'user-3'" in found.reason


@pytest.mark.parametrize("answered", [None, {}, {**context(7), "tier": "Gold"}, {**context(7), "budget": "1007"}])
def test_any_inexact_context_fails(answered: dict[str, object] | None) -> None:
    assert judge_contexts("CS-1", [replace(ALL[7], answered=answered)]).verdict is Verdict.FAIL


def test_one_slow_start_fails_the_case() -> None:
    found = judge_each_start("CS-1", [*ALL[:99], start(99, 5.2)], below(5))
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("acme-99",))


def test_percentiles_with_too_few_samples_are_decided_on_the_maximum_and_say_so() -> None:
    starts = [*ALL[:99], start(99, 9)]
    p95, p99 = judge_start_percentiles("CS-3", starts, {0.95: below(5), 0.99: below(8)})[:2]
    assert (p95.value, p95.verdict, p99.verdict) == (9, Verdict.FAIL, Verdict.FAIL)
    assert "P95 would need 200" in p95.reason and "P99 would need 1,000" in p99.reason


def test_percentiles_with_enough_samples_ignore_the_tail_that_they_allow() -> None:
    starts = [start(number, 9 if number < 8 else 1) for number in range(200)]
    assert judge_start_percentiles("CS-3", starts, {0.95: below(5)})[0].verdict is Verdict.PASS
    starts = [start(number, 9 if number < 12 else 1) for number in range(200)]
    assert judge_start_percentiles("CS-3", starts, {0.95: below(5)})[0].verdict is Verdict.FAIL


def test_every_phase_is_reported() -> None:
    metrics = [m.metric for m in judge_start_percentiles("CS-3", ALL, {})]
    assert len(metrics) == 5 and "first response time (median)" in metrics


def test_starts_that_never_ended_are_slower_than_any_percentile_that_they_reach() -> None:
    limits = {0.95: below(5), 0.99: below(8)}
    starts = [*(start(number) for number in range(98)), failed(98), failed(99)]
    p95, p99 = judge_start_percentiles("CS-3", starts, limits)[:2]
    assert (p95.verdict, p99.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert "2 of 100 starts never ended" in p99.reason


def test_a_process_that_is_named_for_an_agent_and_does_not_work_proves_nothing() -> None:
    limits = Limits({"fewest users": at_least(2), "burn": at_least(0.5)})

    def seen(at: float, used: float) -> list[Sample]:
        return [Sample(at, start.tenant, start.pid or 0, used, 10) for start in ALL]

    record = StartupRecord(0.0, 1.0, 1.0, 2, ALL, agents=seen(1.0, 0.1), worked={s.tenant: 0.05 for s in ALL})
    record.after_work = seen(2.0, 0.15)
    assert worst(judge_own_things("CS-1", record, limits)) is Verdict.PASS
    record.after_work = seen(2.0, 0.1)
    assert worst(judge_own_things("CS-1", record, limits)) is Verdict.INCONCLUSIVE


def test_what_the_target_does_not_tell_is_not_applicable_and_hides_nothing() -> None:
    found = judge_distinct("CS-1", [replace(start(n), pid=None) for n in range(3)], {"process ids": "no processes"})
    verdicts = {one.metric: one.verdict for one in found}
    assert verdicts["shared process ids"] is Verdict.NOT_APPLICABLE
    assert verdicts["shared agent instances"] is Verdict.PASS


def test_answers_that_tell_nothing_of_whose_they_are_do_not_decide() -> None:
    blank = [replace(start(n), expected={}, answered={"echo": None}) for n in range(3)]
    assert judge_contexts("CS-1", blank).verdict is Verdict.INCONCLUSIVE
    mixed = [*blank, replace(start(9), expected={}, answered={"echo": "x"}, foreign_owner="user-1")]
    assert judge_contexts("CS-1", mixed).verdict is Verdict.FAIL
