"""Control groups version 1: processor and memory controllers have a hierarchy each.

So a noisy tenant can move into the box's processor group and leave its memory where it is charged. The box stands
beside the parent, not in it: its idle weight then counts against everything on the machine, not only other tenants.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterable
from pathlib import Path

from process_control.groups.cgroup_files import (
    PERIOD_MICROSECONDS,
    end_largest,
    folder_name,
    kill_all,
    move,
    read_counters,
    read_number,
    read_pids,
    remove_folder,
    write,
)
from process_control.groups.cgroup_mode import sweep
from process_control.groups.cgroup_tree import CgroupCounters, CgroupTree

_LEAST_SHARES = 2
_NORMAL_SHARES = 1024
_LEAST_QUOTA_MICROSECONDS = 1000
_UNLIMITED_MEMORY = -1
_GIVE_BACK_SECONDS = 0.5
_LARGEST_ENDED = 4
"""How many processes of a group end at most before a quota that cannot be set is an error."""


class CgroupTreeV1(CgroupTree):
    """Groups in the version 1 hierarchies ``cpu`` and ``memory``.

    Args:
        cpu: The folder in the processor hierarchy in which the parent is made.
        memory: The same in the memory hierarchy.

    Raises:
        OSError: The parents may not be made.
    """

    def __init__(self, cpu: Path, memory: Path) -> None:
        super().__init__()
        for base in {cpu, memory}:
            sweep(base)
        self._cpu = cpu / self.parent_name
        self._memory = memory / self.parent_name
        self._box = cpu / f"{self.parent_name}-box"
        self._confined: set[str] = set()
        self._before: dict[str, CgroupCounters] = {}
        self._cpu.mkdir()
        self._memory.mkdir()
        # One group with the weight of one process would make all tenants together wait for every other process.
        write(self._cpu / "cpu.shares", _NORMAL_SHARES * 4)

    def create(self, group: str) -> None:
        """Make a group without quotas, see the base class."""
        name = folder_name(group)
        (self._cpu / name).mkdir(exist_ok=True)
        (self._memory / name).mkdir(exist_ok=True)
        self._groups.add(group)

    def attach(self, group: str, pid: int) -> bool:
        """Move a process into a group, see the base class."""
        return move(pid, self._memory / folder_name(group)) and move(pid, self._processor_folder(group))

    def free(self, pid: int) -> bool:
        """Move a process into the parent, which has no quota; see the base class."""
        return move(pid, self._cpu)

    def limit_cpu(self, group: str, percent: float | None) -> None:
        """Set the processor quota, see the base class."""
        _set_quota(self._cpu / folder_name(group), percent)

    def limit_memory(self, group: str, quota_bytes: int | None) -> None:
        """Set the memory quota, together with swap where that is counted; see the base class.

        Version 1 refuses a quota below what is in use (EBUSY) where version 2 ends a process. So whoever has just stopped
        using more gets a moment to give it back; then the largest process of the group ends.
        """
        folder = self._memory / folder_name(group)
        value = _UNLIMITED_MEMORY if quota_bytes is None else quota_bytes
        with_swap = folder / "memory.memsw.limit_in_bytes"
        if with_swap.exists():
            write(with_swap, _UNLIMITED_MEMORY)
        self._write_when_possible(folder / "memory.limit_in_bytes", value)
        if with_swap.exists():
            write(with_swap, value)

    def _write_when_possible(self, file: Path, value: int) -> None:
        ends = [time.monotonic() + _GIVE_BACK_SECONDS * number for number in range(1, _LARGEST_ENDED + 2)]
        while True:
            try:
                return write(file, value)
            except OSError as error:
                if error.errno != errno.EBUSY or len(ends) == 0:
                    raise
            if time.monotonic() > ends[0]:
                ends.pop(0)
                end_largest(read_pids(file.parent))
            time.sleep(0.02)

    def confine(self, groups: Iterable[str], percent: float) -> None:
        """Move exactly these groups' processes into the box, see the base class."""
        wanted = set(groups)
        if wanted and not self._box.exists():
            self._box.mkdir()
            _make_lightest(self._box)
        for group in wanted:
            child = self._box / folder_name(group)
            child.mkdir(exist_ok=True)
            # A child's quota may not be above its parent's: it has none while the parent's changes.
            _set_quota(child, None)
        if wanted:
            _set_quota(self._box, percent)
        for group in wanted:
            # An even part for each: whoever still burns cannot hold up those who have become quiet.
            _set_quota(self._box / folder_name(group), percent / len(wanted))
            _move_all(self._cpu / folder_name(group), self._box / folder_name(group))
        for group in self._confined - wanted:
            self._let_go(group)
        self._confined = wanted

    def counters(self, group: str) -> CgroupCounters:
        """The kernel's counters of a group, in and out of the box; see the base class."""
        name = folder_name(group)
        own = _throttling(self._cpu / name) + self._before.get(group, CgroupCounters())
        if group in self._confined:
            own += _throttling(self._box / name)
        kills = read_counters(self._memory / name / "memory.oom_control").get("oom_kill", 0)
        return own + CgroupCounters(oom_kills=kills)

    def peak_bytes(self, group: str) -> int | None:
        """From ``memory.max_usage_in_bytes``, see the base class."""
        return read_number(self._memory / folder_name(group) / "memory.max_usage_in_bytes")

    def folders(self, group: str) -> list[Path]:
        """One in each hierarchy and one in the box, see the base class."""
        return [parent / folder_name(group) for parent in (self._cpu, self._memory, self._box)]

    def members(self, group: str) -> list[int]:
        """Process ids in a group, see the base class."""
        return read_pids(self._memory / folder_name(group))

    def kill(self, group: str) -> None:
        """End every process in a group, see the base class."""
        kill_all(self._memory / folder_name(group))

    def remove(self, group: str) -> bool:
        """Remove a group, see the base class."""
        name = folder_name(group)
        folders = [self._box / name, self._cpu / name, self._memory / name]
        emptied = [remove_folder(folder) for folder in folders]
        if not all(emptied):
            return False
        self._groups.discard(group)
        self._confined.discard(group)
        self._before.pop(group, None)
        return True

    def close(self) -> bool:
        """Remove everything, see the base class."""
        emptied = [self.remove(group) for group in list(self._groups)]
        folders = [remove_folder(folder) for folder in (self._box, self._cpu, self._memory)]
        return all(emptied + folders)

    def _processor_folder(self, group: str) -> Path:
        return (self._box if group in self._confined else self._cpu) / folder_name(group)

    def _let_go(self, group: str) -> None:
        name = folder_name(group)
        _move_all(self._box / name, self._cpu / name)
        seen = _throttling(self._box / name)
        self._before[group] = self._before.get(group, CgroupCounters()) + seen
        remove_folder(self._box / name)


def _set_quota(folder: Path, percent: float | None) -> None:
    quota = -1 if percent is None else max(_LEAST_QUOTA_MICROSECONDS, round(PERIOD_MICROSECONDS * percent / 100))
    write(folder / "cpu.cfs_period_us", PERIOD_MICROSECONDS)
    write(folder / "cpu.cfs_quota_us", quota)


def _make_lightest(folder: Path) -> None:
    idle = folder / "cpu.idle"
    if idle.exists():
        write(idle, 1)
    else:
        write(folder / "cpu.shares", _LEAST_SHARES)


def _move_all(source: Path, target: Path) -> None:
    while pids := read_pids(source):
        for pid in pids:
            move(pid, target)


def _throttling(folder: Path) -> CgroupCounters:
    found = read_counters(folder / "cpu.stat")
    return CgroupCounters(
        periods=found.get("nr_periods", 0),
        throttled=found.get("nr_throttled", 0),
        throttled_seconds=found.get("throttled_time", 0) / 1e9,
    )
