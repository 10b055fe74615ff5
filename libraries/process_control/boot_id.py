"""``/proc/sys/kernel/random/boot_id`` and ``/proc/self/ns/time``: which monotonic clock a process reads.

Two processes that read the same one need no measuring of how far their clocks are apart: it is nothing. ``CLOCK_MONOTONIC`` is
one for all processes of a machine since its start, but for those in another time namespace (``time_namespaces(7)``).
"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def monotonic_clock_id(proc: Path = PROC) -> str:
    """Names the clock; empty where the kernel does not tell, and then it is nobody else's."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text("utf-8").strip()
    except OSError:
        return ""
    try:
        return f"{boot} {os.readlink(proc / 'self/ns/time')}"
    except OSError:
        return boot  # a kernel without time namespaces
