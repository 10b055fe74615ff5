"""What a process uses together with everything that it has started: work in children counts for whom it is done."""

from __future__ import annotations

from dataclasses import dataclass

from process_control.family import descendants
from process_control.portable_reading import ProcessGone
from process_control.proc.pid_stat import read_stat
from process_control.proc.pid_status import read_status
from process_control.reading import ProcessReader


@dataclass(frozen=True, slots=True)
class HouseholdReading:
    """A process and its descendants at one moment.

    Attributes:
        pids: All that could be read, the process itself first.
        cpu_seconds: CPU time of all since their starts, and of children that were collected already.
        rss_bytes: Resident memory of all; shared pages count for each.
        peak_bytes: The sum of the most that each ever had: no moment at which all had it is promised.
        handles: Open file descriptors of those that may be asked.
    """

    pids: tuple[int, ...]
    cpu_seconds: float
    rss_bytes: int
    peak_bytes: int
    handles: int


def read_household(pid: int, started_ticks: int | None = None) -> HouseholdReading:
    """Read a process and all its descendants.

    Args:
        started_ticks: Its start time (clock ticks since boot) when known.

    Raises:
        ProcessGone: The process itself has ended. A descendant that ends meanwhile is left out.
    """
    with ProcessReader(pid, started_ticks) as reader:
        found = [_read(reader)]
    for child in descendants(pid):
        try:
            with ProcessReader(child) as reader:
                found.append(_read(reader))
        except ProcessGone:
            continue
    return HouseholdReading(
        pids=tuple(each.pids[0] for each in found),
        cpu_seconds=sum(each.cpu_seconds for each in found),
        rss_bytes=sum(each.rss_bytes for each in found),
        peak_bytes=sum(each.peak_bytes for each in found),
        handles=sum(each.handles for each in found),
    )


def _read(reader: ProcessReader) -> HouseholdReading:
    reading, status, stat = reader.read(), read_status(reader.pid), read_stat(reader.pid)
    return HouseholdReading(
        pids=(reader.pid,),
        cpu_seconds=reading.cpu_seconds + (0.0 if stat is None else stat.children_cpu_seconds),
        rss_bytes=reading.rss_bytes,
        peak_bytes=reading.rss_bytes if status is None else max(status.peak_bytes, reading.rss_bytes),
        handles=reading.handles or 0,
    )
