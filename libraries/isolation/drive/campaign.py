"""Quiet and noisy blocks in turns, in random order: the record that the degradation rule needs.

Principle: the speed of a machine wanders over seconds, so what is compared must lie close together. A block is therefore cut into
slices, and the blocks of one round take turns slice by slice. Measured on two shared cores, in campaigns of equal length:
quiet against quiet scatters by 2.6 % with whole blocks of 1.5 s and by 1.2 to 1.6 % with slices of half a second or less.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from isolation.drive.load import Due, Stream, run_plan, schedule
from isolation.drive.sessions import Session
from isolation.record import Block, Condition, Operation

_QUIET_SLICES = 8
"""Of how many quiet slices, the latest ones, the injected delay is a share: a single one may be far from the rule."""


_CANCEL_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What to run.

    Attributes:
        victims: The steady work that is measured, in every block.
        noise: What the noisy tenants do, by the name of the noise; each kind has noisy blocks of its own. A stream whose
            arguments hold ``seconds`` is asked for once, for the length of the slice, so that the noise ends with it; another
            stream is sent at its rate.
        first: Number of the first round; a campaign may be run in parts.
        pairs: Rounds; each has one noisy block of each noise and two quiet ones, so that quiet/quiet pairs lie as near as
            quiet/noisy.
        controls: In how many rounds there is one more block, with an injected delay.
        block_s: Length of a block in seconds, all its slices together.
        slices: Into how many slices a block is cut.
        settle_s: Seconds of load before each slice that are not measured.
        delay: Injected slowdown of the control, as a share of the quiet mean latency (0.2 is 20 %).
        answer_within_s: Seconds to wait for an answer.
        seed: Makes the order repeatable.
    """

    victims: list[Stream]
    noise: dict[str, list[Stream]]
    pairs: int
    controls: int
    block_s: float
    slices: int
    settle_s: float
    delay: float = 0.2
    answer_within_s: float = 8.0
    seed: int = 0
    first: int = 0

    @property
    def turns(self) -> int:
        """How many slices there are in all."""
        return self.slices * (self.pairs * (2 + len(self.noise)) + min(self.controls, self.pairs))


