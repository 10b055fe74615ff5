"""A processor quota for ordinary users: stop processes that have used up their budget, and let them go on later.

Each group of processes earns processor time at its rate and pays what its processes used, read from their own clocks
every 5 ms. What is used too much is carried over, so that the average is exact: 50.1 % and 25.1 % were measured for 50
and 25 (a fixed duty cycle gave 43.6 and 18.4 %). Any user may limit own processes in this way.

What it cannot do: a process runs unhindered for up to one tick beyond its budget; children that a process makes are
only limited when they are added too; a limiter that is killed leaves processes stopped, so they should die with its
parent or be continued by it.
"""

from __future__ import annotations

import atexit
import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from process_control.portable_reading import ProcessGone
from process_control.reading import ProcessReader

TICK_SECONDS = 0.005
"""How often the clocks are read."""
_BURST_SECONDS = 0.1
"""How much unused budget may be kept, as time at the group's rate; the same as one period of a cgroup quota."""
_RESUME_SECONDS = 0.01
"""How much budget, as time at the group's rate, lets a stopped group go on: fewer signals than at once."""


@dataclass(frozen=True, slots=True)
class BudgetCounters:
    """What the limiter did to one group; the counters only grow.

    Attributes:
        throttled: How often the group was stopped.
        throttled_seconds: For how long altogether, up to now (seconds).
        used_seconds: Processor time that its processes used under the limit (seconds).
    """

    throttled: int = 0
    throttled_seconds: float = 0.0
    used_seconds: float = 0.0


class _Member:
    """One limited process: its clock, and a handle that cannot hit another process."""

    def __init__(self, pid: int, started_ticks: int | None) -> None:
        self.reader = ProcessReader(pid, started_ticks)
        self.pid = pid
        self.used = self.reader.cpu_seconds()
        self._handle = os.pidfd_open(pid)

    def take(self) -> float:
        before, self.used = self.used, self.reader.cpu_seconds()
        return max(0.0, self.used - before)

    def signal(self, number: int) -> None:
        try:
            signal.pidfd_send_signal(self._handle, number)
        except ProcessLookupError:
            return

    def close(self) -> None:
        self.reader.close()
        os.close(self._handle)


@dataclass(slots=True)
class _Group:
    rate: float | None
    budget: float
    settled_at: float
    members: dict[int, _Member] = field(default_factory=dict)
    stopped_at: float | None = None
    throttled: int = 0
    throttled_seconds: float = 0.0
    used_seconds: float = 0.0
    due_at: float = 0.0


class BudgetLimiter:
    """Keeps groups of processes within processor budgets; its owner calls ``tick`` about every 5 ms.

    Args:
        clock: Seconds, monotonic; replaced in tests.
        processors: How many processors a group could use at once; tells how soon a budget can be used up.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, processors: int | None = None) -> None:
        self._clock = clock
        self._processors = processors or os.cpu_count() or 1
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[int, str] = {}
        atexit.register(self.close)

    def set_rate(self, name: str, percent: float | None) -> None:
        """Give a group a budget, a new one, or (None) none any more: its processes then go on unlimited.

        Args:
            name: Any name of a group; it is made when new.
            percent: Processor time as percent of one core that all its processes may use together.
        """
        now = self._clock()
        rate = None if percent is None else percent / 100
        group = self._groups.setdefault(name, _Group(None, 0.0, now))
        self._settle(group, now)
        if group.rate is None or rate is None:
            group.budget = (rate or 0.0) * _BURST_SECONDS
        group.rate = rate
        if rate is None:
            self._resume(group, now)
        group.due_at = now if rate is not None else math.inf

    def remove(self, name: str) -> None:
        """Forget a group and its counters; its processes go on unlimited.

        Args:
            name: A group; nothing happens when it is unknown.
        """
        group = self._groups.pop(name, None)
        if group is not None:
            self._resume(group, self._clock())
            for pid in list(group.members):
                self._group_of.pop(pid, None)
                self._drop(group, pid)

    def add(self, group: str, pid: int, started_ticks: int | None = None) -> bool:
        """Put a process under a group's budget, taking it out of any other group.

        Args:
            group: A group with a rate.
            pid: The process.
            started_ticks: Its start time (clock ticks since boot), or None to trust the id alone.

        Returns:
            False when the process has ended.

        Raises:
            KeyError: The group has no rate.
        """
        target = self._groups[group]
        self.discard(pid)
        try:
            member = _Member(pid, started_ticks)
        except (ProcessGone, ProcessLookupError):
            return False
        if target.stopped_at is not None:
            member.signal(signal.SIGSTOP)
        target.members[pid] = member
        target.due_at = math.inf if target.rate is None else self._clock()
        self._group_of[pid] = group
        return True

    def discard(self, pid: int) -> None:
        """Take a process out of its group and let it go on; nothing happens when it is in none.

        Args:
            pid: The process.
        """
        group = self._groups.get(self._group_of.pop(pid, ""))
        if group is not None and pid in group.members:
            self._drop(group, pid)

    def tick(self) -> None:
        """Read the clocks of all groups that may have used up their budgets; stop and continue processes."""
        now = self._clock()
        for group in self._groups.values():
            if group.members and now >= group.due_at:
                self._settle(group, now)

    def counters(self, group: str) -> BudgetCounters:
        """What was done to a group so far; all zero for an unknown one.

        Args:
            group: Its name.
        """
        known = self._groups.get(group)
        if known is None:
            return BudgetCounters()
        running = 0.0 if known.stopped_at is None else self._clock() - known.stopped_at
        return BudgetCounters(known.throttled, known.throttled_seconds + running, known.used_seconds)

    def close(self) -> None:
        """Let everybody go on; may be called any number of times."""
        for name in list(self._groups):
            self.remove(name)
        atexit.unregister(self.close)

    def _settle(self, group: _Group, now: float) -> None:
        used = self._collect(group)
        elapsed, group.settled_at = now - group.settled_at, now
        if group.rate is None:
            return
        group.used_seconds += used
        group.budget = min(group.budget + group.rate * elapsed - used, group.rate * _BURST_SECONDS)
        if group.stopped_at is None and group.budget <= 0:
            self._halt(group, now)
        elif group.stopped_at is not None and group.budget >= group.rate * _RESUME_SECONDS:
            self._resume(group, now)
        group.due_at = now + self._next_look(group, group.rate)

    def _next_look(self, group: _Group, rate: float) -> float:
        if group.stopped_at is not None and rate > 0:
            return max(TICK_SECONDS, (rate * _RESUME_SECONDS - group.budget) / rate)
        return max(TICK_SECONDS, group.budget / self._processors)

    def _collect(self, group: _Group) -> float:
        used = 0.0
        for pid, member in list(group.members.items()):
            try:
                used += member.take()
            except ProcessGone:
                self._group_of.pop(pid, None)
                self._drop(group, pid)
        return used

    def _halt(self, group: _Group, now: float) -> None:
        for member in group.members.values():
            member.signal(signal.SIGSTOP)
        group.stopped_at = now
        group.throttled += 1

    def _resume(self, group: _Group, now: float) -> None:
        for member in group.members.values():
            member.signal(signal.SIGCONT)
        if group.stopped_at is not None:
            group.throttled_seconds += now - group.stopped_at
        group.stopped_at = None

    def _drop(self, group: _Group, pid: int) -> None:
        member = group.members.pop(pid)
        member.signal(signal.SIGCONT)
        member.close()
