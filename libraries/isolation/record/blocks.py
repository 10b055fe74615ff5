"""One stretch of load under one condition; blocks come in randomised pairs."""

from __future__ import annotations

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
    """

    label: str
    pair: int
    condition: Condition
    started_at: float
    ended_at: float
