"""Children and threads of one process, found without a scan of the whole machine."""

from __future__ import annotations

from process_control.portable_reading import ProcessGone
from process_control.proc.pid_children import read_children, read_threads
from process_control.proc.pid_stat import read_stat
from process_control.proc.pid_status import read_status


def started_ticks(pid: int) -> int:
    """Start time of a process in clock ticks since boot.

    Returns:
        Field 22 of ``/proc/PID/stat``; together with the process id it names one process for ever.

    Raises:
        ProcessGone: There is no such process.
    """
    fields = read_stat(pid)
    if fields is None:
        raise ProcessGone(pid)
    return fields.started_ticks


def is_running(pid: int, ticks: int | None = None) -> bool:
    """Whether a process exists, is no zombie, and is the one that started at that time.

    Args:
        ticks: Its start time (clock ticks since boot), or None to accept any.
    """
    fields = read_stat(pid)
    return fields is not None and not fields.has_ended and ticks in (None, fields.started_ticks)


def parent(pid: int) -> int | None:
    """The parent of a process; None when the process has ended."""
    fields = read_stat(pid)
    return None if fields is None else fields.parent


def ancestors(pid: int) -> list[int]:
    """Parent, its parent and so on, up to the first process.

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
    status = read_status(pid)
    return status is not None and status.thread_group != pid


def exit_status(pid: int) -> int | None:
    """How a process ended that its parent has not collected yet, as ``waitpid`` would say; None when nobody can tell."""
    fields = read_stat(pid)
    return fields.exit_status if fields is not None and fields.has_ended else None


def threads(pid: int) -> list[int]:
    """Thread ids of a process; empty when it has ended."""
    return read_threads(pid)


def children(pid: int) -> list[int]:
    """Direct children of all threads of a process.

    Returns:
        Process ids; empty when the process has ended or the kernel does not list children.
    """
    return read_children(pid)


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, parents before children."""
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
        or_is_stopped: Whether a process that a signal has stopped counts, too.
    """
    states = "RDT" if or_is_stopped else "RD"
    fields = (read_stat(pid, thread) for thread in threads(pid))
    return any(each is not None and each.state in states for each in fields)
