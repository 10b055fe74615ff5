"""Memory of the platform's own processes and of its agents between two counts, and what was released of what was taken."""

from __future__ import annotations

from isolation.judge.registry.lifecycle import Release, judge_memory_growth, judge_released
from isolation.record import Limit, Measurement
from isolation.record.limits import Limits
from isolation.record.usage.holdings import Holdings

_GATEWAY = "gateway"
_RELEASED = ("agent processes", "rows of agents")


def judge_growth(
    promise: str, before: Holdings | None, after: Holdings | None, operations: int, limits: Limits
) -> list[Measurement]:
    """The gateway and the agent processes may grow only so much, in all and for each operation.

    Args:
        before: What there was before; None when it could not be counted.
        after: What there was afterwards.
        operations: How many requests were answered in between.
        limits: ``growth`` and ``per operation``.
    """
    gateway = [None if one is None else one.memory.get(_GATEWAY) for one in (before, after)]
    agents = [None if one is None else one.agent_memory for one in (before, after)]
    return [
        *_growth(promise, "the gateway", gateway[0], gateway[1], operations, limits),
        *_growth(promise, "the agent processes", agents[0], agents[1], operations, limits),
    ]


def _growth(
    promise: str, whose: str, before: int | None, after: int | None, operations: int, limits: Limits
) -> list[Measurement]:
    found = judge_memory_growth(promise, before, after, operations, limits["growth"], limits["per operation"])
    return [one.model_copy(update={"metric": f"{one.metric} of {whose}"}) for one in found]


def judge_release(
    promise: str, before: Holdings | None, peak: Holdings | None, after: Holdings | None, limit: Limit
) -> list[Measurement]:
    """Of the processes, rows and memory that were taken, the promised share is released again."""
    counts = [None if one is None else one.given_back() for one in (before, peak, after)]
    memory = [None if one is None else one.agent_memory for one in (before, peak, after)]
    releases = [Release(kind, *(None if one is None else one[kind] for one in counts)) for kind in _RELEASED]
    return judge_released(promise, [*releases, Release("bytes of agent memory", *memory)], limit)
