"""What a platform holds at one moment, counted: by its operator, by its stores and by the kernel."""

from __future__ import annotations

from dataclasses import dataclass


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

    def everything(self) -> dict[str, int]:
        """All that can be counted one by one, by its name in words."""
        handles = {f"handles of the {role}": number for role, number in self.handles.items()}
        rows = {f"rows of {table}": number for table, number in self.rows.items()}
        processes = {"agent processes": self.agent_processes, "keys": self.keys, "files": self.files}
        return {**processes, **self.counts, **handles, **rows}


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of taking and giving back.

    Attributes:
        height: Counted when most was taken.
        rest: Counted when everything should have been given back.
    """

    height: Holdings
    rest: Holdings
