"""Simulated campaigns of quiet and noisy blocks."""

from __future__ import annotations

import random

from isolation.judge.slowdown.degradation import (
    DegradationLimits,
    judge_degradation,
)
from isolation.record import Block, Comparison, Condition, Limit, Measurement, Operation, Outcome

VICTIMS = tuple(f"tenant-{number:02}" for number in range(10))
SECONDS = 2.0


def at_most(value: float, unit: str) -> Limit:
    return Limit(value=value, unit=unit, comparison=Comparison.BELOW, source="test")


LIMITS = DegradationLimits(
    mean=at_most(1.10, "x quiet mean"),
    p95=at_most(1.25, "x quiet P95"),
    answered=Limit(value=95, unit="%", comparison=Comparison.AT_LEAST, source="test"),
    lateness=at_most(20, "ms"),
    slo_seconds=0.05,
    patience_seconds=5.0,
    confidence=0.90,
    power=0.80,
    host_significance=0.01,
    not_sent=Limit(value=1, unit="%", comparison=Comparison.AT_MOST, source="test"),
)


def campaign(
    seed: int,
    noisy: float = 1.0,
    *,
    delayed: float | None = 1.2,
    slowed: dict[str, float] | None = None,
    block_noise: float = 0.02,
    rounds: int = 10,
    per_victim: int = 22,
) -> tuple[list[Operation], list[Block]]:
    """Rounds of blocks whose latencies are gamma distributed around 20 ms times a factor."""
    rng = random.Random(seed)
    factors = {Condition.QUIET: 1.0, Condition.NOISY: noisy}
    if delayed is not None:
        factors[Condition.DELAYED] = delayed
    operations: list[Operation] = []
    blocks: list[Block] = []
    start = 1000.0
    for pair in range(rounds):
        order = [*factors, Condition.QUIET]
        rng.shuffle(order)
        for number, condition in enumerate(order):
            block = Block(f"{pair}-{number}-{condition}", pair, condition, start, start + SECONDS, SECONDS)
            blocks.append(block)
            factor = factors[condition] * rng.lognormvariate(0.0, block_noise)
            for victim in VICTIMS:
                own = factor * ((slowed or {}).get(victim, 1.0) if condition is Condition.NOISY else 1.0)
                for number in range(per_victim):
                    at = start + SECONDS * number / per_victim
                    operations.append(answer(victim, at, 0.02 * own * rng.gammavariate(16, 1 / 16), block.label))
            start += SECONDS + 0.3
    return operations, blocks


def answer(tenant: str, at: float, seconds: float, block: str) -> Operation:
    return Operation(
        tenant=tenant,
        user="u",
        session="s",
        correlation_id="c",
        kind="typical",
        intended_at=at,
        sent_at=at + 0.001,
        accepted_at=at + 0.002,
        completed_at=at + seconds,
        outcome=Outcome.ANSWERED,
        block=block,
    )


def judge(
    operations: list[Operation], blocks: list[Block], limits: DegradationLimits = LIMITS
) -> dict[str, Measurement]:
    return {found.metric: found for found in judge_degradation(operations, "RI-4", blocks, VICTIMS, limits)}
