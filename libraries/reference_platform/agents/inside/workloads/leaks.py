"""Work that takes and never gives back."""

from __future__ import annotations

import errno
import os

from reference_platform.agents.inside.work import Work
from reference_platform.agents.inside.workloads.background import run_in_background, steps
from reference_platform.agents.inside.workloads.memory import MEGABYTE, block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def leak_memory(work: Work) -> dict[str, Any]:
    """Take memory at a steady rate in the background and keep it."""
    rate = work.arguments["megabytes_per_minute"] * MEGABYTE / 60
    seconds = work.get("seconds", 120)
    kept = work.agent.kept.setdefault(work.kind, [])

    def leak() -> None:
        taken = 0
        for passed in steps(seconds):
            kept.append(block(int(rate * passed) - taken))
            taken = int(rate * passed)

    run_in_background(work, leak)
    return {}


def leak_handles(work: Work) -> dict[str, Any]:
    """Open files and never close them; as many as the process may have, when that is fewer."""
    kept = work.agent.kept.setdefault(work.kind, [])
    opened = 0
    try:
        for _ in range(work.arguments["count"]):
            kept.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
            opened += 1
            work.check()
    except OSError as error:
        if error.errno != errno.EMFILE:
            raise
    return {"open": opened}


def leak_connections(work: Work) -> dict[str, Any]:
    """Lease database connections and never return them."""
    leased = [work.call("lease") for _ in range(work.arguments["count"])]
    return {"leased": len(leased)}
