"""From records to the charts of the log: usage over time with quota line and event marks, and the victims' pairs."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from isolation.judge.block_pairs import block_latencies, effects_of
from isolation.judge.series import cpu_readings, memory_readings
from isolation.judge.statistics import log_ratio_interval
from isolation.record import Block, Condition, Limit, Operation, PlatformEvent, Sample
from isolation.show.charts.latency_pairs import LatencyPair, RatioEstimate, latency_pairs
from isolation.show.charts.usage_over_time import EventMark, Usage, usage_over_time

_WINDOW = 1.0
_MEGABYTE = 1024 * 1024


def cpu_chart(
    samples: Sequence[Sample], events: Sequence[PlatformEvent], highlighted: Collection[str], limit: Limit | None, title: str
) -> str:
    """Processor usage of every tenant over time, in per cent of one core."""
    start = min((sample.at for sample in samples), default=0.0)
    tenants = sorted({sample.tenant for sample in samples})
    usages = [
        Usage(t, [(r.at - start, r.value) for r in cpu_readings(samples, t, _WINDOW)], t in highlighted) for t in tenants
    ]
    return usage_over_time(usages, title=title, unit="% of one core", limit=limit, marks=_marks(events, start))


def memory_chart(
    samples: Sequence[Sample], events: Sequence[PlatformEvent], highlighted: Collection[str], limit: Limit | None, title: str
) -> str:
    """Memory of every tenant over time, in MB."""
    start = min((sample.at for sample in samples), default=0.0)
    tenants = sorted({sample.tenant for sample in samples})
    usages = [
        Usage(t, [(r.at - start, r.value / _MEGABYTE) for r in memory_readings(samples, t)], t in highlighted)
        for t in tenants
    ]
    return usage_over_time(usages, title=title, unit="MB", limit=limit, marks=_marks(events, start))


def pairs_chart(
    operations: Sequence[Operation], blocks: Sequence[Block], victims: Collection[str], limit: Limit, title: str
) -> str:
    """The victims' mean latency in quiet and noisy blocks, pair by pair, and the ratio with its 90 % interval."""
    effects = effects_of(block_latencies(operations, blocks, victims, patience=8.0), Condition.NOISY)
    if not effects:
        return ""
    pairs = [LatencyPair(str(effect.pair + 1), effect.first_mean, effect.second_mean) for effect in effects]
    estimate = None
    if len(effects) > 1:
        d = [effect.d_mean for effect in effects]
        interval = log_ratio_interval(d, 0.90)
        estimate = RatioEstimate(math.exp(sum(d) / len(d)), interval)
    return latency_pairs(pairs, title=title, estimate=estimate, limit=limit)


def _marks(events: Sequence[PlatformEvent], start: float) -> list[EventMark]:
    told = {"quota_exceeded", "noisy_tenant", "memory_leak", "runaway", "contained", "released", "agent_stopped", "sustained_cpu"}
    return [
        EventMark(event.seen_at - start, f"{event.kind.replace('_', ' ')} {event.tenant}".strip())
        for event in events
        if event.kind in told and event.seen_at >= start
    ]
