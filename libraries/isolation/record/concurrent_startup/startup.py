"""The record of many users who start at the same moment (CS-1, CS-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.usage.platform_samples import PlatformSample
from isolation.record.usage.samples import Sample

AGENTS, SESSIONS, PROCESSES = "agent instances", "session ids", "process ids"
"""What each user should have of their own."""
PHASES = ("connect", "authenticate", "initialise", "first_response", "total")


@dataclass(frozen=True, slots=True)
class Startup:
    """How one user's start went; durations in seconds from the start of that phase, None where it did not end.

    Attributes:
        user: Who started.
        tenant: The user's tenant.
        connect_s: Until the connection was open, from the start of the burst.
        authenticate_s: Until the target said whose session it is.
        initialise_s: Until the user's agent had started on the first message.
        first_response_s: Until the first answer was complete.
        total_s: From the intent to connect until the first answer.
        agent: The agent instance that answered, or empty.
        session_id: The target's name of the session, or empty.
        pid: The process that the agent runs in, or None when it could not be found.
        expected: The user's own context: budget, region, tier.
        answered: The context in the answer, or None without one.
        succeeded: Whether the first message was answered.
        broke_at: The step at which the chain broke, or empty.
        foreign_owner: Whose text the answer held, when it was not the user's own.
    """

    user: str
    tenant: str
    connect_s: float | None
    authenticate_s: float | None
    initialise_s: float | None
    first_response_s: float | None
    total_s: float | None
    agent: str
    session_id: str
    pid: int | None
    expected: Mapping[str, object]
    answered: Mapping[str, object] | None
    succeeded: bool
    broke_at: str = ""
    foreign_owner: str = ""


@experiment_record
@dataclass(slots=True)
class StartupRecord:
    """What was seen.

    Attributes:
        burst_at: When the connections began (seconds, monotonic clock).
        ended_at: When the last first message had its end.
        took_s: From the first handshake to the last first answer; None when nobody was answered.
        cores: Logical processors of the machine.
        starts: One for each user.
        platform: The platform as a whole meanwhile; empty when the suite did not start it.
        agents: One sample of each agent process after the first answers.
        worked: Processor seconds that were asked for and answered after that, by tenant; empty where nothing can use any.
        after_work: One sample of each agent process after that work.
        not_told: Why the target does not tell something that each user should have of their own, by what it is.
    """

    burst_at: float
    ended_at: float
    took_s: float | None
    cores: int
    starts: list[Startup] = field(default_factory=list)
    platform: list[PlatformSample] = field(default_factory=list)
    agents: list[Sample] = field(default_factory=list)
    worked: dict[str, float] = field(default_factory=dict)
    after_work: list[Sample] = field(default_factory=list)
    not_told: dict[str, str] = field(default_factory=dict)
