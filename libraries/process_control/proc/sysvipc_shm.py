"""``/proc/sysvipc/shm``: shared memory segments of System V (``sysvipc(7)``, ``proc_sysvipc(5)``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment.

    Attributes:
        key: The key under which it was made; 0 for a private one.
        segment_id: Its id, unique until the machine starts anew or the counter has gone round.
        size: Bytes.
        creator: The process that made it.
        attached: How many processes have it mapped.
        user: Who owns it.
        group: The owner's group.
        mode: Permissions, as of a file.
        changed_at: Seconds since 1970 when it was made, or its owner or permissions were changed.
    """

    key: int
    segment_id: int
    size: int
    creator: int
    attached: int
    user: int
    group: int
    mode: int
    changed_at: int


def read_segments(proc: Path = PROC) -> list[Segment]:
    """All segments of this IPC namespace.

    Returns:
        Segments; none where the kernel has no such file.
    """
    try:
        head, *lines = (proc / "sysvipc/shm").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []
    names = head.split()
    rows = (dict(zip(names, line.split(), strict=False)) for line in lines)
    return [_segment(row) for row in rows if "ctime" in row]


def _segment(row: dict[str, str]) -> Segment:
    return Segment(
        key=int(row["key"]),
        segment_id=int(row["shmid"]),
        size=int(row["size"]),
        creator=int(row["cpid"]),
        attached=int(row["nattch"]),
        user=int(row["uid"]),
        group=int(row["gid"]),
        mode=int(row["perms"], 8),
        changed_at=int(row["ctime"]),
    )
