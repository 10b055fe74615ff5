"""Rising load: shares of CPU time and of answers, waiting times, and what watching costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.slowdown.stress import (
    NoSuchStep,
    judge_answered_in_every_step,
    judge_connected_at_once,
    judge_fair_shares,
    judge_gradual_degradation,
    judge_watching,
)
from isolation.record import Operation, Sample, Verdict
from isolation.record.measurements import worst
from isolation.record.resource_isolation.concurrent_stress import ConnectAttempt, LoadStep, SamplerCost, StressRecord
from isolation.record.tenants import TenantNames
from unit.judge.judge_histories import by_metric, operation, sampled, seconds
from unit.judge.resource_records import limits_of

RI6, OP1 = limits_of("RI-6"), limits_of("OP-1")
NAMES = tuple(f"tenant-{number:02d}" for number in range(1, 9))
WORK = {name: 0.01 if number % 2 else 0.04 for number, name in enumerate(NAMES)}
LIGHT = LoadStep("40 percent", 40, 100, 110, WORK)
FULL = LoadStep("130 percent", 130, 200, 210, WORK)
EQUAL = LoadStep("equal work", 100, 300, 310, dict.fromkeys(NAMES, 0.02))


def asked(step: LoadStep, name: str, count: int, latency: float = 0.1) -> list[Operation]:
    every = (step.ended_at - step.started_at) / count
    found = [operation(name, step.started_at + number * every, latency) for number in range(count)]
    return [replace(one, block=step.name) for one in found]


def recorded() -> StressRecord:
    samples: list[Sample] = []
    operations: list[Operation] = []
    for pid, name in enumerate(NAMES, 1):
        for step, count in ((LIGHT, 10), (FULL, 30), (EQUAL, 20)):
            percent = 10 * step.work_s[name] * count
            samples += sampled(
                name, pid, seconds(step.started_at, step.ended_at), percent, started_with=step.started_at
            )
            operations += asked(step, name, count)
    return StressRecord(
        tenants=TenantNames(NAMES),
        attempts=tuple(ConnectAttempt(name) for name in NAMES),
        connected_in_s=1.0,
        steps=(LIGHT, FULL, EQUAL),
        watching=SamplerCost(0.3, 30, 50, 30),
        patience_s=20,
        operations=operations,
        samples=samples,
    )


def test_everybody_that_gets_its_share_passes() -> None:
    record = recorded()
    assert worst(judge_connected_at_once("RI-6", record, RI6)) is Verdict.PASS
    assert worst(judge_answered_in_every_step("RI-6", record, RI6)) is Verdict.PASS
    assert worst(judge_gradual_degradation("RI-6", record, RI6)) is Verdict.PASS
    for step in ("130 percent", "equal work"):
        assert worst(judge_fair_shares("RI-6", record, RI6, step=step)) is Verdict.PASS
    assert worst(judge_watching("OP-1", record, OP1)) is Verdict.PASS


def test_one_that_is_not_connected_fails() -> None:
    record = recorded()
    record.attempts = (ConnectAttempt("tenant-01", "refused"), *record.attempts[1:])
    assert worst(judge_connected_at_once("RI-6", record, RI6)) is Verdict.FAIL


def test_whose_answers_come_after_the_step_got_less_than_its_share_though_it_got_the_cpu_time() -> None:
    record = recorded()
    late = [replace(o, completed_at=FULL.ended_at + 5) if _late(o) else o for o in record.operations]
    record.operations = late
    found = judge_fair_shares("RI-6", record, RI6, step="130 percent")
    assert by_metric(found, "least share (130 percent)").verdict is Verdict.PASS
    least = by_metric(found, "least share (answers, 130 percent)")
    assert (least.verdict, least.tenants) == (Verdict.FAIL, ("tenant-02",))


def _late(one: Operation) -> bool:
    return one.tenant == "tenant-02" and one.block == FULL.name and one.intended_at > FULL.started_at + 2


def test_who_waits_much_longer_than_others_with_the_same_work_is_named() -> None:
    record = recorded()
    record.operations = [
        replace(one, completed_at=one.intended_at + 0.5) if one.tenant == "tenant-03" else one
        for one in record.operations
    ]
    found = by_metric(judge_fair_shares("RI-6", record, RI6, step="equal work"), "longest wait (equal work)")
    assert (found.verdict, found.tenants) == (Verdict.FAIL, ("tenant-03",))


def test_a_step_that_is_not_there_accuses_nobody() -> None:
    with pytest.raises(NoSuchStep, match="There is no step '90 percent'"):
        judge_fair_shares("RI-6", recorded(), RI6, step="90 percent")


def test_processes_that_did_not_work_share_nothing_fairly_or_unfairly() -> None:
    record = recorded()
    record.samples = [replace(sample, cpu_seconds=0.0) for sample in record.samples]
    for found in (
        judge_fair_shares("RI-6", record, RI6, step="130 percent"),
        judge_answered_in_every_step("RI-6", record, RI6),
        judge_gradual_degradation("RI-6", record, RI6),
    ):
        assert worst(found) is Verdict.INCONCLUSIVE, found
