"""The record of every door, tried by its owner, by others and by nobody (CS-2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.probes import DoorProbe
from isolation.record.experiments import experiment_record


@experiment_record
@dataclass(slots=True)
class DoorTrialsRecord:
    """What trying the doors showed.

    Attributes:
        uncovered: Requests of the target file that address things and were not tried.
        matrix: Every door, tried by its owner, by others and by nobody.
        rules: The rules about things that are removed, failed, elsewhere or of the same name.
        not_offered: Why a rule is about nothing that the target file has, by the rule.
    """

    uncovered: tuple[str, ...] = ()
    matrix: list[DoorProbe] = field(default_factory=list)
    rules: list[DoorProbe] = field(default_factory=list)
    not_offered: dict[str, str] = field(default_factory=dict)
