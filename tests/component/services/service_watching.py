"""Watching processes and folders from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil


def family(pids: list[int]) -> list[psutil.Process]:
    """These processes with all their descendants."""
    found = [psutil.Process(pid) for pid in pids]
    return found + [child for process in found for child in process.children(recursive=True)]


def within(seconds: float, claim: Callable[[], bool]) -> bool:
    """Whether a claim becomes true in that time."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
