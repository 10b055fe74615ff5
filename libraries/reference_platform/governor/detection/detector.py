"""What all detectors have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

from reference_platform.governor.observation import Observation


@dataclass(frozen=True, slots=True)
class Detection:
    """Something that a detector found, at the start of an episode.

    Attributes:
        kind: The alert's kind.
        tenant: Who did it.
        agent: Which agent did it, or empty.
        pid: That agent's process, or 0.
        resource: What it took too much of, or empty.
        detail: The numbers behind it.
    """

    kind: str
    tenant: str
    agent: str = ""
    pid: int = 0
    resource: str = ""
    detail: dict[str, object] = field(default_factory=dict)


class Detector(Protocol):
    """Looks at one observation after another."""

    def observe(self, seen: Observation) -> list[Detection]:
        """Look at the next observation.

        Args:
            seen: All tenants at one moment.

        Returns:
            What began with this observation; an excess that goes on is told once.
        """


class Episodes:
    """Tells when something begins: true once, then not again until it has been absent for a while.

    Args:
        hold_seconds: How long it must be absent to have ended.
    """

    def __init__(self, hold_seconds: float) -> None:
        self._hold = hold_seconds
        self._last_seen: dict[Hashable, float] = {}

    def begins(self, key: Hashable, at: float) -> bool:
        """Note that it happens now.

        Args:
            key: What happens, and to whom.
            at: Now (seconds, monotonic clock).

        Returns:
            Whether it had not happened for the whole hold time.
        """
        before = self._last_seen.get(key)
        self._last_seen[key] = at
        return before is None or at - before > self._hold


class Streaks:
    """For how long something has been true without a break."""

    def __init__(self) -> None:
        self._since: dict[Hashable, float] = {}

    def seconds(self, key: Hashable, is_true: bool, seen: Observation) -> float:
        """Note whether it is true in this observation.

        Args:
            key: What, and of whom.
            is_true: Whether it is.
            seen: The observation; a streak starts at the beginning of its sample.

        Returns:
            Length of the streak (s), 0 when it is broken.
        """
        if not is_true:
            self._since.pop(key, None)
            return 0.0
        return seen.at - self._since.setdefault(key, seen.at - seen.seconds)


class Windows:
    """Sliding windows of values, one per key.

    Args:
        seconds: How far a window reaches back.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._values: dict[Hashable, deque[tuple[float, float]]] = {}

    def add(self, key: Hashable, at: float, value: float) -> list[tuple[float, float]]:
        """Add a value.

        Args:
            key: Whose window.
            at: When it was seen (seconds, monotonic clock).

        Returns:
            The window's times and values when it is full (reaches back far enough), else an empty list.
        """
        window = self._values.setdefault(key, deque())
        window.append((at, value))
        while len(window) > 1 and window[1][0] <= at - self._seconds:
            window.popleft()
        return list(window) if at - window[0][0] >= 0.95 * self._seconds else []

    def keep(self, keys: set[Hashable]) -> None:
        """Forget all windows but these.

        Args:
            keys: Whose windows stay.
        """
        for key in self._values.keys() - keys:
            del self._values[key]


def burning(cpu_percent: float, wants_cpu: bool, contained: bool, quota_percent: float | None, share: float) -> bool:
    """Whether something uses nearly all the processor time it may have, or is held back from doing so.

    Args:
        cpu_percent: What it used (percent of one core).
        wants_cpu: Whether it was at work or ready to work when looked at.
        contained: Whether it is in the penalty box, where it may get nothing at all for a while.
        quota_percent: What it may use (percent of one core); None means a whole core.
        share: Which part of that is nearly all.

    Returns:
        True also for somebody who got little and wanted more: held back in the box, or by a full machine. A starved
        victim, which gets next to nothing without being contained, does not burn.
    """
    allowed = 100.0 if quota_percent is None else quota_percent
    return cpu_percent >= share * allowed or (wants_cpu and (contained or cpu_percent >= 1.0))
