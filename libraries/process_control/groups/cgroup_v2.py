"""Control groups version 2: one hierarchy for all controllers.

Memory stays charged to the group in which it was taken, so a noisy tenant's processes must not move. The box is
therefore made of the tenants' own groups: each gets an equal part of its quota and the idle weight where it stands.

Written to the kernel's ``Documentation/admin-guide/cgroup-v2.rst``; tested on a made-up tree only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from process_control.groups.cgroup_files import (
    PERIOD_MICROSECONDS,
    folder_name,
    kill_all,
    move,
    read_counters,
    read_number,
    read_pids,
    remove_folder,
    write,
)
from process_control.groups.cgroup_mode import CgroupUnavailable, sweep
from process_control.groups.cgroup_tree import CgroupCounters, CgroupTree

_LEAST_QUOTA_MICROSECONDS = 1000
_LONGEST_PERIOD_MICROSECONDS = 1_000_000
_LEAST_WEIGHT, _NORMAL_WEIGHT = 1, 100
_CONTROLLERS = {"cpu", "memory"}


class CgroupTreeV2(CgroupTree):
    """Groups in the version 2 hierarchy.

    A group that holds processes may not hand controllers on to children, so the parent is made beside this process's
    own group: in the nearest group above that hands on both controllers. A group that has a quota is never left.

    Args:
        own: This process's own folder.
        mount: Where the hierarchy is mounted.

    Raises:
        CgroupUnavailable: No group above hands on both controllers, or a quota would be left behind.
        OSError: The parent may not be made there.
    """

    def __init__(self, own: Path, mount: Path) -> None:
        super().__init__()
        base = find_base(own, mount)
        sweep(base)
        self._parent = base / self.parent_name
        self._percent: dict[str, float | None] = {}
        self._confined: set[str] = set()
        self._parent.mkdir()
        write(self._parent / "cgroup.subtree_control", "+cpu +memory")
        # The parent hands on controllers, so it may not hold processes itself.
        self._leaving = self._parent / "leaving"
        self._leaving.mkdir()

    def create(self, group: str) -> None:
        """Make a group without quotas, see the base class."""
        self._folder(group).mkdir(exist_ok=True)
        self._percent.setdefault(group, None)
        self._groups.add(group)

    def attach(self, group: str, pid: int) -> bool:
        """Move a process into a group, see the base class."""
        return move(pid, self._folder(group))

    def free(self, pid: int) -> bool:
        """Move a process into a group without quotas; see the base class."""
        return move(pid, self._leaving)

    def limit_cpu(self, group: str, percent: float | None) -> None:
        """Set the processor quota, see the base class."""
        self._percent[group] = percent
        if group not in self._confined:
            _set_quota(self._folder(group), percent)

    def limit_memory(self, group: str, quota_bytes: int | None) -> None:
        """Set the memory quota; swap is not given to a group with a quota. See the base class."""
        folder = self._folder(group)
        write(folder / "memory.max", "max" if quota_bytes is None else quota_bytes)
        if (folder / "memory.swap.max").exists():
            write(folder / "memory.swap.max", "max" if quota_bytes is None else 0)

    def confine(self, groups: Iterable[str], percent: float) -> None:
        """Divide the box's quota evenly among exactly these groups, see the base class."""
        wanted = set(groups)
        for group in self._confined - wanted:
            _set_light(self._folder(group), False)
            _set_quota(self._folder(group), self._percent[group])
        for group in wanted:
            _set_quota(self._folder(group), percent / len(wanted))
            _set_light(self._folder(group), True)
        self._confined = wanted

    def counters(self, group: str) -> CgroupCounters:
        """The kernel's counters of a group, see the base class."""
        throttling = read_counters(self._folder(group) / "cpu.stat")
        memory = read_counters(self._folder(group) / "memory.events")
        return CgroupCounters(
            periods=throttling.get("nr_periods", 0),
            throttled=throttling.get("nr_throttled", 0),
            throttled_seconds=throttling.get("throttled_usec", 0) / 1e6,
            oom_kills=memory.get("oom_kill", 0),
        )

    def peak_bytes(self, group: str) -> int | None:
        """From ``memory.peak`` (Linux 5.19 and later), see the base class."""
        return read_number(self._folder(group) / "memory.peak")

    def folders(self, group: str) -> list[Path]:
        """The only one, see the base class."""
        return [self._folder(group)]

    def members(self, group: str) -> list[int]:
        """Process ids in a group, see the base class."""
        return read_pids(self._folder(group))

    def kill(self, group: str) -> None:
        """End every process in a group, at once where the kernel can; see the base class."""
        switch = self._folder(group) / "cgroup.kill"
        if switch.exists():
            write(switch, 1)
        else:
            kill_all(self._folder(group))

    def remove(self, group: str) -> bool:
        """Remove a group, see the base class."""
        if not remove_folder(self._folder(group)):
            return False
        self._groups.discard(group)
        self._confined.discard(group)
        self._percent.pop(group, None)
        return True

    def close(self) -> bool:
        """Remove everything, see the base class."""
        emptied = [self.remove(group) for group in list(self._groups)]
        return all([*emptied, remove_folder(self._leaving), remove_folder(self._parent)])

    def _folder(self, group: str) -> Path:
        return self._parent / folder_name(group)


def find_base(own: Path, mount: Path) -> Path:
    """The nearest group at or above one's own that hands on both controllers.

    Args:
        own: This process's own folder.
        mount: Where the hierarchy is mounted.

    Raises:
        CgroupUnavailable: There is none, or a quota lies between.
    """
    for folder in [own, *own.parents]:
        if _CONTROLLERS.issubset(_text(folder / "cgroup.subtree_control").split()):
            return folder
        if _has_quota(folder):
            raise CgroupUnavailable(f"Groups could only be made outside the quota of {folder}.")
        if folder == mount:
            break
    raise CgroupUnavailable(f"No group at or above {own} hands on the controllers cpu and memory.")


def _has_quota(folder: Path) -> bool:
    values = [_text(folder / "memory.max"), _text(folder / "cpu.max")]
    return any(value and not value.startswith("max") for value in values)


def _set_quota(folder: Path, percent: float | None) -> None:
    if percent is None:
        write(folder / "cpu.max", f"max {PERIOD_MICROSECONDS}")
        return
    quota, period = PERIOD_MICROSECONDS * percent / 100, PERIOD_MICROSECONDS
    if quota < _LEAST_QUOTA_MICROSECONDS:
        stretch = min(_LEAST_QUOTA_MICROSECONDS / quota, _LONGEST_PERIOD_MICROSECONDS / period)
        quota, period = quota * stretch, round(period * stretch)
    write(folder / "cpu.max", f"{max(_LEAST_QUOTA_MICROSECONDS, round(quota))} {period}")


def _set_light(folder: Path, light: bool) -> None:
    idle = folder / "cpu.idle"
    if idle.exists():
        write(idle, int(light))
    else:
        write(folder / "cpu.weight", _LEAST_WEIGHT if light else _NORMAL_WEIGHT)


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except OSError:
        return ""
