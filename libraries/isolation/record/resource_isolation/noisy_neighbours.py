"""The record of tenants that make noise of several kinds beside others, and stop again (RI-5)."""

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
class MadeNoise:
    """One tenant's noise.

    Attributes:
        request: What it asked for, in the suite's words.
        resources: What an alert may name it for, the main one first.
        at: When it was sent (seconds, monotonic clock); None when the target offers no such request.
    """

    tenant: str
    request: str
    resources: tuple[str, ...]
    at: float | None


@dataclass(frozen=True, slots=True)
class MessageCount:
    """How many messages the session of a tenant had received at one moment (seconds, monotonic clock)."""

    at: float
    tenant: str
    received: int


@experiment_record
@dataclass(slots=True)
class NoisyNeighboursRecord:
    """What was seen.

    Attributes:
        noises: What the noisy ones did.
        began_at: Begin of the experiment (seconds, monotonic clock).
        stopped_at: When the noisy ones broke off their noise.
        ended_at: End of the watch.
        sampling_s: Distance between two samples.
        gone: Noisy tenants of whom no process lived at the end of the noise.
        before: Ordinary requests of the noisy tenants, before their noise.
        steady: What everybody asked for all the time until the noise ended.
        asked: The requests for noise themselves.
        afterwards: Ordinary requests of the noisy tenants after their noise.
        received: Messages that the tenants received.
        usage: What the operator API said about usage.
        notes: What happened to the watching itself.
    """

    tenants: TenantNames
    noises: tuple[MadeNoise, ...]
    began_at: float
    stopped_at: float
    ended_at: float
    sampling_s: float
    gone: tuple[str, ...]
    before: list[Operation] = field(default_factory=list)
    steady: list[Operation] = field(default_factory=list)
    asked: list[Operation] = field(default_factory=list)
    afterwards: list[Operation] = field(default_factory=list)
    received: list[MessageCount] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    events: list[PlatformEvent] = field(default_factory=list)
    usage: list[OperatorUsage] = field(default_factory=list)
    notes: list[WatchNote] = field(default_factory=list)
