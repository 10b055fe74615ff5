"""The record of agents that are registered, found, used and removed by many users (AR-5 to AR-8)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.probes import DoorProbe
from isolation.record.experiments import experiment_record
from isolation.record.facts import Fact
from isolation.record.registry.base import RegistryRecord


@experiment_record
@dataclass(slots=True)
class RegistrationRecord(RegistryRecord):
    """What was seen.

    Attributes:
        contexts: User, type and thread of every agent, as it was made, is shown and works.
        lookups: Agents asked for in their thread, in another one, and by others.
        threads: In whose thread agents worked and were listed.
        lifecycle: Each step in the life of one agent of every user.
        first_requests: How many agents worked in a new thread that was asked many times at once.
    """

    contexts: list[Fact] = field(default_factory=list)
    lookups: list[DoorProbe] = field(default_factory=list)
    threads: list[Fact] = field(default_factory=list)
    lifecycle: list[Fact] = field(default_factory=list)
    first_requests: list[Fact] = field(default_factory=list)
