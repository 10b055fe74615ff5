"""Quiet and noisy blocks in turns, in random order: the record that the degradation rule needs.

Principle: the speed of a machine wanders over seconds, so what is compared must lie close together. A block is therefore cut into
slices, and the blocks of one round take turns slice by slice. Measured on two shared cores, in campaigns of equal length:
quiet against quiet scatters by 2.6 % with whole blocks of 1.5 s and by 1.2 to 1.6 % with slices of half a second or less.

On a virtual machine the host may take the processors away for moments. A slice that it disturbed is set aside and measured again.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from isolation.drive.load.plans import Due, Stream, run_plan, schedule
from isolation.drive.load.slices import Slice, SlicePlan, Turn, run_slice
from isolation.drive.session.session import Session
from isolation.drive.watch.stolen_time import stolen_seconds
from isolation.record import Block, Condition, Operation
from isolation.record.traffic.blocks import label_set_aside

_QUIET_SLICES = 8
"""Of how many quiet slices, the latest ones, the injected delay is a share: a single one may be far from the rule."""


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What to run.

    Attributes:
        victims: The steady work that is measured, in every block.
        noise: What the noisy tenants do, by the name of the noise; each kind has noisy blocks of its own. A stream whose
            arguments hold ``seconds`` is asked for once, for the length of the slice, so that the noise ends with it; another
            stream is sent at its rate.
        pairs: Rounds; each has one noisy block of each noise and two quiet ones, so that quiet/quiet pairs lie as near as
            quiet/noisy.
        controls: In how many rounds there is one more block, with an injected delay.
        block_s: Length of a block in seconds, all its slices together.
        slices: Into how many slices a block is cut.
        settle_s: Seconds of load before each slice that are not measured.
        stolen: Share of the processor time, 0 to 1, above which the host has disturbed a slice.
        again: How many more slices may be run to measure disturbed ones again, as a share of all.
        delay: Injected slowdown of the control, as a share of the quiet mean latency (0.2 is 20 %).
        answer_within_s: Seconds to wait for an answer.
        seed: Makes the order repeatable.
        first: Number of the first round: a second look goes on where the first has ended.
    """

    victims: list[Stream]
    noise: dict[str, list[Stream]]
    pairs: int
    controls: int
    block_s: float
    slices: int
    settle_s: float
    stolen: float = 1.0
    again: float = 0.0
    delay: float = 0.2
    answer_within_s: float = 8.0
    seed: int = 0
    first: int = 0

    @property
    def slice_s(self) -> float:
        """Measured seconds of one slice."""
        return self.block_s / self.slices

    @property
    def turns(self) -> int:
        """How many slices there are in all, without those that are measured again."""
        return self.slices * (self.pairs * (2 + len(self.noise)) + min(self.controls, self.pairs))

    @property
    def most_again(self) -> int:
        """How many more slices may be run."""
        return round(self.again * self.turns)


