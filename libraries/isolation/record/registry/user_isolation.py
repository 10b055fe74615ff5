"""The record of users whose registries, states and rights have to be their own (AR-1 to AR-4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.probes import DoorProbe
from isolation.record.experiments import experiment_record
from isolation.record.facts import Fact
from isolation.record.registry.base import RegistryRecord
from isolation.record.secrets.searches import Search
from isolation.record.usage.holdings import Holdings


@experiment_record
@dataclass(slots=True)
class UserIsolationRecord(RegistryRecord):
    """What was seen.

    Attributes:
        before: What the platform held before many agents were made; None when it could not be counted.
        peak: What it held when all of them were there.
        after: What it held after they had been removed.
        frames: What a search for planted secrets saw in all frames; None where users cannot keep any.
        own_cached: How many users got their own second answer from the cache; None where answers do not say.
        reaching: Attempts on the agents of others, and the owners' own.
        new_agents: What agents remember that were made after others had been removed.
        states: What each user read back of what it had stored, compared by fingerprint.
        roles: What each role tried, and what became of it.
    """

    before: Holdings | None = None
    peak: Holdings | None = None
    after: Holdings | None = None
    frames: Search | None = None
    own_cached: int | None = None
    reaching: list[DoorProbe] = field(default_factory=list)
    new_agents: list[Fact] = field(default_factory=list)
    states: list[Fact] = field(default_factory=list)
    roles: list[DoorProbe] = field(default_factory=list)
