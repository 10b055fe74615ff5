"""What all shows need."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from component.gateway.platform_client import Client, Operator, RunningPlatform

SECRET = "MARKER-0123456789-" * 3
#: Gets the platform, a user "ann" of the tenant "acme", a user "bob" of "globex", and the operator; says whether the defect showed.
Show = Callable[[RunningPlatform, Client, Client, Operator], Awaitable[bool]]


async def pid_of(operator: Operator, tenant: str) -> int:
    """The process of a tenant's first agent."""
    return int((await operator.ask("agents", tenant=tenant))[0]["pid"])


def resident_bytes(pid: int) -> int:
    """The memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


async def processor_ticks(pid: int, seconds: float) -> int:
    """The processor time that a process uses by itself in so many seconds, in hundredths of a second."""
    before = _ticks(pid)
    await asyncio.sleep(seconds)
    return _ticks(pid) - before


def _ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])