@dataclass(slots=True)
class CampaignRecord:
    """What happened.

    Attributes:
        operations: Of the victims, each with its block's label; those of slices that were set aside with another one.
        noise: What the noisy tenants asked for.
    """

    operations: list[Operation] = field(default_factory=list)
    noise: list[Operation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def order_of_turns(plan: CampaignPlan) -> list[list[Turn]]:
    """Which slices lie together: the first slices of all blocks of a round in random order, then the second ones, and so on."""
    rng = random.Random(plan.seed + plan.first)
    controls = min(plan.controls, plan.pairs)
    with_control = {round(i * plan.pairs / controls) for i in range(controls)}
    order: list[list[Turn]] = []
    for pair in range(plan.pairs):
        kinds = [(Condition.QUIET, ""), (Condition.QUIET, ""), *((Condition.NOISY, noise) for noise in plan.noise)]
        kinds += [(Condition.DELAYED, "")] if pair in with_control else []
        number = plan.first + pair
        blocks = [(f"{number:03d}.{place} {noise or kind}", kind, noise) for place, (kind, noise) in enumerate(kinds)]
        for part in range(plan.slices):
            rng.shuffle(blocks)
            order.append([Turn(part, label, number, kind, noise) for label, kind, noise in blocks])
    return order


async def run_campaign(
    plan: CampaignPlan,
    sessions: dict[str, Session],
    progress: Callable[[str], None],
    stolen: Callable[[], float] = stolen_seconds,
) -> CampaignRecord:
    """Run all blocks.

    Args:
        plan: What to run.
        sessions: Open sessions by tenant name, victims and noisy tenants.
        progress: Told now and then.
        stolen: Tells the processor seconds that the host took away so far.
    """
    campaign = _Campaign(plan, sessions, stolen)
    await campaign.warm_up()
    for number, together in enumerate(order_of_turns(plan)):
        if number % 2 == 0:
            progress(campaign.progress)
        await campaign.take_turns(together)
    return campaign.record()


class _Campaign:
    """A campaign under way."""

    def __init__(self, plan: CampaignPlan, sessions: dict[str, Session], stolen: Callable[[], float]) -> None:
        self._plan, self._sessions, self._stolen = plan, sessions, stolen
        # The same requests at the same offsets in every block: how victims happen to meet each other must not differ.
        self._parts = _cut(schedule(plan.victims, plan.block_s, plan.seed), plan.slice_s, plan.slices)
        self._settle = schedule(plan.victims, plan.settle_s, plan.seed)
        self._quiet: deque[float] = deque(maxlen=_QUIET_SLICES)
        self._counted: list[Slice] = []
        self._set_aside: list[Slice] = []
        self._disturbed_at_first: Counter[str] = Counter()

    @property
    def progress(self) -> str:
        """Where it is."""
        again = f", {len(self._set_aside)} measured again" if self._set_aside else ""
        return f"slice {len(self._counted) + 1} of {self._plan.turns}{again}"

    async def warm_up(self) -> None:
        """One second of load, so that the first injected delay has a quiet mean to be a share of."""
        due = schedule(self._plan.victims, 1.0, self._plan.seed)
        self._quiet.extend(_means(await run_plan(due, self._sessions, self._plan.answer_within_s)))

    async def take_turns(self, together: list[Turn]) -> None:
        """Run the slices that lie together, and again those that the host disturbed: at most as many more as there are.

        More would keep noisy tenants silent for long, where only quiet slices are repeated; a target may rightly release
        them then, and their next noise would be felt.
        """
        tries = {turn.label: await self._run(turn) for turn in together}
        self._disturbed_at_first.update(label for label, one in tries.items() if self._is_disturbed(one))
        more = min(len(together), self._plan.most_again - len(self._set_aside))
        while (again := self._to_repeat(together, tries)) and len(again) <= more:
            for turn in again:
                self._set_aside.append(tries[turn.label])
                tries[turn.label] = await self._run(turn)
            more -= len(again)
        self._counted.extend(tries.values())

    def record(self) -> CampaignRecord:
        """All that happened."""
        record = CampaignRecord(blocks=_blocks(self._counted, self._plan, self._disturbed_at_first))
        for one in self._counted:
            record.operations += one.operations
            record.noise += one.noise
        for one in self._set_aside:
            record.operations += [
                replace(operation, block=label_set_aside(operation.block)) for operation in one.operations
            ]
            record.noise += [replace(operation, block=label_set_aside(operation.block)) for operation in one.noise]
        return record

    async def _run(self, turn: Turn) -> Slice:
        plan = self._plan
        delayed = turn.condition is Condition.DELAYED and self._quiet
        what = SlicePlan(
            settle=self._settle,
            due=self._parts[turn.part],
            noise=plan.noise.get(turn.noise, []),
            seconds=plan.settle_s + plan.slice_s,
            hold_back=plan.delay * statistics.fmean(self._quiet) if delayed else 0.0,
            answer_within_s=plan.answer_within_s,
        )
        done = await run_slice(turn, what, self._sessions, self._stolen)
        if turn.condition is Condition.QUIET and not self._is_disturbed(done):
            self._quiet.extend(_means(done.operations))
        return done

    def _is_disturbed(self, one: Slice) -> bool:
        return one.stolen > self._plan.stolen

    def _to_repeat(self, together: list[Turn], tries: dict[str, Slice]) -> list[Turn]:
        """Those that the host disturbed; but a try in which a victim got no answer always counts."""
        return [t for t in together if self._is_disturbed(tries[t.label]) and tries[t.label].all_answered]


def _cut(due: list[Due], length: float, slices: int) -> list[list[Due]]:
    """The plan in pieces of equal length (seconds), each counted from its own beginning."""
    parts: list[list[Due]] = [[] for _ in range(slices)]
    for one in due:
        part = min(int(one.offset / length), slices - 1)
        parts[part].append(Due(one.offset - part * length, one.stream))
    return parts


def _blocks(counted: list[Slice], plan: CampaignPlan, disturbed_at_first: Counter[str]) -> list[Block]:
    """Slices with one label are one block; it lasts from the start of its first to the end of its last."""
    by_label: dict[str, list[Slice]] = defaultdict(list)
    for one in counted:
        by_label[one.turn.label].append(one)
    return [_block(own, plan, disturbed_at_first[label]) for label, own in by_label.items()]


def _block(own: list[Slice], plan: CampaignPlan, disturbed_at_first: int) -> Block:
    turn = own[0].turn
    return Block(
        label=turn.label,
        pair=turn.pair,
        condition=turn.condition,
        started_at=min(one.started_at for one in own),
        ended_at=max(one.started_at for one in own) + plan.slice_s,
        seconds=plan.slice_s * len(own),
        noise=turn.noise,
        slices=len(own),
        disturbed=disturbed_at_first,
        left_disturbed=sum(one.stolen > plan.stolen for one in own),
    )


def _means(operations: list[Operation]) -> list[float]:
    """The mean latency in seconds; nothing when nothing was answered."""
    latencies = [operation.latency for operation in operations if operation.latency is not None]
    return [statistics.fmean(latencies)] if latencies else []
