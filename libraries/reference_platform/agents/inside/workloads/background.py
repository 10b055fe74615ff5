"""What goes on after the work that started it has been answered."""

from __future__ import annotations

import threading
import time

from reference_platform.agents.inside.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP_SECONDS = 0.2


def run_in_background(work: Work, task: Callable[[], None]) -> None:
    """Let a task run until it is done or the agent's process ends.

    Args:
        work: What asked for it.
        task: What to do; a memory quota that is used up ends it.
    """

    def guarded() -> None:
        try:
            task()
        except MemoryError:
            return

    threading.Thread(target=guarded, name=work.kind, daemon=True).start()


def steps(seconds: float) -> Iterator[float]:
    """Regular steps.

    Args:
        seconds: How long they go on.

    Yields:
        Seconds since the first step; the last one is the end.
    """
    started = time.monotonic()
    passed = 0.0
    while passed < seconds:
        yield passed
        time.sleep(min(STEP_SECONDS, seconds - passed))
        passed = time.monotonic() - started
    yield seconds
