"""What the monitor has seen so far, per tenant, kept up with what is new since the last time that somebody asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from isolation.record import OperatorUsage, PlatformEvent, Sample


@dataclass(slots=True)
class LiveTotals:
    """Counters only grow, also when processes end; gauges are those of the last moment that a tenant was seen.

    Attributes:
        processes: The last sample of each process, by its id; of a process id that was used again the last one.
        ended: What processes had used whose id was used again, by tenant: CPU seconds, bytes read, bytes written.
        usage: What the operator API said last, by tenant.
        events: How many alerts and audit entries there were, by stream, kind and tenant.
    """

    processes: dict[int, Sample] = field(default_factory=dict)
    ended: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    usage: dict[str, OperatorUsage] = field(default_factory=dict)
    events: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _read: tuple[int, int, int] = (0, 0, 0)

    def update(
        self, samples: Sequence[Sample], usage: Sequence[OperatorUsage], events: Sequence[PlatformEvent]
    ) -> None:
        """Read what is new; each list only grows."""
        first_sample, first_usage, first_event = self._read
        for sample in samples[first_sample:]:
            before = self.processes.get(sample.pid)
            if before is not None and (before.tenant != sample.tenant or before.cpu_seconds > sample.cpu_seconds):
                self._end(before)
            self.processes[sample.pid] = sample
        for one in usage[first_usage:]:
            self.usage[one.tenant] = one
        self.events.update((event.stream, event.kind, event.tenant) for event in events[first_event:])
        self._read = len(samples), len(usage), len(events)

    def tenants(self) -> list[str]:
        """Everybody who was seen."""
        return sorted({*self.ended, *self.usage, *(sample.tenant for sample in self.processes.values())})

    def used(self, tenant: str) -> tuple[float, int, int]:
        """What a tenant's processes have used: CPU seconds, bytes read, bytes written."""
        cpu, read, written = self.ended.get(tenant, (0.0, 0, 0))
        for sample in self._of(tenant):
            cpu, read, written = (
                cpu + sample.cpu_seconds,
                read + (sample.read_bytes or 0),
                written + (sample.written_bytes or 0),
            )
        return cpu, read, written

    def living(self, tenant: str, since: float) -> list[Sample]:
        """The last samples of a tenant's processes that were seen since a moment (seconds, monotonic clock)."""
        return [sample for sample in self._of(tenant) if sample.at >= since]

    def _of(self, tenant: str) -> list[Sample]:
        return [sample for sample in self.processes.values() if sample.tenant == tenant]

    def _end(self, sample: Sample) -> None:
        cpu, read, written = self.ended.get(sample.tenant, (0.0, 0, 0))
        self.ended[sample.tenant] = (
            cpu + sample.cpu_seconds,
            read + (sample.read_bytes or 0),
            written + (sample.written_bytes or 0),
        )
