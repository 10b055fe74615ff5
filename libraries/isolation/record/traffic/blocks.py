"""One stretch of load under one condition; blocks come in randomised pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """What the neighbours, or the suite's own control, do during a block."""

    QUIET = "quiet"
    NOISY = "noisy"
    DELAYED = "delayed"
    """The suite itself holds every request back: a slowdown of known size that the judge must find."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a campaign.

    Attributes:
        label: Unique within the campaign; operations carry it.
        pair: The number of the round that it belongs to; the blocks of one round are compared with each other.
        condition: What was different in this block.
        started_at: Seconds, monotonic clock.
        ended_at: Seconds, monotonic clock; the last intended send time lies before it.
        seconds: How much of this time was measured; blocks take turns slice by slice, so it is less than what lies between.
        noise: Name of the noise; empty when there is none.
        slices: Of how many slices it consists.
        disturbed: How many of them the machine's host disturbed, when they were measured first.
        left_disturbed: How many of those count all the same, for they could not be measured again without.
    """

    label: str
    pair: int
    condition: Condition
    started_at: float
    ended_at: float
    seconds: float
    noise: str = ""
    slices: int = 1
    disturbed: int = 0
    left_disturbed: int = 0


def label_set_aside(label: str) -> str:
    """What operations carry whose slice was set aside and measured again."""
    return f"{label} (set aside)"


def blocks_of(blocks: Sequence[Block], noise: str) -> list[Block]:
    """The blocks that tell what one noise does: of the rounds in which it was made, its own and all that are without noise."""
    rounds = {block.pair for block in blocks if block.noise == noise}
    return [block for block in blocks if block.pair in rounds and block.noise in ("", noise)]
