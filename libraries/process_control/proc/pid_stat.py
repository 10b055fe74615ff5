"""``/proc/PID/stat``: state, parent, times and start of a process or thread (``proc_pid_stat(5)``)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class StatFields(NamedTuple):
    """The used fields.

    Attributes:
        state: One letter, such as ``R`` (running or ready), ``S``, ``T`` (stopped) or ``Z`` (ended, not collected).
        parent: The parent's process id.
        page_faults: Minor and major page faults since the start.
        started_ticks: Start time in clock ticks since boot (field 22).
        cpu_seconds: CPU time since the start, in steps of a tick (fields 14 and 15).
        children_cpu_seconds: CPU time of collected children (fields 16 and 17).
        exit_status: How it ended, as ``waitpid`` would say it (field 52); 0 while it lives, or to whom it is hidden.
    """

    state: str
    parent: int
    page_faults: int
    started_ticks: int
    cpu_seconds: float
    children_cpu_seconds: float
    exit_status: int

    @property
    def has_ended(self) -> bool:
        """Whether only its entry is left."""
        return self.state in "ZX"


def parse_stat(text: str) -> StatFields:
    """Take the used fields out of the text of the file.

    Args:
        text: The whole line. The name in brackets may itself hold brackets and spaces.
    """
    fields = text[text.rindex(")") + 2 :].split()
    return StatFields(
        state=fields[0],
        parent=int(fields[1]),
        page_faults=int(fields[7]) + int(fields[9]),
        started_ticks=int(fields[19]),
        cpu_seconds=(int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND,
        children_cpu_seconds=(int(fields[13]) + int(fields[14])) / _TICKS_PER_SECOND,
        exit_status=int(fields[49]) if len(fields) > 49 else 0,
    )


def read_stat(pid: int, thread: int | None = None, proc: Path = PROC) -> StatFields | None:
    """The fields of a process, or of one of its threads; None when it is gone."""
    folder = f"{proc}/{pid}" if thread is None else f"{proc}/{pid}/task/{thread}"
    try:
        with open(f"{folder}/stat", "rb") as file:
            return parse_stat(file.read().decode("utf-8", "replace"))
    except (FileNotFoundError, ProcessLookupError):
        return None
