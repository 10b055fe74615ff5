"""Processor time that the host of a virtual machine gave to others while it was wanted here ("steal" in ``/proc/stat``).

Nobody inside the machine can be the cause of a single such moment, and everybody inside waits through it. It comes in bursts of
some seconds, so it may hit the quiet slices of a campaign and not the noisy ones, or the other way round.
"""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PLACE = 8
"""Of the number, in the first line of ``/proc/stat``; see proc(5)."""


def stolen_seconds() -> float:
    """All processors together, since the machine started; always 0 where no hypervisor reports it.

    The kernel counts in hundredths of a second.
    """
    words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    return int(words[_PLACE]) / _TICKS
