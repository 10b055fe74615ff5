"""What the platform as a whole used while many users started, and what one agent costs (CS-3).

Principle: processor usage is the growth of the processor time of the platform's whole process tree over the window,
divided by the window and the number of cores: the mean over the start, not its highest instant (a start that uses
every core for a tenth of a second exhausts nothing). Memory is the largest sum over the tree that was seen. The
database is asked twice: the platform says how much of its pool is at work, and the database itself counts clients, so
a platform that opens connections beside its pool is found.

Assumption: processes that start *and* end between two samples are missed.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.limit_units import bytes_as
from isolation.judge.statistics import percentile
from isolation.judge.verdicts import amount, judged, plural, undecided
from isolation.record import Limit, Measurement, Sample, Verdict
from isolation.record.platform_samples import PlatformSample


def judge_memory(promise: str, samples: Sequence[PlatformSample], limit: Limit, users: int) -> Measurement:
    """The platform's memory stays below the limit, at its highest."""
    seen = [sample for sample in samples if sample.memory_bytes is not None]
    metric = "memory of the platform"
    if not seen:
        return undecided(promise, metric, limit, "The memory of the platform could not be read")
    highest = max(seen, key=lambda sample: sample.memory_bytes or 0)
    value = bytes_as(highest.memory_bytes or 0, limit.unit)
    claim = (
        f"The platform with {plural(users, 'user')} used {amount(value, limit.unit)} in {highest.processes} processes"
    )
    return judged(promise, metric, value, limit, len(seen), claim)


def judge_cpu(
    promise: str, samples: Sequence[PlatformSample], start: float, end: float, cores: int, limit: Limit
) -> Measurement:
    """The platform's share of the machine stays below the limit, on average over the start.

    Args:
        promise: Id of the promise.
        samples: The platform before, during and after the start.
        start: Begin of the start, seconds, monotonic clock.
        end: Its end.
        cores: Logical processors of the machine.
        limit: ``% of the machine``.
    """
    metric = "processor time of the platform"
    before = [sample for sample in samples if sample.at <= start]
    after = [sample for sample in samples if sample.at >= end]
    if not before or not after or end <= start:
        return undecided(promise, metric, limit, "The processor time of the platform could not be read")
    first, last = before[-1], after[0]
    window = last.at - first.at
    used = last.cpu_seconds - first.cpu_seconds
    value = 100.0 * used / (window * cores)
    inside = [sample for sample in samples if first.at <= sample.at <= last.at]
    claim = (
        f"The platform used {amount(used, 's')} of processor time in {amount(window, 's')} on {plural(cores, 'core')}"
    )
    details = {"processor seconds": used, "window s": window, "cores": cores}
    return judged(promise, metric, value, limit, len(inside), f"{claim} ({amount(value, '%')})", details=details)


def judge_pool(promise: str, samples: Sequence[PlatformSample], limit: Limit) -> list[Measurement]:
    """Database connections stay within the pool, by the platform's word and by the database's own count.

    Args:
        promise: Id of the promise.
        samples: The platform before, during and after the start; the first one is the state before.
        limit: ``% of the pool``.

    Returns:
        Connections at work and connections that the database counted above those before, each as a share of the pool.
    """
    told = [sample for sample in samples if sample.pool_size]
    size = max((sample.pool_size or 0 for sample in told), default=0)
    at_work, opened = "database connections at work", "database connections opened"
    if not told:
        words = "The platform did not say how large its pool is"
        return [undecided(promise, metric, limit, words) for metric in (at_work, opened)]
    busiest = max(sample.pool_used or 0 for sample in told)
    claim = f"At most {busiest} of {plural(size, 'connection')} of the pool were at work"
    found = [judged(promise, at_work, 100.0 * busiest / size, limit, len(told), claim)]
    counted = [sample.database_connections for sample in samples if sample.database_connections is not None]
    if not counted:
        return [*found, undecided(promise, opened, limit, "The database could not be asked for its clients")]
    more = max(counted) - counted[0]
    claim = f"The database counted {counted[0]} clients before and at most {max(counted)} during the start"
    return [*found, judged(promise, opened, 100.0 * max(0, more) / size, limit, len(counted), claim)]


def report_agents(promise: str, samples: Sequence[Sample]) -> list[Measurement]:
    """What one agent costs: memory and processor time of each agent's own process, only reported.

    Args:
        promise: Id of the promise.
        samples: One sample of each agent process after its first answer, with proportional memory.
    """
    memory = [(sample.pss_bytes or sample.rss_bytes) / 1024**2 for sample in samples]
    cpu = [1000.0 * sample.cpu_seconds for sample in samples]
    return [
        _reported(promise, metric, values, unit)
        for metric, values, unit in (("memory of one agent", memory, "MB"), ("processor time of one start", cpu, "ms"))
        if values
    ]


def _reported(promise: str, metric: str, values: Sequence[float], unit: str) -> Measurement:
    median, highest = percentile(values, 0.5), max(values)
    return Measurement(
        promise=promise,
        metric=f"{metric} (median)",
        value=median,
        unit=unit,
        samples=len(values),
        verdict=Verdict.PASS,
        reason=f"{metric.capitalize()} was {amount(median, unit)} (median of {len(values):,} agents), "
        f"at most {amount(highest, unit)}; it has no limit of its own.",
        details={f"maximum {unit}": highest},
    )
