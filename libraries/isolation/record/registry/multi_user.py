"""The record of 25 and more users who work at once, some of whom crash or leave (AR-13 to AR-16)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.probes import DoorProbe
from isolation.record.experiments import experiment_record
from isolation.record.facts import Fact
from isolation.record.registry.base import RegistryRecord
from isolation.record.secrets.searches import Search
from isolation.record.traffic.echoes import Echo


@experiment_record
@dataclass(slots=True)
class ManyUsersRecord(RegistryRecord):
    """What was seen.

    Attributes:
        frames: What a search for planted secrets saw in all frames; None where users cannot keep any.
        ended_processes: How many processes those had who ended their sessions.
        ended_alive: How many of these still lived afterwards.
        echoes: The texts of reports, as asked for and as given back.
        states: What each user read back of its own.
        data: Attempts on the data of others, and the owners' own.
        interference: Attempts on the agents and requests of others while they work, and the owners' own.
        crashes: What became of those who crashed, and of everybody else.
        returns: What those found who came back after their session had ended.
        stayed: What those kept who stayed.
    """

    frames: Search | None = None
    ended_processes: int = 0
    ended_alive: int = 0
    echoes: list[Echo] = field(default_factory=list)
    states: list[Fact] = field(default_factory=list)
    data: list[DoorProbe] = field(default_factory=list)
    interference: list[DoorProbe] = field(default_factory=list)
    crashes: list[Fact] = field(default_factory=list)
    returns: list[Fact] = field(default_factory=list)
    stayed: list[Fact] = field(default_factory=list)
