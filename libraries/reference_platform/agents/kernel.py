"""Two wishes to the Linux kernel (``prctl(2)``) that every agent has.

``process_control`` knows one of them too, but brings psutil with it: that would cost every agent memory.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_library = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def die_with_parent(parent: int) -> None:
    """End this process by SIGKILL as soon as its parent ends.

    Args:
        parent: The parent's process id; when it has ended already, this process ends at once.
    """
    if _library is not None:
        _library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def set_process_name(name: str) -> None:
    """Set the name that ``ps`` and ``/proc/PID/comm`` show.

    Args:
        name: Only its first 15 bytes are kept.
    """
    if _library is not None:
        _library.prctl(_PR_SET_NAME, name.encode("ascii", "replace")[:15], 0, 0, 0)


def started_ticks(pid: int) -> int:
    """Start time of a process: field 22 of ``/proc/PID/stat``.

    Args:
        pid: A process that was not collected yet.
    """
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return int(file.read().rpartition(")")[2].split()[19])
