"""Scheduling class and processor affinity of all threads of a process (Linux; elsewhere nothing is changed)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from process_control.family import threads


def make_idle(pid: int) -> bool:
    """Let a process run only when nobody else wants the processor (``SCHED_IDLE``).

    An ordinary user cannot take this back: use ``make_batch`` there.

    Returns:
        Whether all its threads were changed.
    """
    return _set_class(pid, "SCHED_IDLE")


def make_batch(pid: int) -> bool:
    """Mark a process as one that never needs to run at once (``SCHED_BATCH``); any user may take it back.

    Returns:
        Whether all its threads were changed.
    """
    return _set_class(pid, "SCHED_BATCH")


def make_normal(pid: int) -> bool:
    """Give a process the ordinary scheduling class again.

    Returns:
        Whether all its threads were changed; False when an ordinary user tries to leave ``SCHED_IDLE``.
    """
    return _set_class(pid, "SCHED_OTHER")


def can_leave_idle() -> bool:
    """Whether this process may give ``SCHED_IDLE`` processes the ordinary class again; a thread tries it.

    Being root is neither needed nor enough: containers often lack the capability.
    """
    if not sys.platform.startswith("linux"):
        return False
    with ThreadPoolExecutor(1) as one_thread:
        return one_thread.submit(_leave_idle).result()


def pin(pid: int, processors: Iterable[int]) -> bool:
    """Let a process run on these processors only.

    Args:
        processors: Processor numbers.

    Returns:
        Whether all its threads were changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    chosen = set(processors)
    return _each_thread(pid, lambda thread: os.sched_setaffinity(thread, chosen))


def usable_processors() -> set[int]:
    """The processors that this process may use."""
    if sys.platform.startswith("linux"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _leave_idle() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except PermissionError:
        return False
    return True


def _set_class(pid: int, name: str) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    policy = int(getattr(os, name))
    return _each_thread(pid, lambda thread: os.sched_setscheduler(thread, policy, os.sched_param(0)))


def _each_thread(pid: int, change: Callable[[int], None]) -> bool:
    changed = True
    for thread in threads(pid):
        try:
            change(thread)
        except ProcessLookupError:
            continue
        except PermissionError:
            changed = False
    return changed
