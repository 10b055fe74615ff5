"""Counting what tenants have on a platform, through doors that any target has: processes, sockets, stores, folders.

Everything that a run creates carries the run's id, so only such things are counted; what cannot be read is None, never 0.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import redis.asyncio

from isolation.record import Inventory, ProcessRef, Thing
from process_control.family import descendants, started_ticks
from process_control.folders import everything_below
from process_control.proc.net_tcp import CLOSE_WAIT, ESTABLISHED, read_tcp_connections
from process_control.proc.pid_cgroup import read_groups
from process_control.reading import ProcessGone, ProcessReader


async def take_inventory(
    run_id: str,
    doors: dict[str, str],
    platform_pid: int,
    known: list[ProcessRef],
    folders: list[str],
    expiring_s: float = 0.0,
) -> Inventory:
    """Count everything that carries the run's id.

    Args:
        doors: Addresses: ``tenant_door``, and ``postgresql`` and ``redis`` where the target names them.
        platform_pid: Process of the platform, or 0 when the suite did not start it.
        known: Agent processes that were seen while they worked.
        folders: Folders in which agents keep temporary files.
        expiring_s: Cache keys that end by themselves within so many seconds are not counted.
    """
    return Inventory(
        at=time.monotonic(),
        processes=tuple(_processes(known, zombies=False)),
        zombies=tuple(_processes(known, zombies=True)),
        sockets=_sockets(urlsplit(doors["tenant_door"]).port),
        database_connections=await _database_connections(doors.get("postgresql"), run_id),
        temp_files=_files(folders),
        cache_keys=await _cache_keys(doors.get("redis"), run_id, expiring_s),
        cgroups=control_groups(run_id, populated=True),
        memory_bytes=_memory(platform_pid) if platform_pid else None,
    )


def _processes(known: list[ProcessRef], zombies: bool) -> list[Thing]:
    found = []
    for ref in known:
        try:
            with ProcessReader(ref.pid, ref.started_ticks) as reader:
                if reader.is_zombie() is zombies:
                    found.append(Thing(f"process {ref.pid}", ref.tenant))
        except ProcessGone:
            continue  # gone, as it should be
    return found


def _sockets(port: int | None) -> tuple[Thing, ...] | None:
    """Connections at the tenant door that the kernel still knows (both address families)."""
    try:
        connections = read_tcp_connections()
    except OSError:
        return None
    return tuple(
        Thing(f"socket of {each.remote}")
        for each in connections
        if each.local_port == port and each.state in (ESTABLISHED, CLOSE_WAIT)
    )


async def _database_connections(address: str | None, run_id: str) -> tuple[Thing, ...] | None:
    if not address:
        return None
    try:
        connection = await asyncpg.connect(address, timeout=5)
        try:
            rows = await connection.fetch(
                "SELECT pid, usename FROM pg_stat_activity WHERE position($1 in lower(usename::text)) > 0",
                run_id.lower(),
            )
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return None
    return tuple(Thing(f"connection {row['pid']}", row["usename"]) for row in rows)


async def _cache_keys(address: str | None, run_id: str, expiring_s: float) -> tuple[Thing, ...] | None:
    if not address:
        return None
    client: Any = redis.asyncio.from_url(address, socket_timeout=5)
    try:
        keys = [key async for key in client.scan_iter(match=f"*{run_id}*", count=1000)]
        if expiring_s:
            # -1: it has no end; -2: it has just ended.
            lives = [(key, await client.ttl(key)) for key in keys]
            keys = [key for key, left_s in lives if left_s == -1 or left_s > expiring_s]
        return tuple(Thing(f"key {key!r}") for key in keys)
    except (OSError, redis.RedisError):
        return None
    finally:
        await client.aclose()


def _files(folders: list[str]) -> tuple[Thing, ...] | None:
    """Files; the empty folder of a tenant that still exists is no left-over, and what is left after its removal counts then."""
    try:
        below = [path for folder in map(Path, folders) if folder.exists() for path in sorted(everything_below(folder))]
        return tuple(Thing(str(path)) for path in below if not path.is_dir())
    except OSError:
        return None


def control_groups(run_id: str, populated: bool, tree: Path = Path("/sys/fs/cgroup")) -> tuple[Thing, ...]:
    """Control groups of the run's tenants; groups of others that may not be read hold none of them.

    Args:
        run_id: Id of the run, or of one tenant.
        populated: Whether only those with a process in them count: an empty group costs nothing, and a tenant that still exists may
            keep it. Once the tenant is removed, an empty one is left over, too.
        tree: Where control groups are mounted.
    """
    return tuple(
        Thing(f"{place}/{name}")
        for place, folders, _ in os.walk(tree)
        for name in folders
        if run_id in name and (not populated or _is_populated(Path(place) / name))
    )


def _is_populated(group: Path) -> bool:
    try:
        return any(file.read_text("ascii").strip() for file in group.rglob("cgroup.procs"))
    except OSError:
        return False  # it has been removed meanwhile


def are_in_control_groups(processes: Iterable[ProcessRef], run_id: str) -> bool:
    """Whether the kernel says of any of these processes that it is in a control group of the run's tenants.

    Args:
        processes: Agent processes.
    """
    for ref in processes:
        groups = read_groups(ref.pid)
        if groups is not None and any(run_id in path for path in groups.values()):
            return True
    return False


def _memory(platform_pid: int) -> int | None:
    total = 0
    for pid in [platform_pid, *descendants(platform_pid)]:
        try:
            started_ticks(pid)
            with ProcessReader(pid) as reader:
                total += reader.pss_bytes() or reader.rss_bytes()
        except (ProcessGone, OSError):
            continue  # it ended while we looked: it has no memory
    return total or None
