"""Reads one process through psutil: for machines without ``/proc``, and slower than the kept-open files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import psutil

Value = TypeVar("Value")


class ProcessGone(Exception):
    """The process has ended, or its id belongs to another process by now.

    Args:
        pid: The process id that was asked for.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(f"Process {pid} has ended or its id was given to another process.")
        self.pid = pid


class PortableSource:
    """The numbers of one process, each from one psutil call.

    Args:
        pid: The process to read.

    Raises:
        ProcessGone: The process does not exist.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._process = psutil.Process(pid)
        except psutil.NoSuchProcess as error:
            raise ProcessGone(pid) from error
        self.started_ticks = int(self._ask(self._process.create_time) * 100)

    def cpu_seconds(self) -> float:
        """Processor time of all threads since the start (seconds)."""
        times = self._ask(self._process.cpu_times)
        return float(times.user + times.system)

    def rss_bytes(self) -> int:
        """Resident set size (bytes)."""
        return int(self._ask(self._process.memory_info).rss)

    def resident_and_shared_bytes(self) -> tuple[int, int | None]:
        """Resident set size, and what of it is shared where the system says so (bytes)."""
        memory = self._ask(self._process.memory_info)
        shared = getattr(memory, "shared", None)
        return int(memory.rss), None if shared is None else int(shared)

    def peak_rss_bytes(self) -> int | None:
        """Largest resident set so far where the system keeps it (bytes)."""
        peak = getattr(self._ask(self._process.memory_info), "peak_wset", None)
        return None if peak is None else int(peak)

    def io_bytes(self) -> tuple[int, int] | None:
        """Bytes read from and written to storage, or None when not permitted or not counted here."""
        if not hasattr(self._process, "io_counters"):
            return None
        try:
            counters = self._ask(self._process.io_counters)
        except PermissionError:
            return None
        return int(counters.read_bytes), int(counters.write_bytes)

    def handles(self) -> int | None:
        """Open file handles, or None when not permitted."""
        name = "num_fds" if hasattr(self._process, "num_fds") else "num_handles"
        count: Callable[[], int] = getattr(self._process, name)
        try:
            return int(self._ask(count))
        except PermissionError:
            return None

    def threads(self) -> int:
        """Threads of the process."""
        return int(self._ask(self._process.num_threads))

    def pss_bytes(self) -> int | None:
        """Proportional set size (bytes), or None where it cannot be read."""
        try:
            return getattr(self._ask(self._process.memory_full_info), "pss", None)
        except PermissionError:
            return None

    def page_faults(self) -> int:
        """Page faults are not counted here: always 0."""
        return 0

    def is_zombie(self) -> bool:
        """Whether the process has ended but was not collected by its parent yet."""
        return bool(self._ask(self._process.status) == psutil.STATUS_ZOMBIE)

    def close(self) -> None:
        """Nothing is kept open."""

    def _ask(self, call: Callable[[], Value]) -> Value:
        try:
            return call()
        except psutil.AccessDenied as error:
            raise PermissionError(str(error)) from error
        except psutil.NoSuchProcess as error:
            raise ProcessGone(self.pid) from error
