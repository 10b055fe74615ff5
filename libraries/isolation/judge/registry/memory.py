"""Memory stays bounded while many users work, and what visitors and long sessions took is given back (AR-19 to AR-21)."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.judge.leaks.left_over import judge_left_over
from isolation.judge.registry.lifecycle import judge_memory_growth
from isolation.judge.registry.memory_growth import judge_growth, judge_release
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.memory import RegistryMemoryRecord
from isolation.record.usage.holdings import Cycle

_GATEWAY = "gateway"


def judge_rounds_memory(
    promise: str, record: RegistryMemoryRecord, limits: Limits, *, requests: str
) -> list[Measurement]:
    """Neither at its end nor in the middle of it has work of all users at once made the platform grow."""
    operations = _answered(record, requests)
    return [
        *judge_growth(promise, record.before, record.after, operations, limits),
        _peak_growth(promise, record, operations, limits),
    ]


def _peak_growth(promise: str, record: RegistryMemoryRecord, operations: int, limits: Limits) -> Measurement:
    """How much the gateway had grown at most, while everybody worked."""
    before = None if record.before is None else record.before.memory.get(_GATEWAY)
    meanwhile = [one.memory[_GATEWAY] for one in record.meanwhile if _GATEWAY in one.memory]
    peak = max(meanwhile) if meanwhile else None
    found = judge_memory_growth(promise, before, peak, operations, limits["growth"], limits["per operation"])[0]
    return found.model_copy(
        update={"metric": "memory growth of the gateway meanwhile", "samples": found.samples and len(meanwhile)}
    )


def judge_visits(
    promise: str, record: RegistryMemoryRecord, limits: Limits, *, taken: Sequence[str]
) -> list[Measurement]:
    """After every visit of new users exactly as much is there as after the first one."""
    return _left_over(promise, record.visits, taken)


def judge_visits_memory(promise: str, record: RegistryMemoryRecord, limits: Limits) -> list[Measurement]:
    """Visits of new users do not make the platform grow."""
    return _cycles_growth(promise, record.visits, _answered(record, "visits"), limits)


def judge_visits_release(promise: str, record: RegistryMemoryRecord, limits: Limits) -> list[Measurement]:
    """Most of what the visitors took is released again; the goal is all."""
    return _cycles_release(promise, record.visits, limits)


def judge_long_sessions(
    promise: str, record: RegistryMemoryRecord, limits: Limits, *, taken: Sequence[str]
) -> list[Measurement]:
    """After every round exactly as much is there as after the first one."""
    return _left_over(promise, record.rounds, taken)


def judge_long_sessions_memory(
    promise: str, record: RegistryMemoryRecord, limits: Limits, *, requests: str
) -> list[Measurement]:
    """Long sessions do not make the platform grow."""
    return _cycles_growth(promise, record.rounds, _answered(record, requests), limits)


def judge_long_sessions_release(promise: str, record: RegistryMemoryRecord, limits: Limits) -> list[Measurement]:
    """Most of what the rounds took is released again; the goal is all."""
    return _cycles_release(promise, record.rounds, limits)


def _answered(record: RegistryMemoryRecord, part: str) -> int:
    return sum(operation.answered for operation in record.part(part))


def _left_over(promise: str, cycles: Sequence[Cycle], taken: Sequence[str]) -> list[Measurement]:
    heights = [cycle.height.given_back() for cycle in cycles]
    return judge_left_over(promise, heights, [cycle.rest.given_back() for cycle in cycles], taken)


def _cycles_growth(promise: str, cycles: Sequence[Cycle], operations: int, limits: Limits) -> list[Measurement]:
    first, last = (cycles[0].rest, cycles[-1].rest) if cycles else (None, None)
    return judge_growth(promise, first, last, operations, limits)


def _cycles_release(promise: str, cycles: Sequence[Cycle], limits: Limits) -> list[Measurement]:
    first, peak, last = (cycles[0].rest, cycles[-1].height, cycles[-1].rest) if cycles else (None, None, None)
    return judge_release(promise, first, peak, last, limits["released"])
