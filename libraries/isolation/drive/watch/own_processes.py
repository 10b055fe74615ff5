"""Whether a process may be ended by the suite: only the target's own may, on a machine that belongs to others."""

from __future__ import annotations

from collections.abc import Collection

from isolation.record import ProcessRef
from process_control.family import descendants, is_running, parent


def why_spared(process: ProcessRef, platform_pid: int, suite_pids: Collection[int]) -> str:
    """Why a process that the operator API names may not be ended; empty when it may.

    Args:
        process: As named, with its start time.
        platform_pid: Process of the platform when the suite started it, else 0.
        suite_pids: Processes of the suite.
    """
    if not platform_pid:
        return "the suite did not start the platform, so it cannot tell whose process this is"
    if process.pid <= 1 or process.pid in suite_pids or process.pid in _ancestors(suite_pids):
        return "it is a process of the machine or of the suite"
    if not is_running(process.pid, process.started_ticks or None):
        return "it does not run, or is another one than was named"
    if process.pid not in descendants(platform_pid):
        return "it is no descendant of the platform that the suite started"
    return ""


def _ancestors(pids: Collection[int]) -> set[int]:
    found: set[int] = set()
    waiting = [parent(pid) for pid in pids]
    while waiting:
        pid = waiting.pop()
        if pid and pid not in found:
            found.add(pid)
            waiting.append(parent(pid))
    return found
