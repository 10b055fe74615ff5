"""Processes that a target runs beside those of its agents: children of the same parents, whether its operator knows of them or not.

A target that starts something for a crashed agent and forgets it cannot name it. One that keeps a stock of processes
replaces what was lost, so only more than there were before are left over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from isolation.record import ProcessRef
from process_control.family import children, parent, started_ticks
from process_control.reading import ProcessGone

_EVERYBODYS_PARENT = 1
"""Adopts orphans of the whole machine."""


@dataclass(frozen=True, slots=True)
class Siblings:
    """Children of some parents at one moment.

    Attributes:
        children: Their children: process id and start time in clock ticks since boot, oldest first.
    """

    parents: frozenset[int]
    children: tuple[tuple[int, int], ...]

    def seen_of(self, processes: Iterable[ProcessRef]) -> int:
        """How many of these processes are among the children."""
        return sum((ref.pid, ref.started_ticks) in self.children for ref in processes)

    def surplus(self) -> list[ProcessRef]:
        """The youngest of those that have come since, as many as there are now more than there were."""
        now = look(self.parents).children
        fresh = [child for child in now if child not in self.children]
        more = max(0, len(now) - len(self.children))
        return [ProcessRef("", "", "", pid, ticks, "parent") for pid, ticks in fresh[len(fresh) - more :]]


def parents_of(processes: Iterable[ProcessRef]) -> frozenset[int]:
    """Who has started these processes; none where it cannot be told from the machine's first process."""
    found = {parent(ref.pid) for ref in processes}
    return frozenset(pid for pid in found if pid is not None and pid > _EVERYBODYS_PARENT)


def look(parents: frozenset[int]) -> Siblings:
    """Who their children are now."""
    found = []
    for pid in {child for one in parents for child in children(one)}:
        try:
            found.append((pid, started_ticks(pid)))
        except ProcessGone:
            continue  # it has ended while we looked
    return Siblings(parents, tuple(sorted(found, key=lambda child: (child[1], child[0]))))
