"""What tenants have on a platform at one moment, counted thing by thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a tenant may leave behind.

    Attributes:
        name: What identifies it, such as ``4711 started 88123`` or a path.
        tenant: Whose it is, or empty when that is not known.
    """

    name: str
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was there at one moment; None is what could not be read.

    Attributes:
        at: Seconds, monotonic clock.
        processes: Living processes of tenants, orphans among them.
        zombies: Ended processes that nobody has waited for.
        sockets: Open sockets towards tenants.
        database_connections: Connections of tenants' roles.
        temp_files: Temporary files and folders.
        cache_keys: Keys of sessions and agents that should go with them.
        cgroups: Control groups of tenants.
        memory_bytes: Memory of the platform with all its processes.
    """

    at: float
    processes: tuple[Thing, ...] | None = None
    zombies: tuple[Thing, ...] | None = None
    sockets: tuple[Thing, ...] | None = None
    database_connections: tuple[Thing, ...] | None = None
    temp_files: tuple[Thing, ...] | None = None
    cache_keys: tuple[Thing, ...] | None = None
    cgroups: tuple[Thing, ...] | None = None
    memory_bytes: int | None = None

    def counted(self) -> dict[str, tuple[Thing, ...] | None]:
        """The lists of things by their name in words."""
        return {
            "processes": self.processes,
            "zombies": self.zombies,
            "sockets": self.sockets,
            "database connections": self.database_connections,
            "temporary files": self.temp_files,
            "cache keys": self.cache_keys,
            "cgroups": self.cgroups,
        }


def residue(before: Inventory, after: Inventory) -> dict[str, tuple[Thing, ...] | None]:
    """What is new in `after`, by kind; None for a kind that one of the two could not read."""
    known, found = before.counted(), after.counted()
    left: dict[str, tuple[Thing, ...] | None] = {}
    for kind, things in found.items():
        earlier = known[kind]
        readable = things is not None and earlier is not None
        left[kind] = tuple(t for t in things or () if t not in (earlier or ())) if readable else None
    return left
