"""Counting what a platform holds: the operator's inventory, the residue of its tenants, and the kernel's own view.

The processes are read by the suite itself; the operator only says which process has which role.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from isolation.record import ProcessRef
from isolation.record.usage.holdings import Holdings
from isolation.target.words import OperatorOperation, OperatorWord
from process_control.reading import ProcessGone, ProcessReader

Request = Callable[[str, dict[str, object]], Awaitable[Any]]


async def count_holdings(ask: Request, tenants: Iterable[str], agents: Iterable[ProcessRef]) -> Holdings:
    """Count once.

    Args:
        ask: Asks the operator's door one thing.
        tenants: Whose rows, keys and files are counted.
        agents: Every agent process that was ever seen; those that still live are counted.
    """
    inventory = await ask(OperatorOperation.INVENTORY, {})
    rows: Counter[str] = Counter()
    keys = files = 0
    for tenant in tenants:
        residue = await ask(OperatorOperation.RESIDUE, {"tenant": tenant})
        rows.update({table: int(number) for table, number in (residue.get(OperatorWord.ROWS) or {}).items()})
        keys += int(residue.get(OperatorWord.KEYS) or 0)
        files += int(residue.get(OperatorWord.FILES) or 0)
    read = {role: _read(int(pid)) for role, pid in (inventory.get(OperatorWord.PROCESSES) or {}).items()}
    own = {role: found for role, found in read.items() if found is not None}
    living = [found for ref in agents if (found := _read(ref.pid, ref.started_ticks)) is not None]
    return Holdings(
        at=time.monotonic(),
        memory={role: memory for role, (memory, _) in own.items()},
        handles={role: handles for role, (_, handles) in own.items() if handles is not None},
        agent_memory=sum(memory for memory, _ in living),
        agent_processes=len(living),
        counts={name: number for name, number in inventory.items() if isinstance(number, int)},
        rows=dict(rows),
        keys=keys,
        files=files,
        agent_handles=sum(handles for _, handles in living if handles is not None),
    )


def _read(pid: int, started_ticks: int | None = None) -> tuple[int, int | None] | None:
    """Memory in bytes and handles of one process, or None when it has ended."""
    try:
        with ProcessReader(pid, started_ticks) as reader:
            if reader.is_zombie():
                return None
            own_looks = _looks_at_itself(pid)
            handles = reader.handles()
            return reader.pss_bytes() or reader.rss_bytes(), None if handles is None else handles - own_looks
    except ProcessGone:
        return None


def _looks_at_itself(pid: int) -> int:
    """Handles with which a process watches its own threads: embedded databases keep some per thread of their pools."""
    looks = 0
    try:
        for handle in os.listdir(f"/proc/{pid}/fd"):
            try:
                looks += os.readlink(f"/proc/{pid}/fd/{handle}").startswith(f"/proc/{pid}/")
            except FileNotFoundError:
                continue  # closed since the folder was listed
    except OSError:
        return 0
    return looks
