"""Small programs for real processes, and how a test starts one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

BURN = "while True: pass"
SLEEP = "import time; time.sleep(60)"

Start = Callable[[str], subprocess.Popen[bytes]]
