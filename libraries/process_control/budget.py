"""A quota for ordinary users: stop processes that have used up their budget, and let them go on later.

Each group of processes earns budget at its rate and pays what its processes used, read every 5 ms. What is used too
much is carried over, so that the average is exact: for processor time 50.1 % and 25.1 % were measured for 50 and 25 (a
fixed duty cycle gave 43.6 and 18.4 %). The same works for storage traffic and fresh memory. Any user may limit own processes so.

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
"""How often a group near the end of its budget is looked at."""
_LONGEST_PAUSE_SECONDS = 0.05
"""How often anybody is looked at: a process may join a group at any time."""
_BURST_SECONDS = 0.1
"""How much unused budget may be kept, as time at the group's rate; the same as one period of a cgroup quota."""
_LONGEST_DEBT_SECONDS = 2.0
"""How much is carried over at most, as time at the group's rate: nobody is stopped for longer at a stretch."""
_RESUME_SECONDS = 0.01
"""How much budget, as time at the group's rate, lets a stopped group go on: fewer signals than at once."""
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class BudgetCounters:
    """What the limiter did to one group; the counters only grow.

    Attributes:
        throttled: How often the group was stopped.
        throttled_seconds: For how long altogether, up to now (seconds).
        used: What its processes used under the limit (processor seconds, or bytes).
    """

    throttled: int = 0
    throttled_seconds: float = 0.0
    used: float = 0.0


Meter = Callable[[ProcessReader], float]


def processor_seconds(reader: ProcessReader) -> float:
    """Measure processor time."""
    return reader.cpu_seconds()


def storage_bytes(reader: ProcessReader) -> float:
    """Measure storage traffic.

    Args:
        reader: A process; one whose traffic may not be read counts as using none.
    """
    return sum(reader.io_bytes() or (0, 0))


def fresh_memory_bytes(reader: ProcessReader) -> float:
    """Measure memory that the kernel had to provide: every page fault is at least one page."""
    return float(reader.page_faults() * _PAGE_BYTES)


class Holds:
    """Who is stopped, and by how many limiters: a process goes on when the last of them lets it go.

    Limiters that may have the same processes must share one.
    """

    def __init__(self) -> None:
        self._count: dict[int, int] = {}

    def hold(self, pid: int, handle: int) -> None:
        """Stop a process.

        Args:
            handle: A pidfd of it, which cannot hit another process.
        """
        self._count[pid] = self._count.get(pid, 0) + 1
        if self._count[pid] == 1:
            _signal(handle, signal.SIGSTOP)

    def let_go(self, pid: int, handle: int) -> None:
        """Let a process go on, unless somebody else holds it.

        Args:
            handle: A pidfd of it.
        """
        self._count[pid] = self._count.get(pid, 1) - 1
        if self._count[pid] <= 0:
            del self._count[pid]
            _signal(handle, signal.SIGCONT)


class _Member:
    """One limited process: its meter, and a handle that cannot hit another process."""

    def __init__(self, pid: int, started_ticks: int | None, meter: Meter) -> None:
        self.pid = pid
        self.reader = ProcessReader(pid, started_ticks)
        self._meter = meter
        self.used = meter(self.reader)
        self.handle = os.pidfd_open(pid)

    def take(self) -> float:
        before, self.used = self.used, self._meter(self.reader)
        return max(0.0, self.used - before)

    def close(self) -> None:
        self.reader.close()
        os.close(self.handle)


@dataclass(slots=True)
class _Group:
    rate: float | None
    budget: float
    settled_at: float
    members: dict[int, _Member] = field(default_factory=dict)
    stopped_at: float | None = None
    throttled: int = 0
    throttled_seconds: float = 0.0
    used: float = 0.0
    due_at: float = 0.0


