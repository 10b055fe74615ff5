"""The record of very many tenants that connect at once and load the platform in rising steps (RI-6, OP-1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.tenants import TenantNames
from isolation.record.traffic.operations import Operation
from isolation.record.usage.samples import Sample


@dataclass(frozen=True, slots=True)
class ConnectAttempt:
    """What became of connecting one tenant: the reason is empty when it was connected."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LoadStep:
    """One step of load; the operations carry its name as their block.

    Attributes:
        name: Such as ``130 percent`` or ``equal work``.
        percent: Of the machine's CPU time, what all requests together ask for.
        started_at: Seconds, monotonic clock.
        ended_at: When the last request was due; answers come later, too.
        work_s: CPU time of one request of each tenant, in seconds.
    """

    name: str
    percent: float
    started_at: float
    ended_at: float
    work_s: dict[str, float]


@dataclass(frozen=True, slots=True)
class SamplerCost:
    """What the sampler process used.

    Attributes:
        cpu_seconds: Its processor time.
        wall_seconds: How long it sampled.
        processes: How many processes it watched.
        sweeps: How often it went over all of them.
    """

    cpu_seconds: float
    wall_seconds: float
    processes: int
    sweeps: int


@experiment_record
@dataclass(slots=True)
class StressRecord:
    """What was seen.

    Attributes:
        tenants: All tenants that were made, in the order of their numbers.
        attempts: What became of connecting them.
        connected_in_s: Seconds from the first handshake to the last.
        watching: What watching cost, from when everybody was connected.
        patience_s: How long answers were waited for.
        operations: What was asked for in all steps.
    """

    tenants: TenantNames
    attempts: tuple[ConnectAttempt, ...]
    connected_in_s: float
    steps: tuple[LoadStep, ...]
    watching: SamplerCost
    patience_s: float
    operations: list[Operation] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
