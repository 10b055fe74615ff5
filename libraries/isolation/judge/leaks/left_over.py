"""Whether what is taken in cycles is given back, kind by kind (AR-12, AR-20, AR-21).

Principle: everything is counted at the height of each cycle and after it. What a cycle took is the difference between its
height and the rest before; what is left over is what lies above the rest after the first cycle, which wakes up what is made
once. A kind that no cycle took proves nothing by being absent: it is judged only where it was expected (and then fails) or
where it grew all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from isolation.judge.leaks.memory_growth import CycleCount, judge_cycles
from isolation.record import Measurement

Counts = Mapping[str, int]
"""How many of each kind of thing there are."""


def judge_left_over(
    promise: str, heights: Sequence[Counts], rests: Sequence[Counts], taken: Collection[str]
) -> list[Measurement]:
    """Nothing may stay open from one cycle to the next.

    Args:
        heights: What there was at the height of each cycle.
        rests: What there was after each cycle, in the same order.
        taken: Kinds that the cycles have to take.

    Returns:
        One measurement for each of these kinds and for each further one that was taken or has grown.
    """
    kinds = dict.fromkeys([*taken, *(kind for counts in rests for kind in counts)])
    by_kind = {kind: _counts(kind, heights, rests) for kind in kinds}
    return [
        judge_cycles(promise, kind, "", counts)
        for kind, counts in by_kind.items()
        if kind in taken or any(one.opened or one.left > counts[0].left for one in counts)
    ]


def _counts(kind: str, heights: Sequence[Counts], rests: Sequence[Counts]) -> list[CycleCount]:
    found: list[CycleCount] = []
    for number, (height, rest) in enumerate(zip(heights, rests, strict=True)):
        left = rest.get(kind, 0)
        first, before = (found[0].left, found[-1].left) if found else (left, left)
        opened = max(0, height.get(kind, 0) - before)
        # A rest that wavers below the first one is no left-over.
        closed = opened if left <= first else max(0, height.get(kind, 0) - left)
        found.append(CycleCount(number, opened, closed, left))
    return found
