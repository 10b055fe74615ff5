"""Figures of noises in turns with quiet time: the victims' pairs of blocks, their answer times and their shares."""

from __future__ import annotations

from isolation.judge.rules.statistics import jain
from isolation.judge.slowdown.noise_campaign import (
    blocks_beside,
    degradation_limits,
    fairness_limits,
    shares_beside,
)
from isolation.record.limits import Limits
from isolation.record.resource_isolation.noise_campaign import NoiseCampaignRecord
from isolation.show.charts.fairness_bars import Share, fairness_bars
from isolation.show.figures.usage import latencies_chart, pairs_chart


def pairs(record: NoiseCampaignRecord, limits: Limits, noise: str, **subject: object) -> str:
    """The victims' mean latency in quiet blocks and in blocks with a noise."""
    held, blocks = degradation_limits(limits, record), blocks_beside(record, noise)
    return pairs_chart(record.operations, blocks, record.victims, held.mean, held.confidence, _title(noise))


def latencies(record: NoiseCampaignRecord, limits: Limits, noise: str, **subject: object) -> str:
    """How the victims' answer times spread."""
    return latencies_chart(record.operations, blocks_beside(record, noise), record.victims, _title(noise))


def shares(record: NoiseCampaignRecord, limits: Limits, noise: str, **subject: object) -> str:
    """What each victim got of the answers that it asked for."""
    found, held = shares_beside(record, noise), fairness_limits(limits)
    ratios = [share.ratio for share in found.values()]
    return fairness_bars(
        [Share(name, share.ratio) for name, share in found.items()],
        title="Answers that each victim got in time, of those it asked for",
        lowest=held.least,
        highest=held.largest,
        jain=jain(ratios) if any(ratios) else None,
    )


def _title(noise: str) -> str:
    return f"The victims, in quiet blocks and in blocks with {noise}"
