"""The record of busy tenants of whom half crash and half leave, and of as many new ones (RI-7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.tenants import TenantNames
from isolation.record.traffic.operations import Operation
from isolation.record.usage.inventories import Inventory, Thing
from isolation.record.usage.samples import Sample


@dataclass(frozen=True, slots=True)
class Crash:
    """The end that the suite put to one process of a tenant, or why it did not.

    Attributes:
        tenant: Whose process.
        spared: Why it was left alone; empty when it was killed.
    """

    tenant: str
    pid: int
    spared: str = ""


@experiment_record
@dataclass(slots=True)
class RecoveryRecord:
    """What was seen.

    Attributes:
        tenants: Those that crash or leave, in the order of their numbers; every second one crashes.
        newcomers: As many new ones.
        before: Counted before they came.
        during: Counted while they worked.
        departed_at: When they crashed and left (seconds, monotonic clock).
        not_made: Kinds of things that the target does not make.
        crashes: The processes of those that crash.
        seen_beside: How many agents at work were seen among the children of their parents.
        at_work: How many agents were at work.
        afterwards: Counted again and again, from then on.
        work: What they had asked for, until they were counted.
        served: First requests of the newcomers.
        worked: Processor seconds that they asked for and were answered before they were counted, by tenant.
        samples: Their processes before and after that work.
        groups_kept: Control groups of those that crashed or left, also empty ones, once they are removed from the platform; None where
            none were made, or nobody can be removed.
    """

    tenants: TenantNames
    newcomers: TenantNames
    before: Inventory
    during: Inventory
    departed_at: float
    not_made: tuple[str, ...]
    crashes: tuple[Crash, ...]
    seen_beside: int
    at_work: int
    afterwards: list[Inventory] = field(default_factory=list)
    work: list[Operation] = field(default_factory=list)
    served: list[Operation] = field(default_factory=list)
    worked: dict[str, float] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    groups_kept: tuple[Thing, ...] | None = None
