"""Work that does nothing, for ever, or for the last time."""

from __future__ import annotations

import os
import signal

from reference_platform.agents.inside.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def noop(work: Work) -> dict[str, Any]:
    """Do nothing."""
    work.check()
    return {}


def hang(work: Work) -> dict[str, Any]:
    """Wait until somebody cancels."""
    work.sleep(None)
    return {}


def crash(work: Work) -> dict[str, Any]:
    """End the whole process as an out-of-memory kill would."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}
