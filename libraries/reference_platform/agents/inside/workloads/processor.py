"""Work that uses the processor."""

from __future__ import annotations

import time

from reference_platform.agents.inside.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STEPS = 1000
"""Of one slice: about 50 microseconds."""


def slice_of_work(value: int = 1) -> int:
    """Calculate for a moment (a linear congruential generator)."""
    for _ in range(_STEPS):
        value = (value * 1_103_515_245 + 12_345) & 0x7FFFFFFF
    return value


def burn(work: Work, seconds: float) -> float:
    """Use that much processor time of this thread, however long that takes.

    Args:
        work: Checked after each slice.
        seconds: How much.

    Returns:
        How much was used (seconds).
    """
    started = time.thread_time()
    used = 0.0
    while used < seconds:
        slice_of_work()
        work.check()
        used = time.thread_time() - started
    return used


def cpu(work: Work) -> dict[str, Any]:
    """Use a stated amount of processor time."""
    used = burn(work, work.arguments["milliseconds"] / 1000)
    return {"cpu_milliseconds": round(used * 1000, 3)}


def loop(work: Work) -> dict[str, Any]:
    """Calculate without end, or for a number of seconds by the clock on the wall."""
    seconds = work.arguments.get("seconds")
    end = float("inf") if seconds is None else time.monotonic() + seconds
    value = 1
    while time.monotonic() < end:
        value = slice_of_work(value)
        work.check()
    return {}
