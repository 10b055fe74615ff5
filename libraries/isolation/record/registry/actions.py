"""What users asked of their registry of agents, and what else was seen of agents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from isolation.record.traffic.operations import Outcome


class Action(StrEnum):
    """What was asked of the registry."""

    CREATE = "create"
    REMOVE = "remove"
    LIST = "list"
    USE = "use"
    """Any other request that names an agent: get, execute, stop, reset, subscribe."""


@dataclass(frozen=True, slots=True)
class RegistryAction:
    """One action on the registry.

    Attributes:
        tenant: Who asked.
        user: The user of that tenant; unique over all tenants.
        action: What was asked.
        agent: The agent that it is about, or the one that the answer names; empty for a list.
        began_at: When it was sent (seconds, monotonic clock).
        ended_at: When its reply came, or None without one.
        listed: The agents that a list showed.
        door: The operation by its name, for the sentence.
        thread: The thread to which a list was limited, or empty.
        part: The part of the experiment to which it belongs.
    """

    tenant: str
    user: str
    action: Action
    agent: str
    began_at: float
    ended_at: float | None
    outcome: Outcome
    listed: tuple[str, ...] = ()
    door: str = ""
    thread: str = ""
    part: str = ""
