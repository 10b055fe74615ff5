"""The record of agents at rest, at work, after it, and while one of them works alone (RI-1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.tenants import TenantNames
from isolation.record.traffic.events import PlatformEvent
from isolation.record.traffic.operations import Operation
from isolation.record.usage.samples import ProcessRef, Sample


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time (seconds, monotonic clock).

    Attributes:
        start: Its begin.
        tenant: Who worked alone then, or empty.
    """

    start: float
    end: float
    tenant: str = ""


@experiment_record
@dataclass(slots=True)
class MonitoringBaselineRecord:
    """What was seen.

    Attributes:
        tenants: All tenants that were made, in the order of their numbers.
        connected: How many of them were connected.
        sampling_s: Distance between two samples.
        work_s: CPU time of one request of typical work, in seconds.
        own_pids: Processes of the suite.
        rest: Nobody worked.
        work: Everybody did typical work.
        alone: One worked after the other, alone.
        processes: The tenants' processes, at rest.
        operations: What they asked for while everybody worked.
    """

    tenants: TenantNames
    connected: int
    sampling_s: float
    work_s: float
    own_pids: tuple[int, ...]
    rest: Stretch
    work: Stretch
    alone: tuple[Stretch, ...]
    processes: list[ProcessRef] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    events: list[PlatformEvent] = field(default_factory=list)
