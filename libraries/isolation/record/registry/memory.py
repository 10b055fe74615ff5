"""The record of memory and resources while many users work, visit, and stay for long (AR-19 to AR-21)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.experiments import experiment_record
from isolation.record.registry.base import RegistryRecord
from isolation.record.usage.holdings import Cycle, Holdings


@experiment_record
@dataclass(slots=True)
class RegistryMemoryRecord(RegistryRecord):
    """What was counted; empty or None where the target cannot be counted.

    Attributes:
        before: Before all users worked at the same time.
        after: After that, when everything had come to rest.
        meanwhile: While they worked.
        visits: While visitors were there, and after they had left; every visit has new visitors.
        rounds: In and after each round of the long sessions.
    """

    before: Holdings | None = None
    after: Holdings | None = None
    meanwhile: list[Holdings] = field(default_factory=list)
    visits: list[Cycle] = field(default_factory=list)
    rounds: list[Cycle] = field(default_factory=list)
