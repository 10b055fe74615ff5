"""Judges on histories of growing length: time and memory should grow in a straight line."""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))

from isolation.judge.traffic.answers import judge_answer_time, judge_lateness
from isolation.judge.traffic.routing import judge_routing
from isolation.record import Comparison, Limit, Operation, Outcome
from isolation.record.traffic.received_events import ReceivedEvent

_TENANTS = 50
_KINDS = ("started", "done")


def history(length: int) -> tuple[list[Operation], list[ReceivedEvent]]:
    """Operations of 50 tenants, two events each."""
    rng = random.Random(7)
    operations, events = list[Operation](), list[ReceivedEvent]()
    for number in range(length):
        name, at = f"tenant-{number % _TENANTS:02d}", number / 1000
        took = rng.expovariate(100)
        operations.append(
            Operation(name, name, name, f"c{number}", "noop", at, at, at + took / 2, at + took, Outcome.ANSWERED)
        )
        sequence = number // _TENANTS * len(_KINDS)
        events += [
            ReceivedEvent(name, name, name, f"c{number}", sequence + place, kind, at + took * (1 + place) / 2)
            for place, kind in enumerate(_KINDS, 1)
        ]
    return operations, sorted(events, key=lambda event: event.at)


def rows(lengths: list[int]) -> Iterator[list[str]]:
    """The table, row by row."""
    yield ["operations", "judge", "s", "us per operation", "MB at most"]
    for length in lengths:
        for name, judge in judges_of(*history(length)).items():
            began = time.perf_counter()
            judge()
            took = time.perf_counter() - began
            tracemalloc.start()
            judge()
            peak = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            yield [f"{length:,}", name, f"{took:.3f}", f"{took / length * 1e6:.2f}", f"{peak:.1f}"]


def judges_of(operations: list[Operation], events: list[ReceivedEvent]) -> dict[str, Callable[[], object]]:
    """What is asked of a history."""
    seconds = Limit(value=2.0, unit="s", comparison=Comparison.BELOW, source="a benchmark")
    all_of_them = Limit(value=100.0, unit="%", comparison=Comparison.EXACTLY, source="a benchmark")
    return {
        "answer time": lambda: judge_answer_time(operations, "RI-4", seconds, 0.95),
        "lateness": lambda: judge_lateness(operations, "RI-4", seconds),
        "routing": lambda: judge_routing("CS-4", operations, events, ("done",), _KINDS, all_of_them),
    }
