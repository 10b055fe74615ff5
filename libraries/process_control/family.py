"""Children and threads of one process, found without a scan of the whole machine."""

from __future__ import annotations

import os
from pathlib import Path

from process_control.portable_reading import ProcessGone
from process_control.proc_files import parse_stat


def started_ticks(pid: int) -> int:
    """Start time of a process in clock ticks since boot.

    Args:
        pid: The process.

    Returns:
        Field 22 of ``/proc/PID/stat``; together with the process id it names one process for ever.

    Raises:
        ProcessGone: There is no such process.
    """
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")).started_ticks
    except (FileNotFoundError, ProcessLookupError) as error:
        raise ProcessGone(pid) from error


def is_running(pid: int, ticks: int | None = None) -> bool:
    """Whether a process exists, is no zombie, and is the one that started at that time.

    Args:
        pid: The process.
        ticks: Its start time (clock ticks since boot), or None to accept any.
    """
    try:
        fields = parse_stat(Path(f"/proc/{pid}/stat").read_text("utf-8", "replace"))
    except (FileNotFoundError, ProcessLookupError):
        return False
    return fields.state not in "ZX" and ticks in (None, fields.started_ticks)


def parent(pid: int) -> int | None:
    """The parent of a process; None when the process has ended.

    Args:
        pid: The process.
    """
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")).parent
    except (FileNotFoundError, ProcessLookupError):
        return None


def ancestors(pid: int) -> list[int]:
    """Parent, its parent and so on, up to the first process.

    Args:
        pid: The process.

    Returns:
        Process ids; empty when the process has ended.
    """
    found: list[int] = []
    above = parent(pid)
    while above and above not in found:
        found.append(above)
        above = parent(above)
    return found


def is_thread(pid: int) -> bool:
    """Whether an id names a thread that is not the first of its process: the kernel shows those as if they were processes.

    Args:
        pid: The id.
    """
    try:
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            if line.startswith("Tgid:"):
                return int(line.split()[1]) != pid
    except (FileNotFoundError, ProcessLookupError):
        return False
    return False


def exit_status(pid: int) -> int | None:
    """How a process ended that its parent has not collected yet, as ``waitpid`` would say; None when nobody can tell.

    Args:
        pid: The process.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    after_name = text.rpartition(")")[2].split()
    return int(after_name[-1]) if after_name[0] in "ZX" else None


def threads(pid: int) -> list[int]:
    """Thread ids of a process; empty when it has ended.

    Args:
        pid: The process.
    """
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except (FileNotFoundError, ProcessLookupError):
        return []


def children(pid: int) -> list[int]:
    """Direct children of all threads of a process.

    Args:
        pid: The process.

    Returns:
        Process ids; empty when the process has ended or the kernel does not list children.
    """
    found: list[int] = []
    for thread in threads(pid):
        try:
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text("ascii").split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, parents before children.

    Args:
        pid: The process.
    """
    found: list[int] = []
    waiting = children(pid)
    while waiting:
        child = waiting.pop(0)
        found.append(child)
        waiting += children(child)
    return found


def wants_cpu(pid: int, or_is_stopped: bool = False) -> bool:
    """Whether any thread of a process is running, ready to run or in uninterruptible work right now.

    A process that is held back by a quota or by its low priority still wants the processor: that is what this tells.

    Args:
        pid: The process.
        or_is_stopped: Whether a process that a signal has stopped counts, too.
    """
    states = "RDT" if or_is_stopped else "RD"
    for thread in threads(pid):
        try:
            text = Path(f"/proc/{pid}/task/{thread}/stat").read_text("utf-8", "replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parse_stat(text).state in states:
            return True
    return False
