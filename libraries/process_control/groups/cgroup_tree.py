"""Private control groups: one per tenant, with quotas and counters, the same in version 1 and version 2."""

from __future__ import annotations

import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from process_control.groups.cgroup_mode import PARENT_PREFIX


@dataclass(frozen=True, slots=True)
class CgroupCounters:
    """The kernel's own counters of one group since it was made.

    Attributes:
        periods: Periods in which the group ran.
        throttled: Periods in which it was held back.
        throttled_seconds: For how long it was held back, summed over processors (seconds).
        oom_kills: Processes that were ended because the group reached its memory quota.
    """

    periods: int = 0
    throttled: int = 0
    throttled_seconds: float = 0.0
    oom_kills: int = 0

    def __add__(self, other: CgroupCounters) -> CgroupCounters:
        """Add two groups' counters."""
        return CgroupCounters(
            self.periods + other.periods,
            self.throttled + other.throttled,
            self.throttled_seconds + other.throttled_seconds,
            self.oom_kills + other.oom_kills,
        )


class CgroupTree(ABC):
    """Groups under one private parent that is removed in the end.

    Names of groups may hold what tenant ids hold; the folder gets the prefix ``t-``, so that it never meets one of the
    kernel's own files.
    """

    def __init__(self) -> None:
        self.parent_name = f"{PARENT_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self._groups: set[str] = set()

    @property
    def groups(self) -> frozenset[str]:
        """Names of the groups that exist."""
        return frozenset(self._groups)

    @abstractmethod
    def create(self, group: str) -> None:
        """Make a group without quotas; nothing happens when it exists."""

    @abstractmethod
    def attach(self, group: str, pid: int) -> bool:
        """Move a process, with all its threads, into a group. Its children will be born there.

        Memory that it has already is not charged to the group: attach it before it works.

        Returns:
            False when the process has ended.
        """

    @abstractmethod
    def free(self, pid: int) -> bool:
        """Move a process to where no group's processor quota holds it; its memory stays charged to its group.

        Args:
            pid: A process in one of the groups.

        Returns:
            False when the process has ended.
        """

    @abstractmethod
    def limit_cpu(self, group: str, percent: float | None) -> None:
        """Set a group's processor quota; while the group is confined, the quota waits.

        Args:
            percent: Percent of one core, or None for no quota.
        """

    @abstractmethod
    def limit_memory(self, group: str, quota_bytes: int | None) -> None:
        """Set a group's memory quota: at it, the kernel ends one of the group's processes.

        Args:
            quota_bytes: Bytes, or None for no quota.
        """

    @abstractmethod
    def confine(self, groups: Iterable[str], percent: float) -> None:
        """Let exactly these groups share one small quota evenly, at the lowest weight; let all others go.

        Memory stays charged where it was. May be called again with another set.

        Args:
            groups: Existing groups.
            percent: Percent of one core that they may use together.
        """

    @abstractmethod
    def counters(self, group: str) -> CgroupCounters:
        """The kernel's counters of a group."""

    @abstractmethod
    def peak_bytes(self, group: str) -> int | None:
        """The most memory that a group ever had; None where the kernel does not say."""

    @abstractmethod
    def folders(self, group: str) -> list[Path]:
        """Every folder that a group may have, whether it is there or not."""

    @abstractmethod
    def members(self, group: str) -> list[int]:
        """Process ids in a group."""

    @abstractmethod
    def kill(self, group: str) -> None:
        """End every process in a group by force."""

    @abstractmethod
    def remove(self, group: str) -> bool:
        """Remove a group whose processes have ended.

        Args:
            group: A group; nothing happens when it does not exist.

        Returns:
            False when it still holds processes.
        """

    @abstractmethod
    def close(self) -> bool:
        """Remove all groups and the private parent.

        Returns:
            False when something had to be left because processes live in it.
        """
