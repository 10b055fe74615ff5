"""A zygote with a defect: ``python -m reference_platform.defects.odd_zygote ODDITY DESCRIPTOR PARENT``."""

from __future__ import annotations

import os
import sys

from reference_platform.agents import zygote
from reference_platform.defects.surgery import replace


def without_collecting() -> None:
    """Tell the gateway of ended agents, but leave them as zombies."""

    def collect(self: zygote.Zygote) -> None:
        try:
            while self._woken.recv(4096):
                continue
        except BlockingIOError:
            pass
        for pid in list(self._living):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                self._living.discard(pid)
                self._tell({"exited": pid, "code": ended.si_status})

    replace(zygote.Zygote, "_collect", collect)


if __name__ == "__main__":
    globals()[sys.argv.pop(1)]()
    zygote.main()
