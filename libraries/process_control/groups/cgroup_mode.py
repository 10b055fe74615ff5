"""Which control groups this machine has for processor time and memory, and where ours may be made.

Sources: ``proc_pid_mountinfo(5)``, ``cgroups(7)``, and the kernel's ``Documentation/admin-guide/cgroup-v2.rst``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from process_control.family import is_running
from process_control.proc.pid_cgroup import read_groups
from process_control.proc.pid_mountinfo import read_mounts

PARENT_PREFIX = "tenant-isolation-"
"""Every group that we make is, or lies in, a group of this name: ``tenant-isolation-<owner pid>-<random>``."""
_PARENT = re.compile(re.escape(PARENT_PREFIX) + r"(\d+)-[0-9a-f]+(-box)?$")


class CgroupUnavailable(Exception):
    """Control groups cannot be used here; the text says why."""


class CgroupKind(StrEnum):
    """How control groups are mounted."""

    VERSION_1 = "v1"
    VERSION_2 = "v2"
    HYBRID = "hybrid"
    """Both are mounted; processor and memory controllers are in version 1."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CgroupMode:
    """Where processor and memory groups of this process live.

    Attributes:
        kind: How control groups are mounted.
        cpu: This process's own folder in the hierarchy of the processor controller, or None.
        memory: The same for the memory controller; equal to ``cpu`` in version 2.
        mount: Where that hierarchy is mounted (version 2 only): no group above it can be reached.
    """

    kind: CgroupKind
    cpu: Path | None = None
    memory: Path | None = None
    mount: Path | None = None


def detect(root: Path = Path("/")) -> CgroupMode:
    """Find out how control groups are mounted and where this process is in them.

    Args:
        root: The file system's root; a made-up tree in tests.

    Returns:
        The mode; ``none`` when processor or memory controllers are missing.
    """
    proc = root / "proc"
    own = read_groups("self", proc) or {}
    folders: dict[str, Path] = {}
    unified: tuple[Path, Path] | None = None
    for mounted_part, mount_point, kind, options in read_mounts("self", proc):
        if kind == "cgroup2" and "" in own:
            unified = (_place(root, mount_point, mounted_part, own[""]), _under(root, mount_point))
        elif kind == "cgroup":
            for name in {"cpu", "memory"} & options & own.keys():
                folders[name] = _place(root, mount_point, mounted_part, own[name])
    if len(folders) == 2:
        kind_found = CgroupKind.HYBRID if unified else CgroupKind.VERSION_1
        return CgroupMode(kind_found, folders["cpu"], folders["memory"])
    if unified and {"cpu", "memory"} <= set(_words(unified[1] / "cgroup.controllers")):
        return CgroupMode(CgroupKind.VERSION_2, unified[0], unified[0], unified[1])
    return CgroupMode(CgroupKind.NONE)


def sweep(base: Path) -> list[str]:
    """Remove the groups that dead owners left; a group that still holds a process is left alone.

    Args:
        base: The folder in which owners make their parents.

    Returns:
        Names of the parents that were removed.
    """
    removed = []
    for folder in sorted(base.glob(f"{PARENT_PREFIX}*")):
        match = _PARENT.match(folder.name)
        if match and not is_running(int(match[1])) and _remove_empty(folder):
            removed.append(folder.name)
    return removed


def _remove_empty(folder: Path) -> bool:
    try:
        for child in folder.iterdir():
            if child.is_dir():
                child.rmdir()
        folder.rmdir()
    except OSError:
        return False
    return True


def _place(root: Path, mount_point: str, mounted_part: str, own: str) -> Path:
    relative = os.path.relpath(own, mounted_part)
    folder = _under(root, mount_point)
    return folder if relative == "." or relative.startswith("..") else folder / relative


def _under(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []


def _words(file: Path) -> list[str]:
    return " ".join(_lines(file)).split()
