"""A cancelled answer, a cached answer of somebody else or a lost user is seen; a clean staging passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isolation.judge.access import incidents
from isolation.judge.access.incidents import (
    judge_broadcast,
    judge_cache_content,
    judge_cancelled,
    judge_left_in_the_middle,
    judge_own_answers,
    judge_resumed,
    judge_storm,
)
from isolation.judge.access.timing import TimingRule
from isolation.record import Comparison, Limit, Measurement, Outcome, Verdict
from isolation.record.traffic.exchanges import Exchange, LateFrame, Return

CANCELLED = Exchange("cancelled", "acme", "ann", "s1", Outcome.CANCELLED, 0.01, 5.0, correlation_id="c.text")
LIMIT = Limit(value=10, unit="s", comparison=Comparison.AT_MOST, source="document 004")
USERS = {"ann": "acme", "eve": "other"}
CHANCE = np.random.default_rng(1)


SHARE = Limit(value=50, unit="%", comparison=Comparison.AT_LEAST, source="the suite's own")
RULE = TimingRule(level=0.001, effect=0.65, shift_s=0.0005, enough=20)


def judge_cache_timing(promise: str, exchanges: list[Exchange]) -> list[Measurement]:
    return incidents.judge_cache_timing(promise, exchanges, RULE)


def asked(
    occasion: str, seconds: float, user: str = "eve", cached: bool = False, others: tuple[str, ...] = ()
) -> Exchange:
    return Exchange(occasion, USERS[user], user, "s", Outcome.ANSWERED, seconds, 1.0, cached=cached, others=others)


def cache_history(known: float, cached_own: bool = True) -> list[Exchange]:
    def times(middle: float) -> list[float]:
        return [float(value) for value in CHANCE.normal(middle, 0.001, 24)]

    return [
        *(asked("own, first time", s, user="ann") for s in times(0.022)),
        *(asked("own, again", s, user="ann", cached=cached_own) for s in times(0.004 if cached_own else 0.022)),
        *(asked("foreign, asked before", s) for s in times(known)),
        *(asked("foreign, never asked", s) for s in times(0.022)),
    ]


def test_cancelled_requests_that_stay_silent_pass() -> None:
    found = judge_cancelled("CS-2", [CANCELLED], [])
    assert (found.verdict, found.samples) == (Verdict.PASS, 1)


def test_an_answer_after_its_cancellation_fails_wherever_it_arrives() -> None:
    found = judge_cancelled("CS-2", [CANCELLED], [LateFrame("acme", "other", "s2", 0.3)])
    assert found.verdict is Verdict.FAIL and "'s2' 300 ms later" in found.reason and found.tenants == ("acme", "other")


def test_without_a_cancellation_in_flight_nothing_is_proven() -> None:
    found = judge_cancelled("CS-2", [replace(CANCELLED, outcome=Outcome.ANSWERED)], [])
    assert found.verdict is Verdict.INCONCLUSIVE


def test_the_answer_to_another_request_fails() -> None:
    right = asked("after a cancellation", 0.1)
    assert judge_own_answers("CS-2", "after a cancellation", [right]).verdict is Verdict.PASS
    found = judge_own_answers("CS-2", "after a cancellation", [right, replace(right, own=False)])
    assert found.verdict is Verdict.FAIL and "'other' got the answer to another request" in found.reason


def test_a_missing_answer_does_not_pass() -> None:
    right = asked("after the storm", 0.1)
    lost = replace(right, outcome=Outcome.LOST)
    assert judge_own_answers("CS-2", "after the storm", [right, lost]).verdict is Verdict.INCONCLUSIVE
    assert judge_own_answers("CS-2", "after the storm", [lost]).verdict is Verdict.FAIL


def test_own_cached_answers_are_harmless() -> None:
    assert judge_cache_content("CS-2", cache_history(0.022)).verdict is Verdict.PASS


def test_an_answer_that_names_somebody_else_fails() -> None:
    leak = asked("foreign, asked before", 0.01, others=("acme",))
    found = judge_cache_content("CS-2", [*cache_history(0.022), leak])
    assert found.verdict is Verdict.FAIL and found.tenants == ("acme", "other")


def test_a_cached_answer_at_the_first_asking_fails() -> None:
    leak = asked("foreign, asked before", 0.01, cached=True)
    assert judge_cache_content("CS-2", [*cache_history(0.022), leak]).verdict is Verdict.FAIL


def test_without_a_cache_that_works_nothing_is_proven() -> None:
    history = cache_history(0.022, cached_own=False)
    assert judge_cache_content("CS-2", history).verdict is Verdict.INCONCLUSIVE
    timing, control = judge_cache_timing("CS-2", history)
    assert timing.verdict is Verdict.PASS and control.verdict is Verdict.INCONCLUSIVE and control.control


def test_same_times_pass_and_the_control_sees_the_own_cache() -> None:
    assert [m.verdict for m in judge_cache_timing("CS-2", cache_history(0.022))] == [Verdict.PASS] * 2


def test_a_cache_hit_that_a_stranger_can_time_fails() -> None:
    found = judge_cache_timing("CS-2", cache_history(0.004))[0]
    assert found.verdict is Verdict.FAIL and "faster" in found.reason


def test_a_false_alarm_over_times_is_rare() -> None:
    alarms = sum(judge_cache_timing("CS-2", cache_history(0.022))[0].verdict is Verdict.FAIL for _ in range(200))
    assert alarms <= 2


def test_too_few_times_do_not_decide() -> None:
    few = [e for e in cache_history(0.022) if e.occasion != "foreign, never asked"] + [
        asked("foreign, never asked", 0.02)
    ]
    assert judge_cache_timing("CS-2", few)[0].verdict is Verdict.INCONCLUSIVE


def test_an_announcement_must_reach_each_session_once() -> None:
    assert judge_broadcast("CS-2", {"s1": 1, "s2": 1}).verdict is Verdict.PASS
    for heard in ({"s1": 1, "s2": 0}, {"s1": 1, "s2": 2}, {"s1": 0}, {}):
        assert judge_broadcast("CS-2", heard).verdict is Verdict.FAIL


def test_somebody_who_does_not_come_back_fails() -> None:
    back, lost = Return("acme", 0.2), Return("other", None, "HTTP 503")
    assert judge_storm("CS-2", [back], LIMIT).verdict is Verdict.PASS
    assert judge_storm("CS-2", [Return("acme", 11.0)], LIMIT).verdict is Verdict.FAIL
    found = judge_storm("CS-2", [back, lost], LIMIT)
    assert found.verdict is Verdict.FAIL and "'other' (HTTP 503)" in found.reason
    assert judge_storm("CS-2", [], LIMIT).verdict is Verdict.FAIL


def left(taken_up: bool = True, outcome: Outcome = Outcome.LOST) -> Exchange:
    return replace(asked("left", 0.0), outcome=outcome, taken_up=taken_up)


def test_newcomers_prove_nothing_when_no_work_was_under_way_or_nobody_could_look() -> None:
    look = replace(asked("look", 0.1), outcome=Outcome.ANSWERED)
    good = judge_left_in_the_middle("CS-2", [left(), left()], [look], SHARE)
    assert [(m.verdict, m.control) for m in good] == [(Verdict.PASS, True)] * 2
    idle = judge_left_in_the_middle(
        "CS-2", [left(taken_up=False), left(outcome=Outcome.ANSWERED), left()], [look], SHARE
    )
    assert [m.verdict for m in idle] == [Verdict.INCONCLUSIVE, Verdict.PASS]
    blind = judge_left_in_the_middle("CS-2", [left()], [replace(look, outcome=Outcome.REFUSED)], SHARE)
    assert [m.verdict for m in blind] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    assert {m.verdict for m in judge_left_in_the_middle("CS-2", [], [], SHARE)} == {Verdict.INCONCLUSIVE}


def test_a_session_that_cannot_be_taken_up_again_fails() -> None:
    back = Return("a", 0.1, resumed=True, replayed=1)
    assert [m.verdict for m in judge_resumed("CS-2", [back], SHARE)] == [Verdict.PASS] * 2
    bad = judge_resumed("CS-2", [back, Return("b", 0.1, resumed=False)], SHARE)[0]
    assert (bad.verdict, bad.tenants) == (Verdict.FAIL, ("b",))
    assert judge_resumed("CS-2", [Return("a", None)], SHARE)[0].verdict is Verdict.FAIL


def test_sessions_that_send_nothing_again_prove_nothing() -> None:
    found = judge_resumed("CS-2", [Return("a", 0.1, resumed=True)], SHARE)
    assert [(m.verdict, m.control) for m in found] == [(Verdict.PASS, False), (Verdict.INCONCLUSIVE, True)]
