"""What a platform holds at one moment, counted: by its operator, by its stores and by the kernel."""

from __future__ import annotations

from dataclasses import dataclass

_OWN_DESCRIPTORS = "handles of the gateway"
AGENT_DESCRIPTORS = "file descriptors of agents"
_GIVEN_BACK = (
    "agent processes",
    "agents",
    "sessions",
    "subscriptions",
    "buffers",
    "leases",
    "tasks",
    "rows of agents",
    "keys",
    "files",
    AGENT_DESCRIPTORS,
    _OWN_DESCRIPTORS,
)
"""What a session takes and has to give back."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """One count; None is what could not be read.

    Attributes:
        at: Seconds, monotonic clock.
        memory: Proportional memory of the platform's own processes by their role, in bytes.
        handles: Open handles of the platform's own processes by their role, without those by which they watch their own threads.
        agent_memory: Proportional memory of the agent processes, in bytes.
        agent_processes: Living processes of agents, those that the operator no longer knows included.
        counts: What the operator counts, by name: sessions, agents, tasks, subscriptions, buffers, leases.
        rows: Rows of the watched tenants in the database, by table.
        keys: Keys of the watched tenants in the cache.
        files: Files and folders of the watched tenants.
        agent_handles: Open handles of all living agent processes.
    """

    at: float
    memory: dict[str, int]
    handles: dict[str, int]
    agent_memory: int | None
    agent_processes: int
    counts: dict[str, int]
    rows: dict[str, int]
    keys: int
    files: int
    agent_handles: int = 0

    def everything(self) -> dict[str, int]:
        """All that can be counted one by one, by its name in words."""
        handles = {f"handles of the {role}": number for role, number in self.handles.items()}
        rows = {f"rows of {table}": number for table, number in self.rows.items()}
        processes = {"agent processes": self.agent_processes, "keys": self.keys, "files": self.files}
        return {**processes, AGENT_DESCRIPTORS: self.agent_handles, **self.counts, **handles, **rows}

    def given_back(self) -> dict[str, int]:
        """The number of every kind of thing that a session takes and has to give back.

        Connections of the pool are the platform's own: they come and go with its load and are no handles of anybody's.
        """
        everything = self.everything()
        numbers = {kind: everything.get(kind, 0) for kind in _GIVEN_BACK}
        return {**numbers, _OWN_DESCRIPTORS: numbers[_OWN_DESCRIPTORS] - self.counts.get("pool_size", 0)}


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of taking and giving back.

    Attributes:
        height: Counted when most was taken.
        rest: Counted when everything should have been given back.
    """

    height: Holdings
    rest: Holdings
