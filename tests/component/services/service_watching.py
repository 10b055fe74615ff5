"""Watching processes and folders from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil


def family(pids: list[int]) -> list[psutil.Process]:
    """These processes with all their descendants."""
    found = [psutil.Process(pid) for pid in pids]
    return found + [child for process in found for child in process.children(recursive=True)]


def gone(process: psutil.Process) -> bool:
    """Whether a process has ended; whether anybody has collected it is not its own matter."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def within(seconds: float, claim: Callable[[], bool]) -> bool:
    """Whether a claim becomes true in that time."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
