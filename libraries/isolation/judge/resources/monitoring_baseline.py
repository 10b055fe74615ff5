"""What a platform promises about agents at rest and at work, judged from the record of both (RI-1)."""

from __future__ import annotations

from collections import Counter

from isolation.judge.leaks.memory_growth import LeakRule, ResourceLeakDetector, judge_no_leak
from isolation.judge.resources.baseline import BaselineLimits, BaselineWindows, judge_baseline
from isolation.judge.resources.burn import judge_burn
from isolation.judge.resources.usage import Window
from isolation.judge.rules.limit_units import in_bytes
from isolation.judge.traffic.answers import judge_answer_rate, judge_answer_time, judge_answers, judge_lateness
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.resource_isolation.monitoring_baseline import MonitoringBaselineRecord, Stretch


def judge_own_processes(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """No two agents share a process, none is represented by the suite's own or a dummy, and each was sampled often enough."""
    found = _about(promise, record, limits, "distinct processes", "samples of each tenant")
    return [*found, _worked(promise, record, limits)]


def judge_rest(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """What agents use while nobody asks for anything; dummies would use as little, so they must have been seen at work."""
    return [*_about(promise, record, limits, "idle"), _worked(promise, record, limits)]


def judge_work(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """What agents use while everybody does typical work; and that they did work."""
    return [*_about(promise, record, limits, "load"), _worked(promise, record, limits)]


def judge_answers_at_work(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """How often and how quickly each agent was answered; the slowest decides. And they did work."""
    operations, work = record.operations, record.work
    return [
        judge_answer_time(operations, promise, limits["answer time"], limits["answer quantile"].value),
        *judge_answers(operations, promise, limits, record.connected, len(record.tenants)),
        judge_answer_rate(operations, promise, limits["answer rate"], record.tenants.names, work.start, work.end),
        judge_lateness(operations, promise, limits["lateness"]),
        _worked(promise, record, limits),
    ]


def judge_no_leak_at_work(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """Nobody's memory keeps growing while it works; and it did work."""
    detector = ResourceLeakDetector(LeakRule.of(limits))
    samples = [sample for sample in record.samples if record.work.start <= sample.at <= record.work.end]
    return [judge_no_leak(promise, detector, samples, record.tenants.names), _worked(promise, record, limits)]


def judge_memory_back_after_work(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """After work everybody's memory is what it was at rest, in time; and it had been more."""
    return _about(promise, record, limits, "memory recovery")


def judge_work_alone(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> list[Measurement]:
    """While one agent works, all others stay as they are at rest."""
    return _about(promise, record, limits, "independence")


def _about(promise: str, record: MonitoringBaselineRecord, limits: Limits, *subjects: str) -> list[Measurement]:
    windows = BaselineWindows(
        idle=_window(record.rest),
        load=_window(record.work),
        alone={stretch.tenant: _window(stretch) for stretch in record.alone},
    )
    shorter = min(stretch.end - stretch.start for stretch in (record.rest, record.work))
    baseline = BaselineLimits(
        idle_cpu=limits["idle cpu"],
        idle_memory=limits["idle memory"],
        io=limits["input and output"],
        load_cpu=limits["load cpu"],
        load_memory=limits["load memory"],
        memory_recovery=limits["memory recovery"],
        memory_tolerance=limits["memory tolerance"].value,
        memory_kept=in_bytes(limits["memory kept"]),
        least_samples=int(limits["sampled"].value * shorter / record.sampling_s),
    )
    tenants = record.tenants.names
    found = judge_baseline(record.samples, record.processes, record.own_pids, promise, tenants, windows, baseline)
    return [measurement for measurement in found if measurement.metric.startswith(subjects)]


def _worked(promise: str, record: MonitoringBaselineRecord, limits: Limits) -> Measurement:
    """A control: agents whose processes did not use the CPU time of the work that was answered were not measured at work."""
    stretch = record.work
    samples = [sample for sample in record.samples if stretch.start - record.sampling_s <= sample.at <= stretch.end]
    answered = Counter(
        one.tenant for one in record.operations if one.answered and stretch.start <= one.intended_at <= stretch.end
    )
    return judge_burn(
        promise, samples, {name: record.work_s * answered[name] for name in record.tenants}, limits["burn"]
    )


def _window(stretch: Stretch) -> Window:
    return Window(stretch.start, stretch.end)
