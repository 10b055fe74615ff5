"""The record of nine tenants of whom some leak, run away or never end, and some only look suspicious (RI-3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.tenants import TenantNames
from isolation.record.traffic.events import PlatformEvent
from isolation.record.traffic.operations import Operation
from isolation.record.usage.operator_usage import OperatorUsage
from isolation.record.usage.samples import Sample
from isolation.record.usage.watch_notes import WatchNote


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """What a tenant began to do.

    Attributes:
        request: What was asked for, in the suite's words.
        at: When it was sent (seconds, monotonic clock).
    """

    tenant: str
    request: str
    at: float


@experiment_record
@dataclass(slots=True)
class LeakDetectionRecord:
    """What was seen.

    Attributes:
        began: What the leaking and suspicious ones began, and when.
        began_at: Begin of the experiment (seconds, monotonic clock).
        ended_at: End of the watch.
        sampling_s: Distance between two samples.
        sustained_s: For how long the sustained user uses most of a core.
        gone: Tenants of whom no process lived at the end, by the operator API and by the kernel for every process ever sampled.
        usage: What the operator API said about usage.
        endless: The operations that never end by themselves.
        afterwards: Ordinary requests of everybody after all of it.
        notes: What happened to the watching itself.
    """

    tenants: TenantNames
    began: tuple[Misbehaviour, ...]
    began_at: float
    ended_at: float
    sampling_s: float
    sustained_s: float
    gone: tuple[str, ...]
    samples: list[Sample] = field(default_factory=list)
    events: list[PlatformEvent] = field(default_factory=list)
    usage: list[OperatorUsage] = field(default_factory=list)
    endless: list[Operation] = field(default_factory=list)
    afterwards: list[Operation] = field(default_factory=list)

    def beginning(self, tenant: str, request: str) -> float | None:
        """When a tenant began something (seconds, monotonic clock), or None when it did not."""
        return next((one.at for one in self.began if one.tenant == tenant and one.request == request), None)

    notes: list[WatchNote] = field(default_factory=list)
