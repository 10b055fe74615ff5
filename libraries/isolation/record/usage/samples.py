"""What one process used up to one moment, and whose process it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MemoryKind(StrEnum):
    """Which memory a number means; a report always says which."""

    PSS = "PSS"
    """Proportional set size: shared pages count in parts."""
    RSS = "RSS"
    """Resident set size: shared pages count in full in every process."""


@dataclass(frozen=True, slots=True)
class ProcessRef:
    """One process of one tenant; the start time guards against a reused process id.

    Attributes:
        tenant: Whose process it is.
        user: The user of that tenant, where the target tells.
        agent: The agent instance that the process runs, where the target tells.
        pid: The process id.
        started_ticks: Start time in clock ticks since boot (field 22 of ``/proc/PID/stat``).
        found_by: How it was found: ``operator``, ``cgroup``, ``title`` or ``environment``.
    """

    tenant: str
    user: str
    agent: str
    pid: int
    started_ticks: int
    found_by: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The counters of one process at one moment. Counters only grow; a judge takes differences.

    Attributes:
        at: Seconds, monotonic clock.
        tenant: Whose process it is.
        cpu_seconds: Processor time used since the process started, all threads.
        rss_bytes: Resident set size.
        pss_bytes: Proportional set size, or None in the samples that did not read it.
        read_bytes: Bytes read from storage since the start, or None when not permitted.
        written_bytes: Bytes written to storage since the start, or None when not permitted.
        handles: Open file handles, or None when not permitted.
        threads: Threads, or None in the samples that did not read it.
        shared_bytes: The part of the resident set that is mapped files or shared memory, or None when it was not read.
        peak_rss_bytes: The largest resident set since the process started, by the kernel, or None when it was not read.
    """

    at: float
    tenant: str
    pid: int
    cpu_seconds: float
    rss_bytes: int
    pss_bytes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    handles: int | None = None
    threads: int | None = None
    shared_bytes: int | None = None
    peak_rss_bytes: int | None = None
