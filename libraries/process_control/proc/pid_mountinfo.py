"""``/proc/PID/mountinfo``: which file systems are mounted where (``proc_pid_mountinfo(5)``)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Mount(NamedTuple):
    """One mounted file system.

    Attributes:
        root: The part of it that is mounted.
        place: Where.
        kind: Which file system it is.
        options: Its own options, such as the controllers of a hierarchy of control groups.
    """

    root: str
    place: str
    kind: str
    options: frozenset[str]


def read_mounts(pid: int | str = "self", proc: Path = PROC) -> list[Mount]:
    """What a process sees mounted; none when the file cannot be read.

    Args:
        pid: The process, or ``self``.
    """
    try:
        lines = (proc / str(pid) / "mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        fields = left.split(" ")
        found.append(Mount(_plain(fields[3]), _plain(fields[4]), kind, frozenset(options.split(","))))
    return found


def _plain(path: str) -> str:
    """A path as it is: blanks and the like stand there as octal numbers."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path
