"""What a scrape asks of the monitor, and the door at which it asks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from isolation.drive.watch.live.endpoint import MetricsEndpoint
from isolation.drive.watch.live.exposition import Watching, exposition
from isolation.drive.watch.live.totals import LiveTotals
from isolation.record import OperatorUsage, PlatformEvent, Sample

_GONE_AFTER_S = 5.0
"""A process that was not sampled for so long has ended."""
_FOREIGN_S = 5.0


class Monitored(Protocol):
    """What the monitor has seen."""

    @property
    def seen_samples(self) -> list[Sample]:
        """All samples."""
        ...

    @property
    def seen_usage(self) -> list[OperatorUsage]:
        """All that the operator API said about usage."""
        ...

    @property
    def seen_events(self) -> list[PlatformEvent]:
        """All alerts and audit entries."""
        ...

    async def enforced(self) -> Mapping[str, tuple[int, int]]:
        """How often each tenant was throttled, and ended for memory."""
        ...

    async def foreign_load(self, since: float) -> float | None:
        """Per cent of the machine that others used."""
        ...


class LiveMetrics:
    """The monitor's live numbers.

    Args:
        monitor: Has seen them.
    """

    def __init__(self, monitor: Monitored) -> None:
        """Nobody has asked."""
        self._monitor = monitor
        self._totals = LiveTotals()
        self._door = MetricsEndpoint(self.text)

    async def open(self, port: int) -> int:
        """Open the door; see ``MetricsEndpoint.open``."""
        return await self._door.open(port)

    async def close(self) -> None:
        """Close the door."""
        await self._door.close()

    async def text(self) -> str:
        """The numbers now."""
        seen = self._monitor
        self._totals.update(seen.seen_samples, seen.seen_usage, seen.seen_events)
        now = time.monotonic()
        watching = Watching(time.process_time(), await seen.foreign_load(now - _FOREIGN_S), await seen.enforced())
        return exposition(self._totals, watching, now - _GONE_AFTER_S)
