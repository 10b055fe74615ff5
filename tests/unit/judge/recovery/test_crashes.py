"""Crashes and departures: what was spared did not crash, and who stopped counting does not know when it was clean."""

from __future__ import annotations

from dataclasses import replace

from isolation.judge.recovery.crashes import judge_memory_afterwards, judge_newcomers, judge_nothing_left
from isolation.record import Inventory, Outcome, Sample, Thing, Verdict
from isolation.record.measurements import worst
from isolation.record.resource_isolation.recovery import Crash, RecoveryRecord
from isolation.record.tenants import TenantNames
from unit.judge.judge_histories import MB, by_metric, operation
from unit.judge.resource_records import limits_of

LIMITS = limits_of("RI-7")
NAMES, NEW = TenantNames(("tenant-01", "tenant-02")), TenantNames(("newcomer-01", "newcomer-02"))
BEFORE = Inventory(0, (), (), (), (), (), (), (), 1000 * MB)
THINGS = (Thing("one", "tenant-01"), Thing("two", "tenant-02"))
DURING = Inventory(10, THINGS, (), THINGS, THINGS, THINGS, THINGS, THINGS, 1500 * MB)


def recorded() -> RecoveryRecord:
    return RecoveryRecord(
        tenants=NAMES,
        newcomers=NEW,
        before=BEFORE,
        during=DURING,
        departed_at=11,
        not_made=(),
        crashes=(Crash("tenant-01", 4711),),
        seen_beside=2,
        at_work=2,
        afterwards=[replace(DURING, at=12), replace(BEFORE, at=15)],
        work=[operation(name, 5) for name in NAMES],
        served=[operation(name, 16, 0.1) for name in NEW],
        worked=dict.fromkeys(NAMES, 0.1),
        samples=[Sample(at, name, pid, 0.1 * at, 10) for pid, name in enumerate(NAMES, 1) for at in (5.0, 6.0)],
    )


def test_a_clean_recovery_passes() -> None:
    record = recorded()
    for judge in (judge_nothing_left, judge_memory_afterwards, judge_newcomers):
        assert worst(judge("RI-7", record, LIMITS)) is Verdict.PASS


def test_what_is_left_fails_by_kind() -> None:
    record = recorded()
    record.afterwards = [replace(BEFORE, at=42, temp_files=THINGS[:1])]
    found = judge_nothing_left("RI-7", record, LIMITS)
    assert by_metric(found, "temporary files left").verdict is Verdict.FAIL
    assert by_metric(found, "time until clean").verdict is Verdict.FAIL


def test_a_process_that_was_spared_did_not_crash() -> None:
    record = recorded()
    record.crashes = (Crash("tenant-01", 4711, "it belongs to the suite itself"),)
    found = by_metric(judge_nothing_left("RI-7", record, LIMITS), "processes that crashed")
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert "it belongs to the suite itself" in found.reason


def test_who_stopped_counting_does_not_know_when_all_was_clean() -> None:
    record = recorded()
    record.afterwards = [replace(DURING, at=42)]
    served, _soon, full = judge_newcomers("RI-7", record, LIMITS)
    assert (served.verdict, full.verdict) == (Verdict.PASS, Verdict.INCONCLUSIVE)


def test_tenants_that_did_not_work_before_left_nothing_that_could_remain() -> None:
    record = recorded()
    record.work = [operation(name, 5, None, Outcome.TIMED_OUT) for name in NAMES]
    assert by_metric(judge_nothing_left("RI-7", record, LIMITS), "control: worked before").verdict is Verdict.FAIL


def test_dummies_that_leave_leave_nothing_behind() -> None:
    record = recorded()
    record.samples = [Sample(at, name, pid, 0.0, 10) for pid, name in enumerate(NAMES, 1) for at in (5.0, 6.0)]
    assert worst(judge_memory_afterwards("RI-7", record, LIMITS)) is Verdict.INCONCLUSIVE
    assert worst(judge_nothing_left("RI-7", record, LIMITS)) is Verdict.INCONCLUSIVE


def test_an_empty_control_group_of_a_removed_tenant_is_left_over() -> None:
    record, metric = recorded(), "cgroups of removed tenants left"
    assert metric not in [m.metric for m in judge_nothing_left("RI-7", record, LIMITS)]
    record.groups_kept = ()
    assert by_metric(judge_nothing_left("RI-7", record, LIMITS), metric).verdict is Verdict.PASS
    record.groups_kept = (Thing("/sys/fs/cgroup/t-tenant-01"),)
    found = by_metric(judge_nothing_left("RI-7", record, LIMITS), metric)
    assert found.verdict is Verdict.FAIL
    assert "/sys/fs/cgroup/t-tenant-01" in found.reason
