"""``/proc/PID/task/TID/children``: the children that a thread has made (``proc_tid_children(5)``)."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def read_threads(pid: int, proc: Path = PROC) -> list[int]:
    """Thread ids of a process; none when it is gone."""
    try:
        return sorted(int(name) for name in os.listdir(f"{proc}/{pid}/task"))
    except (FileNotFoundError, ProcessLookupError):
        return []


def read_children(pid: int, proc: Path = PROC) -> list[int]:
    """Direct children of all threads of a process.

    Returns:
        Process ids; none when the process is gone or the kernel does not list children.
    """
    found: list[int] = []
    for thread in read_threads(pid, proc):
        try:
            # Read once a second for every process that is watched: joining paths would cost more than reading.
            with open(f"{proc}/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
