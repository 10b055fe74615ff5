"""``/proc/PID/cgroup``: in which control groups a process is (``cgroups(7)``)."""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")


def read_groups(pid: int | str, proc: Path = PROC) -> dict[str, str] | None:
    """Controller to the path of the process's group in its hierarchy; None when the process is gone.

    Args:
        pid: The process, or ``self``.

    Returns:
        Paths that begin with a slash; the controller of version 2 is an empty text.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    groups = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    return groups
