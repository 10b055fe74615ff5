"""What every experiment on the registry records."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.registry.actions import RegistryAction
from isolation.record.tenants import TenantNames
from isolation.record.traffic.operations import Operation
from isolation.record.traffic.received_events import ReceivedEvent


@dataclass(slots=True)
class RegistryRecord:
    """What was asked, what it says about the registry, and what arrived.

    Attributes:
        tenants: The users, in the order of their numbers.
        operations: What became of every request; ``block`` is the part of the experiment to which it belongs.
        history: Actions on the registry, and what events, operator and kernel showed of agents.
        events: Every event that any session received, each session's in the order of arrival.
        final_kinds: Kinds of event that end a request.
        due: The events that an answered request has to have, by its kind.
        work_kinds: The events that a piece of work has to have, in order; empty when the platform promises none.
    """

    tenants: TenantNames
    operations: list[Operation] = field(default_factory=list)
    history: list[RegistryAction] = field(default_factory=list)
    events: list[ReceivedEvent] = field(default_factory=list)
    final_kinds: tuple[str, ...] = ()
    due: dict[str, tuple[str, ...]] = field(default_factory=dict)
    work_kinds: tuple[str, ...] = ()

    def part(self, name: str) -> list[Operation]:
        """The requests of one part of the experiment."""
        return [operation for operation in self.operations if operation.block == name]
