"""Reading and writing control files of groups."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

import psutil

PERIOD_MICROSECONDS = 100_000
"""The period in which a processor quota is given out; the kernel's default."""
_REMOVAL_SECONDS = 1.0
"""How long ended processes may take to leave a group."""


def folder_name(group: str) -> str:
    """The folder of a group: no tenant's name can meet one of the kernel's files.

    Args:
        group: The group's name.

    Raises:
        ValueError: The name could leave its folder.
    """
    if "/" in group or not group:
        raise ValueError(f"A group's name should be a plain name, but is {group!r}.")
    return f"t-{group}"


def write(file: Path, value: object) -> None:
    """Write one value into a control file.

    Args:
        file: The control file.
        value: What to write.
    """
    with open(file, "w", encoding="ascii") as opened:
        opened.write(f"{value}\n")


def read_counters(file: Path) -> dict[str, int]:
    """Read a flat keyed control file, such as ``cpu.stat``.

    Args:
        file: The control file; one that does not exist counts as empty.
    """
    try:
        lines = file.read_text("ascii").splitlines()
    except FileNotFoundError:
        return {}
    return {name: int(value) for name, value in (line.split() for line in lines)}


def read_number(file: Path) -> int | None:
    """Read a control file with one number, such as ``memory.peak``.

    Args:
        file: The control file; one that does not exist has none.
    """
    try:
        return int(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def read_pids(folder: Path) -> list[int]:
    """Process ids in one group.

    Args:
        folder: The group's folder; one that does not exist holds nobody.
    """
    try:
        return [int(word) for word in (folder / "cgroup.procs").read_text("ascii").split()]
    except FileNotFoundError:
        return []


def move(pid: int, folder: Path) -> bool:
    """Move a process into a group.

    Args:
        folder: The group's folder.

    Returns:
        False when the process has ended.
    """
    try:
        write(folder / "cgroup.procs", pid)
    except ProcessLookupError:
        return False
    return True


def kill_all(folder: Path) -> None:
    """End every process in a group by force, also those that are born meanwhile.

    Args:
        folder: The group's folder.
    """
    end = time.monotonic() + _REMOVAL_SECONDS
    while (pids := read_pids(folder)) and time.monotonic() < end:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.005)


def end_largest(pids: list[int]) -> None:
    """End the process that has the most memory by force.

    Args:
        pids: Processes of one group; those that have ended meanwhile have none.
    """
    sizes = {pid: resident_bytes(pid) for pid in pids}
    if sizes:
        try:
            os.kill(max(sizes, key=lambda pid: sizes[pid]), signal.SIGKILL)
        except ProcessLookupError:
            return


def resident_bytes(pid: int) -> int:
    """What a process has in memory; nothing for one that has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def remove_folder(folder: Path) -> bool:
    """Remove a group; ended processes get a moment to leave it.

    Args:
        folder: The group's folder.

    Returns:
        False when it still holds processes.
    """
    end = time.monotonic() + _REMOVAL_SECONDS
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno not in (errno.EBUSY, errno.ENOTEMPTY):
                raise
            if read_pids(folder) or time.monotonic() > end:
                return False
            time.sleep(0.01)
        else:
            return True
