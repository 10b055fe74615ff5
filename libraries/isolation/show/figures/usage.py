"""From records to the charts of the log: usage over time with quota line and event marks, and the victims' pairs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from isolation.judge.rules.series import Reading, cpu_readings, memory_readings
from isolation.judge.rules.statistics import log_ratio_interval
from isolation.judge.slowdown.block_pairs import block_latencies, effects_of
from isolation.record import Block, Condition, Limit, Operation, PlatformEvent, Sample
from isolation.record.tenants import TenantNames
from isolation.show.charts.latency_distribution import Latencies, latency_distribution
from isolation.show.charts.latency_pairs import LatencyPair, RatioEstimate, latency_pairs
from isolation.show.charts.usage_over_time import EventMark, Usage, usage_over_time
from isolation.target.words import Alert, Audit

_WINDOW = 1.0
_MEGABYTE = 1024 * 1024
_TOLD = {*Alert, Audit.CONTAINED, Audit.RELEASED, Audit.STOPPED} - {Alert.OPERATION_TIMEOUT}


def cpu_chart(
    samples: Sequence[Sample],
    events: Sequence[PlatformEvent],
    highlighted: Collection[str],
    quota: Limit | None,
    title: str,
) -> str:
    """Processor usage of every tenant over time, in per cent of one core."""
    usages = [
        _usage(tenant, cpu_readings(samples, tenant, _WINDOW), 1.0, highlighted)
        for tenant in sorted({sample.tenant for sample in samples})
    ]
    return usage_over_time(usages, title=title, unit="% of one core", quota=quota, marks=_marks(events))


def memory_chart(
    samples: Sequence[Sample],
    events: Sequence[PlatformEvent],
    highlighted: Collection[str],
    quota: Limit | None,
    title: str,
) -> str:
    """Memory of every tenant over time, in MB."""
    usages = [
        _usage(tenant, memory_readings(samples, tenant), 1 / _MEGABYTE, highlighted)
        for tenant in sorted({sample.tenant for sample in samples})
    ]
    return usage_over_time(usages, title=title, unit="MB", quantity="memory", quota=quota, marks=_marks(events))


def pairs_chart(
    operations: Sequence[Operation],
    blocks: Sequence[Block],
    victims: Collection[str],
    limit: Limit,
    confidence: float,
    title: str,
) -> str:
    """The victims' mean latency in quiet and noisy blocks, pair by pair, and the ratio with its interval."""
    effects = effects_of(block_latencies(operations, blocks, victims, patience=8.0), Condition.NOISY)
    if not effects:
        return ""
    pairs = [LatencyPair(effect.pair + 1, 1000 * effect.first_mean, 1000 * effect.second_mean) for effect in effects]
    estimate = None
    if len(effects) > 1:
        differences = [effect.d_mean for effect in effects]
        ratio = math.exp(sum(differences) / len(differences))
        estimate = RatioEstimate(ratio, log_ratio_interval(differences, confidence))
    return latency_pairs(pairs, title=title, statistic="block mean", estimate=estimate, band=limit.value)


def latencies_chart(
    operations: Sequence[Operation], blocks: Sequence[Block], victims: Collection[str], title: str
) -> str:
    """How the victims' answer times spread, in quiet and in noisy blocks."""
    found = block_latencies(operations, blocks, victims, patience=8.0)
    curves = [
        Latencies(
            condition.value, [value for entry in found if entry.block.condition is condition for value in entry.pooled]
        )
        for condition in (Condition.QUIET, Condition.NOISY)
    ]
    return latency_distribution([curve for curve in curves if curve.seconds], title=title)


def _usage(tenant: str, readings: Sequence[Reading], factor: float, highlighted: Collection[str]) -> Usage:
    return Usage(tenant, [r.at for r in readings], [r.value * factor for r in readings], tenant in highlighted)


def _marks(events: Sequence[PlatformEvent]) -> list[EventMark]:
    return [EventMark(event.seen_at, f"{event.word} {event.tenant}".strip()) for event in events if event.word in _TOLD]


class Watched(Protocol):
    """A record with samples and events."""

    @property
    def samples(self) -> list[Sample]:
        """What the processes used."""

    @property
    def events(self) -> list[PlatformEvent]:
        """What the target reported."""


def cpu_of_all(record: Watched, **subject: object) -> str:
    """Processor usage of every tenant, the one that the sentence names highlighted."""
    return cpu_chart(record.samples, record.events, _named(record, subject), None, "Processor time of every tenant")


def memory_of_all(record: Watched, **subject: object) -> str:
    """Memory of every tenant, those that the sentence names highlighted."""
    return memory_chart(record.samples, record.events, _named(record, subject), None, "Memory of every tenant")


def _named(record: Watched, subject: Mapping[str, object]) -> list[str]:
    tenants = getattr(record, "tenants", None)
    if not isinstance(tenants, TenantNames):
        return []
    numbers = [subject.get("tenant"), *_listed(subject.get("tenants"))]
    return tenants.numbers(number for number in numbers if isinstance(number, int))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
