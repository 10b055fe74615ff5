"""Small programs for real processes, and how a test starts one."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

BURN = "while True: pass"
SLEEP = "import time; time.sleep(60)"

Start = Callable[[str], subprocess.Popen[bytes]]


def within(seconds: float, claim: Callable[[], bool]) -> bool:
    """Whether a claim becomes true in that time."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
