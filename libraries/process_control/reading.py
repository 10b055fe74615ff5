"""What one process uses, read cheaply again and again."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from process_control.portable_reading import PortableSource, ProcessGone
from process_control.proc_source import ProcSource

__all__ = ["ProcessGone", "ProcessReader", "ProcessReading", "is_alive"]


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """The counters of one process at one moment; they only grow, but for memory, handles and threads.

    Attributes:
        at: Seconds, monotonic clock.
        cpu_seconds: Processor time since the start, all threads.
        rss_bytes: Resident set size.
        read_bytes: Bytes read from storage since the start, or None when not permitted.
        written_bytes: Bytes written to storage since the start, or None when not permitted.
        handles: Open file handles, or None when not permitted.
        shared_bytes: The part of the resident set that is mapped files and shared memory, or None where that is not known.
    """

    at: float
    cpu_seconds: float
    rss_bytes: int
    read_bytes: int | None
    written_bytes: int | None
    handles: int | None
    shared_bytes: int | None = None


class ProcessReader:
    """Reads one process; keeps its files open, so that a reused process id is never read by mistake.

    Args:
        pid: The process to read.
        started_ticks: Its start time (clock ticks since boot, field 22 of ``/proc/PID/stat``) when already known.

    Raises:
        ProcessGone: The process does not exist, or the id belongs to a process with another start time.
    """

    def __init__(self, pid: int, started_ticks: int | None = None) -> None:
        self.pid = pid
        self._source: ProcSource | PortableSource = ProcSource(pid) if _has_proc() else PortableSource(pid)
        self.started_ticks = self._source.started_ticks
        if started_ticks is not None and started_ticks != self.started_ticks:
            self.close()
            raise ProcessGone(pid)

    def read(self) -> ProcessReading:
        """Read the lean set: processor time, memory, storage traffic and handles.

        Raises:
            ProcessGone: The process has ended and was collected. A zombie can still be read: its memory is 0.
        """
        rss, shared = self._source.resident_and_shared_bytes()
        transfer = self._source.io_bytes()
        read, written = transfer if transfer is not None else (None, None)
        cpu = self._source.cpu_seconds()
        return ProcessReading(time.monotonic(), cpu, rss, read, written, self._source.handles(), shared)

    def cpu_seconds(self) -> float:
        """Processor time of all threads since the start (seconds).

        This alone does not notice a reused process id: ``rss_bytes`` or ``read`` do.
        """
        return self._source.cpu_seconds()

    def rss_bytes(self) -> int:
        """Resident set size (bytes); 0 for a zombie."""
        return self._source.rss_bytes()

    def io_bytes(self) -> tuple[int, int] | None:
        """Bytes read from and written to storage since the start, or None when not permitted."""
        return self._source.io_bytes()

    def handles(self) -> int | None:
        """Open file handles, or None when not permitted."""
        return self._source.handles()

    def threads(self) -> int:
        """Threads of the process."""
        return self._source.threads()

    def pss_bytes(self) -> int | None:
        """Proportional set size (bytes), or None when not permitted; slow (about 125 microseconds)."""
        return self._source.pss_bytes()

    def peak_rss_bytes(self) -> int | None:
        """Largest resident set since the process started (bytes), or None where nobody keeps it."""
        return self._source.peak_rss_bytes()

    def page_faults(self) -> int:
        """Page faults since the start; 0 where they cannot be read."""
        return self._source.page_faults()

    def is_zombie(self) -> bool:
        """Whether the process has ended but was not collected by its parent yet."""
        return self._source.is_zombie()

    def close(self) -> None:
        """Close the kept-open files; may be called any number of times."""
        self._source.close()

    def __enter__(self) -> Self:
        """Use the reader in a ``with`` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the reader."""
        self.close()


def is_alive(pid: int, started_ticks: int | None = None) -> bool:
    """Whether a process is still there; one that has ended and was not collected is not.

    Args:
        started_ticks: Its start time when known, so that a reused process id is not mistaken for it.
    """
    try:
        with ProcessReader(pid, started_ticks) as reader:
            return not reader.is_zombie()
    except ProcessGone:
        return False


def _has_proc() -> bool:
    return os.path.exists("/proc/self/statm")
