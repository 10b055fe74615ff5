"""Doors: shut for strangers, open for owners, silent about what exists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from isolation.judge.access import doors
from isolation.judge.access.doors import judge_denials, judge_rule, judge_twins
from isolation.judge.access.timing import TimingRule
from isolation.record import Measurement, Outcome, Verdict
from isolation.record.access.probes import DoorProbe, Expected, Relation
from isolation.record.concurrent_startup.doors import DoorTrialsRecord
from isolation.record.limits import Limits
from isolation.record.measurements import worst

TWIN = DoorProbe("state_get", "acme-01", "acme-01", Relation.SELF, Expected.ALLOW, Outcome.ANSWERED, "", 80, 0.002)
DENIED = DoorProbe(
    "state_get", "acme-01", "acme-02", Relation.FOREIGN, Expected.DENY, Outcome.REFUSED, "not_found", 90, 0.002
)
RULE = TimingRule(level=0.001, effect=0.65, shift_s=0.0005, enough=20)
UNKNOWN = replace(DENIED, relation=Relation.UNKNOWN_ID)


def judge_oracle(promise: str, probes: list[DoorProbe]) -> Measurement:
    return doors.judge_oracle(promise, [TWIN, *probes], tolerance=8, level=0.001)


def judge_timing(promise: str, probes: list[DoorProbe]) -> Measurement:
    return doors.judge_timing(promise, [TWIN, *probes], RULE)


def timed(foreign_ms: float, unknown_ms: float, count: int = 100, spread_ms: float = 0.3) -> list[DoorProbe]:
    rng = np.random.default_rng(3)
    foreign = [replace(DENIED, seconds=float(rng.normal(foreign_ms, spread_ms)) / 1000) for _ in range(count)]
    unknown = [replace(UNKNOWN, seconds=float(rng.normal(unknown_ms, spread_ms)) / 1000) for _ in range(count)]
    return foreign + unknown


def test_shut_doors_with_working_twins_pass() -> None:
    judges = (judge_denials, judge_twins, judge_oracle, judge_timing)
    assert worst([judge("CS-2", [TWIN, *timed(2, 2)]) for judge in judges]) is Verdict.PASS


def test_a_forbidden_request_that_was_answered_fails_and_names_both() -> None:
    found = judge_denials("CS-2", [TWIN, DENIED, replace(DENIED, outcome=Outcome.ANSWERED)])
    assert (found.verdict, found.value, found.tenants) == (Verdict.FAIL, 1, ("acme-01", "acme-02"))
    assert "state_get of 'acme-01' by 'acme-02' (foreign) was answered" in found.reason


def test_a_refusal_that_changed_something_fails() -> None:
    found = judge_denials("CS-2", [TWIN, replace(DENIED, effect_verified=False)])
    assert found.verdict is Verdict.FAIL and "changed something" in found.reason
    assert judge_denials("CS-2", [TWIN, replace(DENIED, effect_verified=True)]).verdict is Verdict.PASS


def test_a_caller_without_a_token_must_be_refused_too() -> None:
    nobody = replace(DENIED, caller="", relation=Relation.NO_TOKEN, outcome=Outcome.ANSWERED)
    assert "'nobody'" in judge_denials("CS-2", [TWIN, nobody]).reason


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.LOST, Outcome.NOT_SENT])
def test_silence_is_not_a_denial(outcome: Outcome) -> None:
    assert judge_denials("CS-2", [TWIN, replace(DENIED, outcome=outcome)]).verdict is Verdict.INCONCLUSIVE


def test_denials_without_a_working_twin_prove_nothing() -> None:
    assert judge_denials("CS-2", [DENIED]).verdict is Verdict.INCONCLUSIVE
    assert judge_denials("CS-2", [replace(TWIN, operation="other"), DENIED]).verdict is Verdict.INCONCLUSIVE
    assert judge_denials("CS-2", [replace(TWIN, outcome=Outcome.REFUSED), DENIED]).verdict is Verdict.INCONCLUSIVE


def test_an_allowed_twin_that_is_refused_fails() -> None:
    refused = judge_twins("CS-2", [TWIN, replace(TWIN, outcome=Outcome.REFUSED, code="forbidden")])
    assert refused.verdict is Verdict.FAIL and "'forbidden'" in refused.reason
    assert judge_twins("CS-2", [replace(TWIN, effect_verified=False)]).verdict is Verdict.FAIL
    assert judge_twins("CS-2", [replace(TWIN, outcome=Outcome.TIMED_OUT)]).verdict is Verdict.INCONCLUSIVE


def test_no_probes_fail() -> None:
    assert judge_denials("CS-2", []).verdict is Verdict.FAIL
    assert judge_twins("CS-2", []).verdict is Verdict.FAIL


@pytest.mark.parametrize("unknown", [replace(UNKNOWN, code="forbidden"), replace(UNKNOWN, reply_length=120)])
def test_refusals_that_differ_in_code_or_length_are_an_oracle(unknown: DoorProbe) -> None:
    found = judge_oracle("CS-2", [DENIED, unknown])
    assert found.verdict is Verdict.FAIL
    assert "state_get answers" in found.reason


def test_refusals_that_differ_by_a_few_bytes_of_numbers_are_no_oracle() -> None:
    assert judge_oracle("CS-2", [DENIED, replace(UNKNOWN, reply_length=94)]).verdict is Verdict.PASS


def test_refusals_without_a_counterpart_cannot_be_compared() -> None:
    assert judge_oracle("CS-2", [DENIED]).verdict is Verdict.INCONCLUSIVE
    assert judge_timing("CS-2", timed(2, 2, count=19)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("foreign", "unknown"), [(4, 2), (2, 4)])
def test_refusals_that_take_longer_for_one_kind_are_an_oracle(foreign: float, unknown: float) -> None:
    found = judge_timing("CS-2", timed(foreign, unknown))
    assert found.verdict is Verdict.FAIL
    assert "state_get is" in found.reason
    assert ("slower" if foreign > unknown else "faster") in found.reason


def test_a_difference_that_nobody_can_use_is_no_oracle() -> None:
    assert judge_timing("CS-2", timed(2.0, 2.05, count=5000)).verdict is Verdict.PASS
    assert judge_timing("CS-2", timed(2.0, 2.6, count=5000, spread_ms=4)).verdict is Verdict.PASS


def test_equal_times_raise_no_alarm_in_a_hundred_campaigns() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(100):
        probes = [replace(p, seconds=float(rng.lognormal(-6, 0.8))) for p in timed(2, 2, count=40)]
        alarms += judge_timing("CS-2", probes).verdict is Verdict.FAIL
    assert alarms <= 1


def test_only_refusals_of_forbidden_requests_are_compared() -> None:
    answered = replace(DENIED, outcome=Outcome.ANSWERED, code="", reply_length=900)
    refused_twin = replace(TWIN, relation=Relation.SAME_TENANT, outcome=Outcome.REFUSED, code="busy")
    assert judge_oracle("CS-2", [DENIED, UNKNOWN, answered, refused_twin]).verdict is Verdict.PASS


def test_too_few_refusals_of_one_kind_are_said_to_be_too_few() -> None:
    found = judge_timing("CS-2", timed(9, 2, count=100)[:119])
    assert found.verdict is Verdict.INCONCLUSIVE and "At most 19 refusals" in found.reason
    assert judge_timing("CS-2", timed(9, 2, count=100)[:120]).verdict is Verdict.FAIL


def test_a_rule_is_judged_by_its_own_probes_and_not_at_all_without_any() -> None:
    gone = replace(DENIED, rule="after its removal", outcome=Outcome.ANSWERED)
    record = DoorTrialsRecord(rules=[gone, replace(TWIN, rule="under the same name")])
    judged = {
        rule: judge_rule("CS-2", record, Limits(), rule=rule)[0].verdict
        for rule in ("after its removal", "after a failed creation")
    }
    assert judged == {"after its removal": Verdict.FAIL, "after a failed creation": Verdict.INCONCLUSIVE}


def test_refusals_that_are_alike_show_nothing_where_not_even_the_owner_gets_anything() -> None:
    refused = replace(TWIN, effect_verified=False)
    assert doors.judge_oracle("CS-2", [refused, DENIED, UNKNOWN], 8).verdict is Verdict.INCONCLUSIVE
    assert doors.judge_timing("CS-2", [refused, *timed(2, 2)], RULE).verdict is Verdict.INCONCLUSIVE
    different = replace(UNKNOWN, code="forbidden")
    assert doors.judge_oracle("CS-2", [refused, DENIED, different], 8).verdict is Verdict.FAIL


def test_a_platform_whose_refusals_vary_by_chance_reveals_nothing() -> None:
    shapes = [("short", 40), ("longer", 64), ("longest", 90)]
    varied = [
        replace(one, reply_length=length, reply_looks=looks)
        for number in range(12)
        for one, (looks, length) in ((DENIED, shapes[number % 3]), (UNKNOWN, shapes[(number + 1) % 3]))
    ]
    assert judge_oracle("CS-2", varied).verdict is Verdict.PASS


def test_a_difference_that_chance_hardly_makes_is_found_among_refusals_that_vary() -> None:
    shapes = [("short", 40), ("longer", 64)]
    unknown = [replace(UNKNOWN, reply_length=n, reply_looks=looks) for looks, n in shapes * 12]
    foreign = [replace(DENIED, reply_length=40, reply_looks="short")] * 24
    assert judge_oracle("CS-2", [*foreign, *unknown]).verdict is Verdict.FAIL
