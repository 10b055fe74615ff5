"""Noticing at once that the platform's own process has ended, and how."""

from __future__ import annotations

import asyncio
import os
import signal

from isolation.drive.watch.reports.notes import Notebook
from isolation.record.usage.watch_notes import Trouble
from process_control.family import exit_status, is_running

_LOOK_S = 0.2


async def notice_the_end(pid: int, notebook: Notebook) -> None:
    """Wait until a process has ended, and write down when and how.

    Args:
        pid: The platform's own process.
        notebook: Where it is written.
    """
    while is_running(pid):
        await asyncio.sleep(_LOOK_S)
    notebook.note(Trouble.ENDED, "platform", f"the platform's process {pid} ended: {_how(exit_status(pid))}")


def _how(status: int | None) -> str:
    """The end of a process in words; its status is gone when its parent has asked for it first."""
    if status is None:
        return "how is not known"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"signal {number} ({signal.Signals(number).name})"
    return f"exit code {os.WEXITSTATUS(status)}"
