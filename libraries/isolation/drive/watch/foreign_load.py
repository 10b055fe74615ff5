"""How busy the machine is with processes that belong neither to the suite nor to the target.

Somebody else's work on the same cores slows everybody down; a broken time limit then says nothing about the target. The
share is what the kernel counts as busy, less what the processes of the suite and of the target used, dead children included.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass

import psutil

from process_control.family import descendants
from process_control.proc.pid_stat import read_stat

_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    busy_seconds: float
    own_seconds: float


class ForeignLoad:
    """Looks from time to time; tells the share of the machine that others used since a moment.

    Args:
        roots: Processes whose trees are ours: the suite and the platform that it started.
    """

    def __init__(self, roots: list[int]) -> None:
        self._roots = [pid for pid in roots if pid]
        self._cores = os.cpu_count() or 1
        self._looks: deque[_Look] = deque(maxlen=_KEPT)

    def look(self) -> None:
        """Read the counters once."""
        pids = {pid for root in self._roots for pid in [root, *descendants(root)]}
        self._looks.append(_Look(time.monotonic(), _busy_seconds(), sum(_used_seconds(pid) for pid in pids)))

    def percent_since(self, since: float) -> float | None:
        """Per cent of the whole machine that others used since a moment; None when it was not watched for a second."""
        self.look()
        last = self._looks[-1]
        earlier = [look for look in self._looks if look.at <= since] or [self._looks[0]]
        first = earlier[-1]
        seconds = last.at - first.at
        if seconds < 1.0:
            return None
        foreign = (last.busy_seconds - first.busy_seconds) - (last.own_seconds - first.own_seconds)
        return max(0.0, 100 * foreign / (seconds * self._cores))


def _busy_seconds() -> float:
    """All processors together: everything but idle and waiting for storage."""
    times = psutil.cpu_times()
    # Time of guests is counted as time of users already.
    names = ("user", "nice", "system", "irq", "softirq", "steal")
    return sum(float(getattr(times, name, 0.0)) for name in names)


def _used_seconds(pid: int) -> float:
    """What a process and its collected children used."""
    fields = read_stat(pid)
    return 0.0 if fields is None else fields.cpu_seconds + fields.children_cpu_seconds
