"""How far the clock of a shard is from ours, and how exactly that is known.

Principle: a question and its answer enclose the moment at which the other clock was read (Cristian, 1989). Half of the time between
them bounds the error, whatever the way there and back. The quickest exchange is the best one; as clocks drift apart, only recent ones
count.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from isolation.drive.load.campaign import CampaignRecord
from isolation.drive.load.engine import Connected
from isolation.record import Block, Frame, Operation
from isolation.record.traffic.asked import RequestRecord

_REMEMBERED = 30
"""Exchanges, one a second: clocks of two machines drift apart by some microseconds in each."""
Timed = TypeVar("Timed")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question for the time.

    Attributes:
        asked_at: When it was asked (seconds, our clock).
        shown: What the other clock showed.
        answered_at: When the answer was here (our clock).
    """

    asked_at: float
    shown: float
    answered_at: float

    @property
    def offset_s(self) -> float:
        """Their clock minus ours, if it was read in the middle."""
        return self.shown - (self.asked_at + self.answered_at) / 2

    @property
    def error_s(self) -> float:
        """By how much that may be wrong."""
        return (self.answered_at - self.asked_at) / 2


class ShardClock:
    """The clock of one shard.

    Args:
        is_ours: Whether it is the very same clock: then there is nothing to measure.
    """

    def __init__(self, is_ours: bool) -> None:
        """Nothing has been measured."""
        self._is_ours = is_ours
        self._exchanges: deque[Exchange] = deque(maxlen=_REMEMBERED)

    def note(self, exchange: Exchange) -> None:
        """Take one more measurement."""
        self._exchanges.append(exchange)

    @property
    def offset_s(self) -> float:
        """Their clock minus ours."""
        return 0.0 if self._is_ours else self._best().offset_s

    @property
    def error_s(self) -> float:
        """By how much that may be wrong."""
        return 0.0 if self._is_ours else self._best().error_s

    def _best(self) -> Exchange:
        return min(self._exchanges, key=lambda one: one.error_s, default=Exchange(0.0, 0.0, float("inf")))


def shifted(value: Timed, by_s: float) -> Timed:
    """The same with every moment moved by some seconds.

    Args:
        value: What an engine gave back.
        by_s: Seconds; from their clock to ours it is minus the offset.
    """
    return cast(Timed, _shifted(value, by_s)) if by_s else value


def _shifted(value: object, by: float) -> object:
    if isinstance(value, list):
        return [_shifted(one, by) for one in value]
    if isinstance(value, float):
        return value + by
    if isinstance(value, Operation):
        return _shifted_operation(value, by)
    if isinstance(value, Frame):
        return replace(value, at=value.at + by)
    if isinstance(value, RequestRecord):
        return replace(value, operation=_shifted_operation(value.operation, by))
    if isinstance(value, Connected) and value.opening is not None:
        return replace(value, opening=replace(value.opening, started_at=value.opening.started_at + by))
    if isinstance(value, Block):
        return replace(value, started_at=value.started_at + by, ended_at=value.ended_at + by)
    if isinstance(value, CampaignRecord):
        return CampaignRecord(shifted(value.operations, by), shifted(value.noise, by), shifted(value.blocks, by))
    return value


def _shifted_operation(operation: Operation, by: float) -> Operation:
    return replace(
        operation,
        intended_at=operation.intended_at + by,
        sent_at=_moved(operation.sent_at, by),
        accepted_at=_moved(operation.accepted_at, by),
        completed_at=_moved(operation.completed_at, by),
    )


def _moved(at: float | None, by: float) -> float | None:
    return None if at is None else at + by
