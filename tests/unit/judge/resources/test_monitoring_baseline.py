"""Rest and work: what is judged of the record, and agents that were not seen to work."""

from __future__ import annotations

from functools import partial

from isolation.judge.resources.monitoring_baseline import (
    judge_answers_at_work,
    judge_memory_back_after_work,
    judge_no_leak_at_work,
    judge_own_processes,
    judge_rest,
    judge_work,
    judge_work_alone,
)
from isolation.record import ProcessRef, Sample, Verdict
from isolation.record.measurements import worst
from isolation.record.resource_isolation.monitoring_baseline import MonitoringBaselineRecord, Stretch
from isolation.record.tenants import TenantNames
from unit.judge.judge_histories import MB, operation, sampled, seconds
from unit.judge.resource_records import limits_of

LIMITS = limits_of("RI-1")
NAMES = ("tenant-01", "tenant-02")


def percent(name: str, at_work: float, at: float) -> float:
    alone = name == NAMES[0] and 140 < at < 143
    return at_work if 110 < at < 130 else 90 if alone else 0.5


def memory(at: float) -> float:
    return 80 * MB if 110 < at < 129 else 40 * MB


def recorded(work_percent: float = 3.0) -> MonitoringBaselineRecord:
    samples: list[Sample] = []
    for pid, name in enumerate(NAMES, 1):
        samples += sampled(name, pid, seconds(100, 145), partial(percent, name, work_percent), memory)
    return MonitoringBaselineRecord(
        tenants=TenantNames(NAMES),
        connected=2,
        sampling_s=1,
        work_s=0.01,
        own_pids=(99,),
        rest=Stretch(100, 109),
        work=Stretch(111, 130),
        alone=(Stretch(140, 143, NAMES[0]),),
        processes=[ProcessRef(name, "", "", pid, 5, "operator") for pid, name in enumerate(NAMES, 1)],
        operations=[operation(name, at, 0.1) for name in NAMES for at in seconds(111, 129)],
        samples=samples,
    )


def test_a_quiet_baseline_passes() -> None:
    record = recorded()
    judges = (judge_own_processes, judge_rest, judge_work, judge_answers_at_work, judge_no_leak_at_work,
              judge_memory_back_after_work, judge_work_alone)  # fmt: skip
    for judge in judges:
        assert worst(judge("RI-1", record, LIMITS)) is Verdict.PASS, judge.__name__


def test_agents_that_were_not_seen_to_work_prove_nothing() -> None:
    found = judge_work("RI-1", recorded(work_percent=0.0), LIMITS)
    (control,) = [m for m in found if m.control]
    assert control.verdict is Verdict.INCONCLUSIVE
    assert "'tenant-01'" in control.reason


def test_an_agent_in_a_process_of_the_suite_fails() -> None:
    record = recorded()
    record.own_pids = (1,)
    assert worst(judge_own_processes("RI-1", record, LIMITS)) is Verdict.FAIL
