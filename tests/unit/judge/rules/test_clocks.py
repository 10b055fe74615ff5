"""Clocks of promises, and who may be named when."""

from __future__ import annotations

from isolation.judge.rules.clocks import first_event, judge_innocents, judge_named
from isolation.record import Measurement, PlatformEvent, Verdict
from unit.judge.judge_histories import alert, at_most, audit


def test_a_leak_must_be_named_in_time_by_its_name() -> None:
    def named(*events: PlatformEvent) -> Measurement:
        return judge_named(
            "RI-3", "time", events, ["memory_leak"], "a", 10, "named as leaking", at_most(60)
        )  # fmt: skip

    assert named(alert("a", 40, "memory_leak")).value == 30
    assert named(alert("a", 71, "memory_leak")).verdict is Verdict.FAIL
    assert named(alert("b", 40, "memory_leak")).verdict is Verdict.FAIL
    assert named(alert("a", 5, "memory_leak")).verdict is Verdict.FAIL
    assert named(alert("a", 40, "runaway")).verdict is Verdict.FAIL
    assert "was not named as leaking within 60 s" in named().reason


def test_naming_a_healthy_tenant_fails_and_so_does_naming_too_early() -> None:
    def innocents(*events: PlatformEvent, watched: str = "abc") -> Measurement:
        return judge_innocents("RI-3", "false alarms", events, ["memory_leak"], watched, {"a": 10}, 0)

    assert innocents(alert("a", 40, "memory_leak")).verdict is Verdict.PASS
    wrong = innocents(alert("b", 40, "memory_leak"))
    assert (wrong.verdict, wrong.tenants) == (Verdict.FAIL, ("b",))
    assert innocents(alert("a", 5, "memory_leak")).tenants == ("a",)
    assert innocents(watched="a").verdict is Verdict.FAIL
    assert "while 1 alert named the guilty" in innocents(alert("a", 40, "memory_leak")).reason


def test_whoever_names_nobody_has_not_shown_that_it_spares_the_innocent() -> None:
    def innocents(*events: PlatformEvent) -> Verdict:
        return judge_innocents("RI-3", "false alarms", events, ["memory_leak"], "abc", {"a": 10}, 5).verdict

    assert innocents() is Verdict.INCONCLUSIVE
    assert innocents(alert("a", 40, "runaway"), audit("a", 40, "memory_leak"), alert("a", 4, "memory_leak")) is (
        Verdict.INCONCLUSIVE
    )


def test_the_first_of_several_alerts_stops_the_clock() -> None:
    events = [alert("a", 30), alert("a", 20), alert("a", 10), audit("a", 12, "noisy_tenant")]
    found = first_event(events, "alert", ["noisy_tenant"], "a", 11)
    assert found is not None and found.seen_at == 20
    assert first_event(events, "alert", ["noisy_tenant"], "a", 10) == events[2]


def test_a_clock_may_just_reach_its_limit() -> None:
    def named(at: float) -> Verdict:
        return judge_named("RI-5", "time", [alert("a", at)], ["noisy_tenant"], "a", 0, "named", at_most(30)).verdict

    assert (named(30), named(30.01)) == (Verdict.PASS, Verdict.FAIL)


def test_alerts_of_an_earlier_case_accuse_nobody_now() -> None:
    found = judge_innocents("RI-5", "false", [alert("b", 4), alert("a", 11)], ["noisy_tenant"], "ab", {"a": 10}, 5)
    assert found.verdict is Verdict.PASS
    assert judge_innocents("RI-5", "false", [alert("b", 5)], ["noisy_tenant"], "ab", {"a": 10}, 5).value == 1
    assert judge_innocents("RI-5", "false", [alert("a", 10)], ["noisy_tenant"], "ab", {"a": 10}, 5).value == 0