class BudgetLimiter:
    """Keeps groups of processes within budgets; its owner calls ``tick`` again and again.

    Args:
        meter: What is limited.
        fastest: How much a group could use per second at most; tells how soon a budget can be used up.
        holds: Shared with other limiters of the same processes.
        clock: Seconds, monotonic; replaced in tests.
    """

    def __init__(
        self,
        meter: Meter = processor_seconds,
        fastest: float | None = None,
        holds: Holds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._meter = meter
        self._fastest = fastest or os.cpu_count() or 1
        self._holds = holds or Holds()
        self._clock = clock
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[int, str] = {}
        atexit.register(self.close)

    def set_rate(self, name: str, per_second: float | None) -> None:
        """Give a group a budget, a new one, or (None) none any more: its processes then go on unlimited.

        Args:
            name: Any name of a group; it is made when new.
            per_second: What all its processes may use together in a second: 0.25 processor seconds, for example.
        """
        now = self._clock()
        group = self._groups.setdefault(name, _Group(None, 0.0, now))
        self._settle(group, now)
        if group.rate is None or per_second is None:
            group.budget = (per_second or 0.0) * _BURST_SECONDS
        group.rate = per_second
        if per_second is None:
            self._resume(group, now)
        group.due_at = now if per_second is not None else math.inf

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
            started_ticks: Its start time (clock ticks since boot), or None to trust the id alone.

        Returns:
            False when the process has ended.

        Raises:
            KeyError: The group has no rate.
        """
        target = self._groups[group]
        self.discard(pid)
        try:
            member = _Member(pid, started_ticks, self._meter)
        except (ProcessGone, ProcessLookupError):
            return False
        if target.stopped_at is not None:
            self._holds.hold(pid, member.handle)
        target.members[pid] = member
        target.due_at = math.inf if target.rate is None else self._clock()
        self._group_of[pid] = group
        return True

    def discard(self, pid: int) -> None:
        """Take a process out of its group and let it go on; nothing happens when it is in none."""
        group = self._groups.get(self._group_of.pop(pid, ""))
        if group is not None and pid in group.members:
            self._drop(group, pid)

    def tick(self) -> float:
        """Look at all groups that may have used up their budgets; stop and continue processes.

        Returns:
            When to call again, at the latest (seconds from now).
        """
        now = self._clock()
        next_look = _LONGEST_PAUSE_SECONDS
        for group in self._groups.values():
            if group.members:
                if now >= group.due_at:
                    self._settle(group, now)
                next_look = min(next_look, group.due_at - now)
        return max(TICK_SECONDS, next_look)

    def counters(self, group: str) -> BudgetCounters:
        """What was done to a group so far; all zero for an unknown one."""
        known = self._groups.get(group)
        if known is None:
            return BudgetCounters()
        running = 0.0 if known.stopped_at is None else self._clock() - known.stopped_at
        return BudgetCounters(known.throttled, known.throttled_seconds + running, known.used)

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
        group.used += used
        earned = group.budget + group.rate * elapsed - used
        group.budget = max(min(earned, group.rate * _BURST_SECONDS), -group.rate * _LONGEST_DEBT_SECONDS)
        if group.stopped_at is None and group.budget <= 0:
            self._halt(group, now)
        elif group.stopped_at is not None and group.budget >= group.rate * _RESUME_SECONDS:
            self._resume(group, now)
        group.due_at = now + self._next_look(group, group.rate)

    def _next_look(self, group: _Group, rate: float) -> float:
        if group.stopped_at is not None and rate > 0:
            return max(TICK_SECONDS, (rate * _RESUME_SECONDS - group.budget) / rate)
        return max(TICK_SECONDS, group.budget / self._fastest)

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
            self._holds.hold(member.pid, member.handle)
        group.stopped_at = now
        group.throttled += 1

    def _resume(self, group: _Group, now: float) -> None:
        if group.stopped_at is None:
            return
        for member in group.members.values():
            self._holds.let_go(member.pid, member.handle)
        group.throttled_seconds += now - group.stopped_at
        group.stopped_at = None

    def _drop(self, group: _Group, pid: int) -> None:
        member = group.members.pop(pid)
        if group.stopped_at is not None:
            self._holds.let_go(pid, member.handle)
        member.close()


def _signal(handle: int, number: int) -> None:
    try:
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return
