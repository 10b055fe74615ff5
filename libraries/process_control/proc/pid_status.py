"""``/proc/PID/status``: whose a process is, the memory that it has, and the most that it ever had (``proc_pid_status(5)``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Status:
    """Owner and memory of a process.

    Attributes:
        resident_bytes: What it has (``VmRSS``).
        peak_bytes: The most that it ever had (``VmHWM``): also what came and went between two samples.
        user: Its effective user id.
        thread_group: The process to which the thread of this id belongs; the id itself for a process.
    """

    resident_bytes: int
    peak_bytes: int
    user: int
    thread_group: int


def read_status(pid: int, proc: Path = PROC) -> Status | None:
    """The memory of a process; None when it is gone. A zombie has none.

    Raises:
        PermissionError: It may not be read.
    """
    try:
        lines = (proc / str(pid) / "status").read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return Status(
        resident_bytes=_bytes(fields.get("VmRSS")),
        peak_bytes=_bytes(fields.get("VmHWM")),
        user=int(fields["Uid"].split()[1]),
        thread_group=int(fields.get("Tgid", pid)),
    )


def _bytes(text: str | None) -> int:
    return 0 if text is None else int(text.split()[0]) * 1024
