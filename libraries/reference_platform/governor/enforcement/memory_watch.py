"""A memory quota for ordinary users: look at all tenants often, and end the largest process of one above its quota."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from process_control import ProcessGone, ProcessReader, signals

_FASTEST_GROWTH = 4e9
"""No process takes memory faster than this (bytes/s): so much room needs no look for so long."""
_LONGEST_PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class _Watched:
    quota_bytes: int | None = None
    readers: dict[int, ProcessReader] = field(default_factory=dict)
    due_at: float = 0.0
    kills: int = 0


class MemoryWatch:
    """Watches tenants; its owner calls ``tick`` often.

    A limit by ``RLIMIT_AS`` would not do: it counts address space that was never touched.

    Args:
        period_seconds: Time between two looks at a tenant near its quota (s).
        clock: Seconds, monotonic; replaced in tests.
    """

    def __init__(self, period_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._period = period_seconds
        self._clock = clock
        self._tenants: dict[str, _Watched] = {}

    def set_quota(self, tenant: str, quota_bytes: int | None) -> None:
        """Set a tenant's quota.

        Args:
            tenant: The tenant; it is made known.
            quota_bytes: Bytes, or None for no quota.
        """
        watched = self._tenants.setdefault(tenant, _Watched())
        watched.quota_bytes, watched.due_at = quota_bytes, 0.0

    def add(self, tenant: str, pid: int, started_ticks: int) -> None:
        """Watch a process of a known tenant.

        Args:
            started_ticks: Its start time (clock ticks since boot).

        Raises:
            ProcessGone: It has ended.
        """
        self._tenants[tenant].readers[pid] = ProcessReader(pid, started_ticks)
        self._tenants[tenant].due_at = 0.0

    def discard(self, tenant: str, pid: int) -> None:
        """Stop watching a process."""
        watched = self._tenants.get(tenant)
        reader = watched.readers.pop(pid, None) if watched else None
        if reader is not None:
            reader.close()

    def tick(self) -> float:
        """Look at every tenant that could be above its quota by now.

        Returns:
            When to call again, at the latest (seconds from now).
        """
        now = self._clock()
        next_look = _LONGEST_PAUSE_SECONDS
        for tenant, watched in self._tenants.items():
            if watched.quota_bytes is not None and watched.readers:
                if now >= watched.due_at:
                    self._look(tenant, watched, watched.quota_bytes, now)
                next_look = min(next_look, watched.due_at - now)
        return max(self._period, next_look)

    def kills(self, tenant: str) -> int:
        """How many processes of a tenant were ended."""
        watched = self._tenants.get(tenant)
        return watched.kills if watched else 0

    def remove(self, tenant: str) -> None:
        """Forget a tenant.

        Args:
            tenant: The tenant; nothing happens when it is unknown.
        """
        for pid in list(self._tenants[tenant].readers) if tenant in self._tenants else []:
            self.discard(tenant, pid)
        self._tenants.pop(tenant, None)

    def _look(self, tenant: str, watched: _Watched, quota_bytes: int, now: float) -> None:
        sizes: dict[int, int] = {}
        for pid, reader in list(watched.readers.items()):
            try:
                sizes[pid] = reader.rss_bytes()
            except ProcessGone:
                self.discard(tenant, pid)
        room = quota_bytes - sum(sizes.values())
        if room < 0:
            largest = max(sizes, key=sizes.__getitem__)
            if signals.send(largest, watched.readers[largest].started_ticks, signal.SIGKILL):
                watched.kills += 1
            self.discard(tenant, largest)
        watched.due_at = now + min(max(self._period, room / _FASTEST_GROWTH), _LONGEST_PAUSE_SECONDS)
