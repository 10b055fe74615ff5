"""The record of noises that alternate with quiet time, while others are measured (RI-2, RI-4, RI-5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.tenants import TenantNames
from isolation.record.traffic.blocks import Block
from isolation.record.traffic.events import PlatformEvent
from isolation.record.traffic.operations import Operation
from isolation.record.usage.operator_usage import OperatorUsage
from isolation.record.usage.samples import Sample
from isolation.record.usage.watch_notes import WatchNote


@dataclass(frozen=True, slots=True)
class CampaignNoise:
    """A noise that takes turns with quiet time.

    Attributes:
        name: As sentences call it, such as ``heavy work``.
        tenants: Who makes it.
        lacks: What the target does not offer for it, in one sentence; empty when it was made.
    """

    name: str
    tenants: tuple[str, ...]
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionsOfOne:
    """A tenant that asked for many database connections.

    Attributes:
        wanted: How many it asked for.
        granted: How many the answer says that it got, where it says so.
        held: How many it had afterwards, counted; None when nobody could count them.
    """

    tenant: str
    wanted: int
    granted: int | None
    held: int | None


@dataclass(frozen=True, slots=True)
class NextLook:
    """What more has to be measured because a first look did not decide.

    Attributes:
        noises: Whose rounds go on.
        with_delay: Whether each more round has a block with an injected delay, because the control did not decide either.
    """

    noises: tuple[str, ...]
    with_delay: bool


@experiment_record
@dataclass(slots=True)
class NoiseCampaignRecord:
    """What was seen.

    Attributes:
        noises: What takes turns with quiet time.
        victims: The others, who are measured.
        began_at: When the noise was made for the first time, all of it at once (seconds, monotonic clock).
        measured_at: When the turns began.
        ended_at: When they ended.
        slice_s: Length of one turn.
        patience_s: How long answers were waited for.
        two_looks: Whether a second look was planned, should the first not decide: then both use the wider interval.
        connections: The tenant that asked for many database connections; None when the target has no such request.
        before: What the victims asked for while all noise was made at once.
        operations: What they asked for in the turns.
        noise: What the noisy ones asked for in the turns.
        blocks: The blocks that the turns make.
        greedy: The request for many database connections.
        beside: The victims' database work beside it.
        usage: What the operator API said about usage.
        notes: What happened to the watching itself.
    """

    tenants: TenantNames
    noises: tuple[CampaignNoise, ...]
    victims: tuple[str, ...]
    began_at: float
    measured_at: float
    ended_at: float
    slice_s: float
    patience_s: float
    connections: ConnectionsOfOne | None = None
    two_looks: bool = False
    before: list[Operation] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    noise: list[Operation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    greedy: list[Operation] = field(default_factory=list)
    beside: list[Operation] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    events: list[PlatformEvent] = field(default_factory=list)
    usage: list[OperatorUsage] = field(default_factory=list)
    notes: list[WatchNote] = field(default_factory=list)
