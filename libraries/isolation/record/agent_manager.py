"""The record of tenant agents that were created, connected and cleaned up (TM-1 to TM-3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """Who an agent is.

    Attributes:
        name: As scenarios call it.
        tenant: Id of its tenant.
        user: Id of its user.
        credential: Digest of its credential, never the credential itself; empty without one.
        address: Where it connects to.
    """

    name: str
    tenant: str
    user: str
    credential: str
    address: str


@dataclass(frozen=True, slots=True)
class TriedCount:
    """A number of agents that cannot be made, and whether it was refused."""

    count: str
    refused: bool


@dataclass(frozen=True, slots=True)
class CleanUpDone:
    """One clean-up: how many sessions it closed, and what it could not remove."""

    closed: int
    left: tuple[str, ...]


@experiment_record
@dataclass(slots=True)
class AgentManagerRecord:
    """What was seen.

    Attributes:
        agents: The good agents.
        tried_counts: Numbers of agents that must be refused.
        connected: Names of those that could be connected.
        failed: Why others could not, by name.
        stranger: Name of the one whose credential is worthless.
        clean_ups: Several clean-ups in a row.
        sessions_before: Sessions of these tenants that the operator saw before; None where nobody could ask.
        sessions_after: The same afterwards.
    """

    agents: tuple[AgentIdentity, ...]
    tried_counts: tuple[TriedCount, ...]
    connected: tuple[str, ...]
    stranger: str
    clean_ups: tuple[CleanUpDone, ...]
    sessions_before: int | None
    sessions_after: int | None
    failed: dict[str, str] = field(default_factory=dict)
