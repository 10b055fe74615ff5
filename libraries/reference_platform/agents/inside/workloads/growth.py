"""Work that grows for a good reason: harmless, though it may look like a leak at first."""

from __future__ import annotations

from reference_platform.agents.inside.work import Work
from reference_platform.agents.inside.workloads.background import run_in_background, steps
from reference_platform.agents.inside.workloads.memory import MEGABYTE, block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BLOCK_BYTES = MEGABYTE // 4


def warm_up(work: Work) -> dict[str, Any]:
    """Grow once to a size and stay there."""
    size, seconds = work.get("megabytes", 60) * MEGABYTE, work.get("seconds", 5)
    kept = work.agent.kept.setdefault(work.kind, [])

    def grow() -> None:
        for passed in steps(seconds):
            _grow_to(kept, size * passed / seconds if seconds else size)

    run_in_background(work, grow)
    return {}


def cache(work: Work) -> dict[str, Any]:
    """Fill a bounded cache; replace its oldest entries from then on, at the same rate."""
    size, seconds = work.get("megabytes", 40) * MEGABYTE, work.get("seconds", 8)
    kept: list[bytearray] = []

    def fill_and_replace() -> None:
        rate = size / seconds if seconds else size
        capacity = max(1, int(size / _BLOCK_BYTES))
        added = 0
        for passed in steps(float("inf")):
            wanted = int(rate * passed / _BLOCK_BYTES)
            while added < wanted:
                kept.append(block(_BLOCK_BYTES))
                added += 1
            del kept[:-capacity]

    run_in_background(work, fill_and_replace)
    return {}


def saw_tooth(work: Work) -> dict[str, Any]:
    """Grow and free everything again and again."""
    size, seconds = work.get("megabytes", 60) * MEGABYTE, work.get("seconds", 30)
    period = work.get("period_seconds", 5)
    kept: list[bytearray] = []

    def grow_and_free() -> None:
        tooth = 0.0
        for passed in steps(seconds):
            if passed // period > tooth:
                tooth = passed // period
                kept.clear()
            _grow_to(kept, size * (passed % period) / period)
        kept.clear()

    run_in_background(work, grow_and_free)
    return {}


def _grow_to(kept: list[bytearray], size: float) -> None:
    while len(kept) * _BLOCK_BYTES < size:
        kept.append(block(_BLOCK_BYTES))