@dataclass(slots=True)
class CampaignRecord:
    """What happened: the victims' operations (each with its block's label), the blocks, and the noise itself."""

    operations: list[Operation] = field(default_factory=list)
    noise: list[Operation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def add(self, part: CampaignRecord) -> None:
        """Take in what happened in another part of the same campaign."""
        self.operations += part.operations
        self.noise += part.noise
        self.blocks += part.blocks


@dataclass(frozen=True, slots=True)
class Turn:
    """One slice of a block: number of the slice, and the label, round, condition and noise of the block."""

    part: int
    label: str
    pair: int
    condition: Condition
    noise: str = ""


def order_of_turns(plan: CampaignPlan) -> list[Turn]:
    """The rounds one after the other; in each, the first slices of all its blocks in random order, then the second ones."""
    chance = random.Random(plan.seed + plan.first)
    controls = min(plan.controls, plan.pairs)
    with_control = {round(i * plan.pairs / controls) for i in range(controls)}
    order: list[Turn] = []
    for number_in_part in range(plan.pairs):
        pair = plan.first + number_in_part
        kinds = [(Condition.QUIET, ""), (Condition.QUIET, ""), *((Condition.NOISY, noise) for noise in plan.noise)]
        kinds += [(Condition.DELAYED, "")] if number_in_part in with_control else []
        blocks = [(f"{pair:03d}.{number} {noise or kind}", kind, noise) for number, (kind, noise) in enumerate(kinds)]
        for part in range(plan.slices):
            chance.shuffle(blocks)
            order.extend(Turn(part, label, pair, kind, noise) for label, kind, noise in blocks)
    return order


async def run_campaign(
    plan: CampaignPlan, sessions: dict[str, Session], progress: Callable[[str], None]
) -> CampaignRecord:
    """Run all blocks.

    Args:
        plan: What to run.
        sessions: Open sessions by tenant name, victims and noisy tenants.
        progress: Told at every tenth slice.
    """
    record = CampaignRecord()
    # The same requests at the same offsets in every block: how victims happen to meet each other must not differ.
    parts = _cut(schedule(plan.victims, plan.block_s, plan.seed), plan.block_s, plan.slices)
    quiet: deque[float] = deque(maxlen=_QUIET_SLICES)
    quiet.extend(_means(await run_plan(schedule(plan.victims, 1.0, plan.seed), sessions, plan.answer_within_s)))
    slices: list[tuple[Turn, float]] = []
    for number, turn in enumerate(order_of_turns(plan)):
        if number % 10 == 0:
            progress(f"slice {number + 1} of {plan.turns}")
        hold_back = plan.delay * statistics.fmean(quiet) if turn.condition is Condition.DELAYED and quiet else 0.0
        started, operations, noise = await _run_slice(plan, turn, parts[turn.part], hold_back, sessions)
        slices.append((turn, started))
        record.operations.extend(operations)
        record.noise.extend(noise)
        if turn.condition is Condition.QUIET:
            quiet.extend(_means(operations))
    record.blocks = _blocks(slices, plan)
    return record


def _cut(due: list[Due], seconds: float, slices: int) -> list[list[Due]]:
    """The plan in pieces of equal length, each counted from its own beginning."""
    length = seconds / slices
    parts: list[list[Due]] = [[] for _ in range(slices)]
    for one in due:
        part = min(int(one.offset / length), slices - 1)
        parts[part].append(Due(one.offset - part * length, one.stream))
    return parts


def _blocks(slices: list[tuple[Turn, float]], plan: CampaignPlan) -> list[Block]:
    """Slices with one label are one block; it lasts from the start of its first to the end of its last."""
    length, blocks = plan.block_s / plan.slices, dict[str, Block]()
    for turn, started in slices:
        first = blocks[turn.label].started_at if turn.label in blocks else started
        measured = length * (turn.part + 1)
        blocks[turn.label] = Block(turn.label, turn.pair, turn.condition, first, started + length, measured, turn.noise)
    return list(blocks.values())


def _means(operations: list[Operation]) -> list[float]:
    """The mean latency in seconds; nothing when nothing was answered."""
    latencies = [operation.latency for operation in operations if operation.latency is not None]
    return [statistics.fmean(latencies)] if latencies else []


async def _run_slice(
    plan: CampaignPlan, turn: Turn, due: list[Due], hold_back: float, sessions: dict[str, Session]
) -> tuple[float, list[Operation], list[Operation]]:
    streams, noise_task = plan.noise.get(turn.noise, []), None
    if streams:
        whole = plan.settle_s + plan.block_s / plan.slices
        noise_task = asyncio.create_task(_run_noise(streams, whole, plan.answer_within_s, sessions, turn.label))
    await run_plan(schedule(plan.victims, plan.settle_s, plan.seed), sessions, 0.1)
    started = time.monotonic()
    operations = await run_plan(due, sessions, plan.answer_within_s, turn.label, hold_back)
    noise = await _end_noise(noise_task, streams, sessions) if noise_task is not None else []
    return started, operations, noise


async def _end_noise(
    noise: asyncio.Task[list[Operation]], streams: list[Stream], sessions: dict[str, Session]
) -> list[Operation]:
    """Cancel what is left of the noise: a contained tenant works on for long, and would make the quiet slice noisy.

    Again and again: a request that a target holds back, because its tenant is contained, cannot be cancelled yet. Waiting for
    it in silence would be a pause in which a target may rightly take the noisy tenants for quiet.
    """
    while not noise.done():
        for tenant in {stream.tenant for stream in streams}:
            sessions[tenant].cancel_unfinished()
        await asyncio.wait([noise], timeout=_CANCEL_AGAIN_SECONDS)
    return noise.result()


async def _run_noise(
    streams: list[Stream], seconds: float, answer_within: float, sessions: dict[str, Session], label: str
) -> list[Operation]:
    """All noise begins at once, so that even a short slice is noisy from its start."""
    # A lasting noise is answered at its own end, so the waiting for answers begins only there.
    return await run_plan(noise_due(streams, seconds), sessions, seconds + answer_within, label)


def noise_due(streams: list[Stream], seconds: float) -> list[Due]:
    """What noisy tenants send in one slice.

    Args:
        streams: What they do.
        seconds: Length of the slice, from the beginning of the noise.
    """
    due = [
        Due(number / stream.rate, _lasting(stream, seconds))
        for stream in streams
        for number in range(_times(stream, seconds))
    ]
    return sorted(due, key=lambda one: one.offset)


def _times(stream: Stream, seconds: float) -> int:
    """How many requests are due before the end: one that is due at the end would escape the cancelling, and go on in quiet time."""
    return 1 if "seconds" in stream.arguments else max(1, math.ceil(seconds * stream.rate - 1e-9))


def _lasting(stream: Stream, seconds: float) -> Stream:
    if "seconds" not in stream.arguments:
        return stream
    return Stream(stream.tenant, stream.kind, stream.rate, {**stream.arguments, "seconds": seconds})
