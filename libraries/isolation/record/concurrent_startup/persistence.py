"""The record of what users saved, what they read back after each occasion, and what others tried on it (CS-5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.database_looks import CacheLook, DatabaseLook
from isolation.record.access.probes import DoorProbe
from isolation.record.experiments import experiment_record
from isolation.record.traffic.operations import Operation


@dataclass(frozen=True, slots=True)
class SavedItem:
    """One thing that a user saved, or read back.

    Attributes:
        tenant: Whose session it was.
        user: The user who saved or read it.
        scope: Where it is kept: history, preference, memory, context.
        key: Its name there.
        digest: Digest of its value; never the value itself.
    """

    tenant: str
    user: str
    scope: str
    key: str
    digest: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What must be unique: tenant, user, scope and key."""
        return self.tenant, self.user, self.scope, self.key

    @property
    def words(self) -> str:
        """Such as ``preference 'theme' of 'ann'``."""
        return f"{self.scope} '{self.key}' of '{self.user}'"


@dataclass(frozen=True, slots=True)
class RoleRead:
    """What a tenant's own database role saw.

    Attributes:
        tenant: Whose role it is.
        table: Which table it read.
        own_rows: Rows of its own that it saw, or None when the read failed.
        foreign_rows: Rows of others that it saw.
        foreign_owner: One of these others, or empty.
        expected_own: Rows of its own that are there.
    """

    tenant: str
    table: str
    own_rows: int | None
    foreign_rows: int
    foreign_owner: str
    expected_own: int


@dataclass(frozen=True, slots=True)
class ForeignWrite:
    """One attempt to change another's thing.

    Attributes:
        writer: The tenant that tried.
        owner: The tenant whose thing it is.
        place: Where, such as a table or ``state_put``.
        changed: Whether the thing had changed when its owner looked; None when nobody could look.
        owner_could: Whether the same write by the owner did change it (the positive control).
    """

    writer: str
    owner: str
    place: str
    changed: bool | None
    owner_could: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that was read back.

    Attributes:
        occasion: What lay between saving and reading, such as ``a new connection``.
        item: What was shown.
    """

    occasion: str
    item: SavedItem


@dataclass(frozen=True, slots=True)
class RestartSeen:
    """What a restart of the platform looked like from outside.

    Attributes:
        held: Connections that were open when it was asked for.
        cut: How many of them the platform has cut since.
        process_before: Process that served; 0 when it was not told.
        process_after: The same afterwards.
        back: Whether it came back in time.
        doubt: Why the process that is said to serve afterwards cannot be the one, in words; empty when it can, or was not seen.
    """

    held: int
    cut: int
    process_before: int
    process_after: int
    back: bool
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class FreshAgents:
    """How many agents were to be restarted, and how many had another process afterwards."""

    told: int
    fresh: int


BEING_SAVED, TRIED, AGENTS_RESTARTED = "being saved", "the attempts of others", "a restart of the agents"
CONNECTED, RESTARTED = "a new connection", "a restart of the platform"
SESSIONS_ENDED = (CONNECTED, RESTARTED)
"""Occasions on which the sessions of all users have ended."""


@experiment_record
@dataclass(slots=True)
class PersistenceRecord:
    """What was seen.

    Attributes:
        kinds: What was saved, in words.
        passing: Kinds that may go with the user's last session.
        occasions: Occasions after which everything was read.
        restart: The restart of the platform, or None when it cannot be restarted.
        agents: The restart of the agents, or None when they cannot be.
        database: What the tenants' own database roles saw and tried, or None when nobody could look.
        cache: What the tenants' own cache logins reached, or None when nobody could try.
        saved: Everything that was saved.
        readings: Everything that was read.
        saving: The requests that saved.
        probes: What was tried on the things of others, and the positive controls.
    """

    kinds: tuple[str, ...]
    passing: tuple[str, ...]
    occasions: tuple[str, ...]
    restart: RestartSeen | None
    agents: FreshAgents | None
    database: DatabaseLook | None
    cache: tuple[CacheLook, ...] | None
    saved: list[SavedItem] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    saving: list[Operation] = field(default_factory=list)
    probes: list[DoorProbe] = field(default_factory=list)

    def kept_over(self, occasion: str) -> list[SavedItem]:
        """What has to be there after an occasion: not what may go with a session, when the sessions ended.

        What others destroyed, or what never was right, was lost then, and not by what came later.
        """
        passing = self.passing if occasion in SESSIONS_ENDED else ()
        kept = [item for item in self.saved if item.scope not in passing]
        if occasion in (BEING_SAVED, TRIED) or TRIED not in self.occasions:
            return kept
        there = set(self.read_after(TRIED))
        return [item for item in kept if item in there]

    def read_after(self, occasion: str) -> list[SavedItem]:
        """What was read after an occasion."""
        return [reading.item for reading in self.readings if reading.occasion == occasion]
