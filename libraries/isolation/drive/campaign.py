"""Quiet and noisy blocks in random order: the record that the degradation rule needs."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from isolation.drive.load import Due, Stream, run_plan, schedule
from isolation.drive.sessions import Session
from isolation.record import Block, Condition, Operation

_QUIET_BLOCKS = 4
"""Of how many quiet blocks, the latest ones, the injected delay is a share: a single one may be far from the rule."""


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What to run.

    Attributes:
        victims: The steady work that is measured, in every block.
        noise: What the noisy tenants do in noisy blocks. A stream whose arguments hold ``seconds`` is asked for once, for
            the length of the block, so that the noise ends with it; another stream is sent at its rate.
        pairs: Rounds; each has one noisy block and two quiet ones, so that quiet/quiet pairs lie as near as quiet/noisy.
        controls: In how many rounds there is a fourth block, with an injected delay.
        block_s: Length of a block in seconds.
        settle_s: Seconds of load before each block that are not measured.
        delay: Injected slowdown of the control, as a share of the quiet mean latency (0.2 is 20 %).
        answer_within_s: Seconds to wait for an answer.
        seed: Makes the order repeatable.
    """

    victims: list[Stream]
    noise: list[Stream]
    pairs: int
    controls: int
    block_s: float
    settle_s: float
    delay: float = 0.2
    answer_within_s: float = 8.0
    seed: int = 0


@dataclass(slots=True)
class CampaignRecord:
    """What happened: the victims' operations (each with its block's label), the blocks, and the noise itself."""

    operations: list[Operation] = field(default_factory=list)
    noise: list[Operation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def order_of_blocks(plan: CampaignPlan) -> list[tuple[int, Condition]]:
    """The rounds one after the other, the blocks of each in random order; the controls spread over the rounds."""
    chance = random.Random(plan.seed)
    controls = min(plan.controls, plan.pairs)
    with_control = {round(i * plan.pairs / controls) for i in range(controls)}
    order: list[tuple[int, Condition]] = []
    for pair in range(plan.pairs):
        conditions = [Condition.QUIET, Condition.NOISY, Condition.QUIET]
        conditions += [Condition.DELAYED] if pair in with_control else []
        chance.shuffle(conditions)
        order.extend((pair, condition) for condition in conditions)
    return order


async def run_campaign(
    plan: CampaignPlan, sessions: dict[str, Session], progress: Callable[[str], None]
) -> CampaignRecord:
    """Run all blocks.

    Args:
        plan: What to run.
        sessions: Open sessions by tenant name, victims and noisy tenants.
        progress: Told at every round.
    """
    record = CampaignRecord()
    quiet: deque[float] = deque(maxlen=_QUIET_BLOCKS)
    reference = await run_plan(schedule(plan.victims, 1.0, plan.seed), sessions, plan.answer_within_s)
    quiet.extend(_means(reference))
    order = order_of_blocks(plan)
    for number, (pair, condition) in enumerate(order):
        if number % 5 == 0:
            progress(f"block {number + 1} of {len(order)}")
        hold_back = plan.delay * statistics.fmean(quiet) if condition is Condition.DELAYED and quiet else 0.0
        block, operations, noise = await _run_block(plan, number, pair, condition, hold_back, sessions)
        record.blocks.append(block)
        record.operations.extend(operations)
        record.noise.extend(noise)
        if condition is Condition.QUIET:
            quiet.extend(_means(operations))
    return record


def _means(operations: list[Operation]) -> list[float]:
    """The mean latency in seconds; nothing when nothing was answered."""
    latencies = [operation.latency for operation in operations if operation.latency is not None]
    return [statistics.fmean(latencies)] if latencies else []


async def _run_block(
    plan: CampaignPlan, number: int, pair: int, condition: Condition, hold_back: float, sessions: dict[str, Session]
) -> tuple[Block, list[Operation], list[Operation]]:
    label = f"{number:03d} {condition}"
    whole = plan.settle_s + plan.block_s
    noise_task = None
    if condition is Condition.NOISY:
        noise_task = asyncio.create_task(_run_noise(plan, whole, number, sessions, label))
    await run_plan(schedule(plan.victims, plan.settle_s, plan.seed), sessions, 0.1)
    started = time.monotonic()
    # The same requests at the same offsets in every block: how victims happen to meet each other must not differ.
    due = schedule(plan.victims, plan.block_s, plan.seed)
    operations = await run_plan(due, sessions, plan.answer_within_s, label, hold_back)
    block = Block(label, pair, condition, started, started + plan.block_s)
    noise = await _end_noise(noise_task, plan, sessions) if noise_task is not None else []
    return block, operations, noise


async def _end_noise(
    noise: asyncio.Task[list[Operation]], plan: CampaignPlan, sessions: dict[str, Session]
) -> list[Operation]:
    """Cancel what is left of the noise: a contained tenant works on for long, and would make the quiet block noisy."""
    for tenant in {stream.tenant for stream in plan.noise}:
        sessions[tenant].cancel_unfinished()
    return await noise


async def _run_noise(
    plan: CampaignPlan, seconds: float, number: int, sessions: dict[str, Session], label: str
) -> list[Operation]:
    lasting = [Due(0.0, _lasting(stream, seconds)) for stream in plan.noise if "seconds" in stream.arguments]
    repeated = schedule([stream for stream in plan.noise if "seconds" not in stream.arguments], seconds, number)
    # A lasting noise is answered at its own end, so the waiting for answers begins only there.
    return await run_plan(lasting + repeated, sessions, seconds + plan.answer_within_s, label)


def _lasting(stream: Stream, seconds: float) -> Stream:
    return Stream(stream.tenant, stream.kind, stream.rate, {**stream.arguments, "seconds": seconds})
