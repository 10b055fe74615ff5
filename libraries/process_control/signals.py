"""Dying with the parent, and ending other processes without ever hitting the wrong one."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

from process_control.family import is_running

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None, signal_number: int = signal.SIGKILL) -> bool:
    """Ask the kernel to end this process when its parent ends (``prctl(2)``, ``PR_SET_PDEATHSIG``).

    The kernel watches the parent's *thread* that created this process: create it on a thread that lives as long.

    Args:
        parent: The parent's process id when known: if it has ended already, this process ends itself at once.
        signal_number: The signal to receive.

    Returns:
        Whether the kernel does it (False on anything but Linux).
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0) != 0:
        return False
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
    return True


def send(pid: int, ticks: int | None, signal_number: int) -> bool:
    """Send a signal to exactly the process that started at that time.

    Args:
        ticks: Its start time (clock ticks since boot), or None to trust the id alone.

    Returns:
        Whether the process still lived and was signalled.
    """
    try:
        handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    except ProcessLookupError:
        return False
    try:
        if not is_running(pid, ticks):
            return False
        if handle is None:
            os.kill(pid, signal_number)
        else:
            signal.pidfd_send_signal(handle, signal_number)
    except ProcessLookupError:
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def stop(pid: int, ticks: int | None = None, patience_seconds: float = 1.0) -> bool:
    """Ask a process to end (SIGTERM, and SIGCONT in case it is stopped); end it by force when it does not.

    Blocks for up to twice the patience. The parent has to collect the ended process.

    Args:
        ticks: Its start time (clock ticks since boot), or None to trust the id alone.
        patience_seconds: How long it may take to end by itself.

    Returns:
        Whether it has ended.
    """
    send(pid, ticks, signal.SIGTERM)
    send(pid, ticks, signal.SIGCONT)
    if _ended(pid, ticks, patience_seconds):
        return True
    send(pid, ticks, signal.SIGKILL)
    return _ended(pid, ticks, patience_seconds)


def _ended(pid: int, ticks: int | None, patience_seconds: float) -> bool:
    end = time.monotonic() + patience_seconds
    while is_running(pid, ticks):
        if time.monotonic() >= end:
            return False
        time.sleep(0.005)
    return True
