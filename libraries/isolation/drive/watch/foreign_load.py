"""How busy the machine is with processes that belong neither to the suite nor to the target.

Somebody else's work on the same cores slows everybody down; a broken time limit then says nothing about the target. The
share is what the kernel counts as busy, less what the processes of the suite and of the target used, dead children included.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from process_control.family import descendants

_TICKS = os.sysconf("SC_CLK_TCK")
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
    words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, irq, softirq, steal = (int(word) for word in words)
    return (user + nice + system + irq + softirq + steal) / _TICKS


def _used_seconds(pid: int) -> float:
    """What a process and its collected children used (fields 14 to 17 of ``/proc/PID/stat``)."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(word) for word in after_name[11:15]) / _TICKS
