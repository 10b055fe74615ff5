"""From operations to one effect per pair of blocks: how much slower the victims were in one block than in the other.

Principle: ``d = ln(second/first)`` of a block statistic (mean, P95) of the victims' latencies, each counted from the
*intended* send time. Logarithms make "twice as slow" and "half as slow" weigh the same.

A victim's request that was sent and not answered (timed out, lost, refused, cancelled) counts with the patience of the
caller: it waited at least that long in vain. So a block in which requests die can never look fast. Requests that the
suite itself did not send are left out; how many there were is judged beside.

Assumption: the blocks of one round saw the same target and the same load but for their condition; their order is
random.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from isolation.judge.rules.statistics import percentile, samples_needed
from isolation.record import Block, Condition, Operation, Outcome

SHORTEST = 1e-6
"""Seconds; no network answers faster, and a logarithm needs more than zero."""


@dataclass(frozen=True, slots=True)
class BlockLatencies:
    """The victims' latencies (seconds) in one block, per tenant."""

    block: Block
    by_tenant: dict[str, list[float]]

    @property
    def pooled(self) -> list[float]:
        """All victims' latencies together."""
        return [latency for latencies in self.by_tenant.values() for latency in latencies]


@dataclass(frozen=True, slots=True)
class PairEffect:
    """One comparison of two blocks; what a chart draws as one point.

    Attributes:
        pair: Number of the round.
        condition: Condition of the second block; QUIET in the quiet/quiet control.
        first_mean: Mean latency of the first (quiet) block, or of all quiet blocks of the round, seconds.
        second_mean: Mean latency of the second block, seconds.
        d_mean: ``ln(second_mean/first_mean)``.
        d_median: The same of the medians; only reported.
        d_p95: The same of the 95th percentiles, or None when a block has too few samples for one.
        smallest_count: Samples in the smaller of the two blocks.
        d_by_tenant: ``ln`` of the ratio of the means, per victim that has samples in both blocks.
    """

    pair: int
    condition: Condition
    first_mean: float
    second_mean: float
    d_mean: float
    d_median: float
    d_p95: float | None
    smallest_count: int
    d_by_tenant: dict[str, float]

    @property
    def ratio(self) -> float:
        """Mean of the second block over mean of the first."""
        return math.exp(self.d_mean)


def block_latencies(
    operations: Iterable[Operation], blocks: Sequence[Block], victims: Collection[str], patience: float
) -> list[BlockLatencies]:
    """Sort the victims' latencies into their blocks.

    Args:
        operations: All operations; those of other tenants or without a block are ignored.
        victims: Names of the victims.
        patience: Seconds that an unanswered request counts.

    Returns:
        One entry per block, in the order of time.
    """
    wanted = set(victims)
    by_block: dict[str, dict[str, list[float]]] = {block.label: defaultdict(list) for block in blocks}
    for operation in operations:
        if operation.tenant not in wanted or operation.outcome is Outcome.NOT_SENT or operation.block not in by_block:
            continue
        latency = operation.latency if operation.answered else None
        waited = patience if latency is None else max(latency, SHORTEST)
        by_block[operation.block][operation.tenant].append(waited)
    ordered = sorted(blocks, key=lambda block: block.started_at)
    return [BlockLatencies(block, dict(by_block[block.label])) for block in ordered]


def effects_of(blocks: Sequence[BlockLatencies], condition: Condition) -> list[PairEffect]:
    """Compare every block of a condition with the quiet blocks of its round, taken together.

    Args:
        blocks: All blocks of the campaign.
        condition: NOISY or DELAYED.

    Returns:
        One effect per block of that condition whose round has samples in both.
    """
    quiet = _quiet_by_round(blocks)
    others = [entry for entry in blocks if entry.block.condition is condition and entry.by_tenant]
    return [_effect(_together(quiet[entry.block.pair]), entry) for entry in others if entry.block.pair in quiet]


def quiet_effects(blocks: Sequence[BlockLatencies]) -> list[PairEffect]:
    """The quiet/quiet control: the first two quiet blocks of each round that has two."""
    return [_effect(quiet[0], quiet[1]) for quiet in _quiet_by_round(blocks).values() if len(quiet) > 1]


def _quiet_by_round(blocks: Sequence[BlockLatencies]) -> dict[int, list[BlockLatencies]]:
    quiet: dict[int, list[BlockLatencies]] = defaultdict(list)
    for entry in blocks:
        if entry.block.condition is Condition.QUIET and entry.by_tenant:
            quiet[entry.block.pair].append(entry)
    return dict(quiet)


def _together(blocks: Sequence[BlockLatencies]) -> BlockLatencies:
    by_tenant: dict[str, list[float]] = defaultdict(list)
    for entry in blocks:
        for tenant, latencies in entry.by_tenant.items():
            by_tenant[tenant] += latencies
    return BlockLatencies(blocks[0].block, dict(by_tenant))


def _effect(first: BlockLatencies, second: BlockLatencies) -> PairEffect:
    before, after = first.pooled, second.pooled
    count = min(len(before), len(after))
    first_mean, second_mean = float(np.mean(before)), float(np.mean(after))
    enough = count >= samples_needed(0.95)
    shared = [tenant for tenant in first.by_tenant if tenant in second.by_tenant]
    return PairEffect(
        pair=first.block.pair,
        condition=second.block.condition,
        first_mean=first_mean,
        second_mean=second_mean,
        d_mean=math.log(second_mean / first_mean),
        d_median=math.log(percentile(after, 0.5) / percentile(before, 0.5)),
        d_p95=math.log(percentile(after, 0.95) / percentile(before, 0.95)) if enough else None,
        smallest_count=count,
        d_by_tenant={
            tenant: math.log(float(np.mean(second.by_tenant[tenant])) / float(np.mean(first.by_tenant[tenant])))
            for tenant in shared
        },
    )
