"""Attempts to exceed a quota: each against that tenant's own quota, and what decides nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.resources.quota_attempts import judge_held_to_quota, judge_served_after_attempt, was_contained
from isolation.record import Measurement, Outcome, PlatformEvent, Sample, Verdict
from isolation.record.measurements import worst
from isolation.record.resource_isolation.quotas import CounterReading, QuotaAttempt, QuotasRecord
from isolation.record.tenants import NoSuchTenant, TenantNames
from isolation.target.words import Alert, Audit
from unit.judge.judge_histories import MB, by_metric, operation, sampled, seconds
from unit.judge.resource_records import limits_of, told

LIMITS = limits_of("RI-2")
NAMES = TenantNames(tuple(f"tenant-{number:02d}" for number in range(1, 7)))
COUNTERS = (
    CounterReading("tenant-01", "throttled", 3, 3),
    CounterReading("tenant-03", "throttled", 0, 40),
    CounterReading("tenant-06", "throttled", 8, 12),
)
REPORTED = told("alert", Alert.QUOTA, "tenant-03", 102, "cpu")


def recorded(*events: PlatformEvent, percent: float = 50, quota: float = 50) -> QuotasRecord:
    samples: list[Sample] = sampled("tenant-06", 6, seconds(90, 93), 100)
    samples += sampled("tenant-03", 3, seconds(98, 110), lambda at: percent if at > 100 else 0)
    samples += sampled("tenant-01", 1, seconds(90, 110), 0.5)
    return QuotasRecord(
        tenants=NAMES,
        attempts=(QuotaAttempt("tenant-03", "cpu", quota, 100, 109, COUNTERS),),
        controls=(QuotaAttempt("tenant-06", "cpu", quota, 90, 93),),
        asked=[replace(operation("tenant-03", 100, None, Outcome.LOST), accepted_at=100.1)],
        served=[operation("tenant-03", 111)],
        samples=samples,
        events=list(events),
    )


def judged(record: QuotasRecord) -> list[Measurement]:
    return judge_held_to_quota("RI-2", record, LIMITS, tenant=3, resource="cpu")


def test_a_tenant_that_is_held_by_its_own_limit_passes_though_a_counter_of_the_suites_control_moved() -> None:
    assert worst(judged(recorded(REPORTED))) is Verdict.PASS


def test_the_quota_is_that_tenants_own() -> None:
    effect = by_metric(judged(recorded(REPORTED, quota=25)), "highest cpu usage under the quota")
    assert effect.verdict is Verdict.FAIL
    assert effect.value == pytest.approx(2.0)


def test_a_counter_of_somebody_inside_its_quota_still_fails() -> None:
    record = recorded(REPORTED)
    moved = (*COUNTERS, CounterReading("tenant-02", "throttled", 0, 5))
    record.attempts = (replace(record.attempts[0], counters=moved),)
    found = by_metric(judged(record), "cpu: other tenants' throttle or out-of-memory counters")
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("tenant-02",))


def test_a_tenant_that_was_contained_before_says_nothing_about_its_quota() -> None:
    before = told("audit", Audit.CONTAINED, "tenant-03", 95)
    found = judged(recorded(before, REPORTED))
    assert {m.verdict for m in found} == {Verdict.INCONCLUSIVE}
    assert was_contained([before], "tenant-03", 100)
    assert not was_contained([before, told("audit", Audit.RELEASED, "tenant-03", 97)], "tenant-03", 100)


def test_a_request_that_was_refused_is_no_attempt() -> None:
    record = recorded(percent=0)
    record.asked = [operation("tenant-03", 100, 0.01, Outcome.REFUSED, "bad_request")]
    found = judged(record)
    assert {m.verdict for m in found} == {Verdict.INCONCLUSIVE}
    assert any("bad_request" in m.reason for m in found)


def test_a_tenant_that_never_came_near_its_quota_proves_nothing() -> None:
    found = by_metric(judged(recorded(REPORTED, percent=5)), "cpu: control: tenant 'tenant-03' came near its quota")
    assert found.verdict is Verdict.INCONCLUSIVE


def test_a_process_of_another_tenant_that_ends_meanwhile_fails_by_name() -> None:
    record = recorded(REPORTED)
    record.samples = [s for s in record.samples if s.tenant != "tenant-01" or s.at < 104]
    record.samples += sampled("tenant-02", 2, seconds(90, 110), 0, 10 * MB)
    found = by_metric(judged(record), "cpu: processes of other tenants that ended")
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("tenant-01",))


def test_a_sentence_about_a_tenant_that_did_not_try_is_refused() -> None:
    with pytest.raises(NoSuchTenant, match="did not try to exceed its memory quota"):
        judge_served_after_attempt("RI-2", recorded(), LIMITS, tenant=3, resource="memory")
    (served,) = judge_served_after_attempt("RI-2", recorded(), LIMITS, tenant=3, resource="cpu")
    assert served.verdict is Verdict.PASS


def test_a_tenant_that_was_ended_is_judged_by_what_it_got_before() -> None:
    record = recorded(told("audit", Audit.STOPPED, "tenant-03", 109.5))
    record.samples = [s for s in record.samples if s.tenant != "tenant-03" or s.at < 109]
    effect = by_metric(judged(record), "highest cpu usage under the quota")
    assert effect.verdict is Verdict.PASS


def test_a_tenant_that_is_contained_meanwhile_is_judged_by_what_it_got_until_then() -> None:
    contained = told("audit", Audit.CONTAINED, "tenant-03", 105)
    held = by_metric(judged(recorded(REPORTED, contained)), "highest cpu usage under the quota")
    assert held.verdict is Verdict.PASS
    assert held.value == pytest.approx(1.0)
    strong = judged(recorded(REPORTED, contained, percent=97))
    assert {m.verdict for m in strong} == {Verdict.PASS, Verdict.INCONCLUSIVE}
    assert "was contained 5 s after it began" in by_metric(strong, "highest cpu usage under the quota").reason
    long = judged(recorded(told("audit", Audit.CONTAINED, "tenant-03", 108), percent=97))
    assert by_metric(long, "highest cpu usage under the quota").verdict is Verdict.FAIL
