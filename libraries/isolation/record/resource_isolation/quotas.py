"""The record of tenants that try to exceed their quotas, and of the same load without a quota (RI-2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.tenants import TenantNames
from isolation.record.traffic.events import PlatformEvent
from isolation.record.traffic.operations import Operation
from isolation.record.usage.samples import Sample


@dataclass(frozen=True, slots=True)
class CounterReading:
    """A counter of enforcement, or the number of audit records, read before and after the case.

    Attributes:
        tenant: Whose counter it is.
        name: Its name, such as ``nr_throttled`` or ``oom_kill``.
        before: Its value before the first excess.
        after: Its value at the end.
    """

    tenant: str
    name: str
    before: int
    after: int

    @property
    def moved(self) -> int:
        """By how much it grew; a counter that restarted at zero has moved by what it shows."""
        return self.after - self.before if self.after >= self.before else self.after


@dataclass(frozen=True, slots=True)
class QuotaAttempt:
    """One tenant's attempt to use more than a quota allows.

    Attributes:
        resource: ``cpu`` or ``memory``.
        quota: Its own quota then (or the one that a control without a quota should exceed): per cent of one core, or bytes.
        started_at: When it began (seconds, monotonic clock).
        ended_at: When it was broken off.
        counters: Enforcement counters of all tenants, before and after.
    """

    tenant: str
    resource: str
    quota: float
    started_at: float
    ended_at: float
    counters: tuple[CounterReading, ...] = ()


@experiment_record
@dataclass(slots=True)
class QuotasRecord:
    """What was seen.

    Attributes:
        attempts: By tenants with a quota, one after the other.
        controls: By tenants without one, before.
        asked: The requests for what they tried.
        served: Ordinary requests of each that tried, after its attempt.
    """

    tenants: TenantNames
    attempts: tuple[QuotaAttempt, ...]
    controls: tuple[QuotaAttempt, ...]
    asked: list[Operation] = field(default_factory=list)
    served: list[Operation] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    events: list[PlatformEvent] = field(default_factory=list)
