"""Processor time that the host of a virtual machine gave to others while it was wanted here ("steal" in ``/proc/stat``).

Nobody inside the machine can be the cause of a single such moment, and everybody inside waits through it. It comes in bursts of
some seconds, so it may hit the quiet slices of a campaign and not the noisy ones, or the other way round.
"""

from __future__ import annotations

import psutil


def stolen_seconds() -> float:
    """All processors together, since the machine started; always 0 where no hypervisor reports it.

    The kernel counts in hundredths of a second.
    """
    return float(getattr(psutil.cpu_times(), "steal", 0.0))
