"""``/proc/PID/io``: storage traffic of a process (``proc_pid_io(5)``)."""

from __future__ import annotations


def parse_io(text: bytes) -> tuple[int, int]:
    """Bytes read from and written to storage since the start.

    Args:
        text: The whole file.
    """
    lines = text.split(b"\n")
    return int(lines[4][12:]), int(lines[5][13:])
