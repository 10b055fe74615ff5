"""Watching processes and folders from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

_PASSING = ("autovacuum worker", "127.0.0.1(", "[local]")
"""In the titles of PostgreSQL's processes that come and go: its vacuum workers and one for each session."""


def family(pids: list[int]) -> list[psutil.Process]:
    """These processes with those of their descendants that stay as long as they do."""
    found = [psutil.Process(pid) for pid in pids]
    return found + [child for process in found for child in process.children(recursive=True) if _stays(child, process)]


def _stays(child: psutil.Process, ancestor: psutil.Process) -> bool:
    """Whether a process is neither ending (it has no title then) nor so new that it still has its parent's title, nor titled as a passing one."""
    try:
        title = child.cmdline()
    except psutil.NoSuchProcess:
        return False
    return title not in ([], ancestor.cmdline()) and not any(word in " ".join(title) for word in _PASSING)


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
