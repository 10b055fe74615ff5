"""What the platform as a whole used while many users started, and what one agent costs (CS-3).

Principle: processor usage is the growth of the processor time of the platform's whole process tree over a window,
divided by the window and the number of cores. The busiest second decides, which is the sampling interval of the
contract: a start that uses every core for a tenth of a second exhausts nothing, one that does so for a second does. Memory is the largest sum over the tree that was seen. The
database is asked twice: the platform says how much of its pool is at work, and the database itself counts clients, so
a platform that opens connections beside its pool is found.

Assumption: processes that start *and* end between two samples are missed.
"""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.rules.limit_units import bytes_as
from isolation.judge.rules.statistics import percentile
from isolation.judge.rules.verdicts import amount, inconclusive, judged, plural
from isolation.record import Limit, Measurement, Sample, Verdict
from isolation.record.usage.platform_samples import PlatformSample

WINDOW_S = 1.0
"""The contract's sampling interval."""


def judge_memory(promise: str, samples: Sequence[PlatformSample], limit: Limit, users: int) -> Measurement:
    """The platform's memory stays below the limit, at its highest."""
    seen = [sample for sample in samples if sample.memory_bytes is not None]
    metric = "memory of the platform"
    if not seen:
        return inconclusive(promise, metric, limit, "The memory of the platform could not be read")
    highest = max(seen, key=lambda sample: sample.memory_bytes or 0)
    value = bytes_as(highest.memory_bytes or 0, limit.unit)
    claim = (
        f"The platform with {plural(users, 'user')} used {amount(value, limit.unit)} in {highest.processes} processes"
    )
    return judged(promise, metric, value, limit, len(seen), claim)


def judge_cpu(
    promise: str, samples: Sequence[PlatformSample], start: float, end: float, cores: int, limit: Limit
) -> Measurement:
    """The platform's share of the machine stays below the limit in the busiest second of the start.

    Args:
        samples: The platform before, during and after the start.
        start: Begin of the start, seconds, monotonic clock.
        cores: Logical processors of the machine.
        limit: ``% of the machine``.
    """
    metric = "processor time of the platform"
    seen = [sample for sample in samples if sample.at >= start - WINDOW_S]
    if not seen or seen[0].at > start or seen[-1].at < max(end, seen[0].at + WINDOW_S) or end <= start:
        return inconclusive(promise, metric, limit, "The processor time of the platform was not watched long enough")
    shares = {first.at: _share(first, later, cores) for first in seen if (later := _after(seen, first.at + WINDOW_S))}
    busiest = max(shares.values())
    whole = _share(seen[0], next(sample for sample in seen if sample.at >= end), cores)
    claim = f"The platform used {amount(busiest, '%')} of {plural(cores, 'core')} in its busiest second of the start"
    details = {"mean over the start %": whole, "processor seconds": seen[-1].cpu_seconds - seen[0].cpu_seconds}
    return judged(promise, metric, busiest, limit, len(seen), claim, details={**details, "cores": cores})


def _after(samples: Sequence[PlatformSample], at: float) -> PlatformSample | None:
    return next((sample for sample in samples if sample.at >= at), None)


def _share(first: PlatformSample, last: PlatformSample, cores: int) -> float:
    return 100.0 * (last.cpu_seconds - first.cpu_seconds) / ((last.at - first.at) * cores)


def judge_pool(promise: str, samples: Sequence[PlatformSample], limit: Limit) -> list[Measurement]:
    """Database connections stay within the pool, by the platform's word and by the database's own count.

    Args:
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
        return [inconclusive(promise, metric, limit, words) for metric in (at_work, opened)]
    busiest = max(sample.pool_used or 0 for sample in told)
    claim = f"At most {busiest} of {plural(size, 'connection')} of the pool were at work"
    found = [judged(promise, at_work, 100.0 * busiest / size, limit, len(told), claim)]
    counted = [sample.database_connections for sample in samples if sample.database_connections is not None]
    if not counted:
        return [*found, inconclusive(promise, opened, limit, "The database could not be asked for its clients")]
    more = max(counted) - counted[0]
    claim = f"The database counted {counted[0]} clients before and at most {max(counted)} during the start"
    return [*found, judged(promise, opened, 100.0 * max(0, more) / size, limit, len(counted), claim)]


def report_agents(promise: str, samples: Sequence[Sample]) -> list[Measurement]:
    """What one agent costs: memory and processor time of each agent's own process, only reported.

    Args:
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
