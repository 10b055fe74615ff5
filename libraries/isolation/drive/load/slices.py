"""One slice of a block: the victims' requests that are measured, and beside them the noise, which ends with the slice."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from isolation.drive.load.plans import Due, Stream, run_plan
from isolation.drive.session.session import Session
from isolation.record import Condition, Operation

_CANCEL_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Turn:
    """Which slice: its number in its block, and the label, round, condition and noise of the block."""

    part: int
    label: str
    pair: int
    condition: Condition
    noise: str = ""


@dataclass(frozen=True, slots=True)
class SlicePlan:
    """What happens in one slice.

    Attributes:
        settle: The victims' requests that come first and are not measured.
        due: Their requests that are measured.
        noise: What the noisy tenants do, from the beginning to the end.
        seconds: Length in seconds, with the part that is not measured.
        hold_back: Seconds by which the suite itself holds back the measured requests.
        answer_within_s: Seconds to wait for an answer.
    """

    settle: list[Due]
    due: list[Due]
    noise: list[Stream]
    seconds: float
    hold_back: float
    answer_within_s: float


@dataclass(frozen=True, slots=True)
class Slice:
    """What happened in one slice.

    Attributes:
        turn: Which one it was.
        started_at: Seconds, monotonic clock; the beginning of what is measured.
        operations: The victims' measured requests.
        noise: The noisy tenants' requests.
        stolen: Share of the processor time, 0 to 1, that the machine's host took away meanwhile.
    """

    turn: Turn
    started_at: float
    operations: list[Operation]
    noise: list[Operation]
    stolen: float

    @property
    def all_answered(self) -> bool:
        """Whether every victim got every answer."""
        return all(operation.answered for operation in self.operations)


async def run_slice(
    turn: Turn, plan: SlicePlan, sessions: dict[str, Session], stolen_seconds: Callable[[], float]
) -> Slice:
    """Run one slice.

    Args:
        turn: Which one.
        plan: What happens.
        sessions: Open sessions by tenant name.
        stolen_seconds: Tells what the host took away so far, all processors together.
    """
    noise_task = asyncio.create_task(_run_noise(plan, sessions, turn.label)) if plan.noise else None
    await run_plan(plan.settle, sessions, 0.1)
    started, stolen = time.monotonic(), stolen_seconds()
    operations = await run_plan(plan.due, sessions, plan.answer_within_s, turn.label, plan.hold_back)
    share = (stolen_seconds() - stolen) / ((time.monotonic() - started) * (os.cpu_count() or 1))
    noise = await _end_noise(noise_task, plan.noise, sessions) if noise_task is not None else []
    return Slice(turn, started, operations, noise, share)


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


async def _run_noise(plan: SlicePlan, sessions: dict[str, Session], label: str) -> list[Operation]:
    """All noise begins at once, so that even a short slice is noisy from its start."""
    # A lasting noise is answered at its own end, so the waiting for answers begins only there.
    patience = plan.seconds + plan.answer_within_s
    return await run_plan(noise_due(plan.noise, plan.seconds), sessions, patience, label)


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
