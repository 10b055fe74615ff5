"""``/proc/PID/smaps_rollup``: sums over all mappings of a process (``proc_pid_smaps(5)``)."""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")


def read_pss_bytes(pid: int, proc: Path = PROC) -> int | None:
    """Proportional set size (bytes). About 125 microseconds: read it rarely.

    Returns:
        None when the kernel says nothing of it, as for a zombie.

    Raises:
        PermissionError: It may not be read.
        FileNotFoundError: The process is gone.
        ProcessLookupError: The process is gone.
    """
    with open(proc / str(pid) / "smaps_rollup", "rb") as file:
        for line in file:
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return None
