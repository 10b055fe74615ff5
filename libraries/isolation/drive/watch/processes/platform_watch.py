"""Watching the platform as a whole while many users start: processor, memory and database connections.

Only what any target has is read: its process tree, its own inventory, and the database's own count of clients.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from isolation.drive.watch.operator import OperatorError
from isolation.record.usage.platform_samples import PlatformSample
from process_control.family import descendants
from process_control.reading import ProcessGone, ProcessReader

_CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
_MEMORY_EVERY = 5
"""Proportional memory is read in every fifth sample only: reading it takes the processor from what is measured."""


class PlatformWatch:
    """Samples one process tree until it is stopped.

    Args:
        pid: The platform's first process.
        inventory: Asks the operator's door what the platform holds.
        database: Address of PostgreSQL for reading, or empty.
    """

    def __init__(self, pid: int, inventory: Callable[[], Awaitable[Any]], database: str = "") -> None:
        self._pid = pid
        self._inventory = inventory
        self._database = database
        self._readers: dict[int, ProcessReader] = {}
        self._cpu: dict[int, float] = {}
        self._cpu_before = 0.0
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None
        self._samples: list[PlatformSample] = []

    async def start(self, every_s: float) -> None:
        """Take a first sample and go on in the background.

        Args:
            every_s: Seconds between two samples.
        """
        if self._database:
            try:
                self._client = await asyncpg.connect(self._database, timeout=5)
            except (OSError, asyncpg.PostgresError, TimeoutError):
                self._client = None  # the samples then say None, and the judge says that it does not know
        self._sweep()
        self._cpu_before = sum(self._cpu.values())
        await self._sample(with_memory=True)
        self._task = asyncio.create_task(self._go_on(every_s))

    async def stop(self) -> list[PlatformSample]:
        """Take a last sample and end.

        Returns:
            All samples.
        """
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._sample(with_memory=True)
        for reader in self._readers.values():
            reader.close()
        if self._client is not None:
            await self._client.close()
        return self._samples

    async def _go_on(self, every_s: float) -> None:
        number = 0
        while True:
            await asyncio.sleep(every_s)
            number += 1
            await self._sample(with_memory=number % _MEMORY_EVERY == 0)

    async def _sample(self, with_memory: bool) -> None:
        used, size = await self._pool()
        clients = await self._clients()
        self._sweep()
        at, cpu = time.monotonic(), sum(self._cpu.values()) - self._cpu_before
        memory = self._memory() if with_memory else None
        self._samples.append(PlatformSample(at, len(self._readers), cpu, memory, used, size, clients))

    def _sweep(self) -> None:
        """Read the processor time of every process; an ended one keeps what it had used."""
        alive = {self._pid, *descendants(self._pid)}
        for pid in alive - self._readers.keys():
            try:
                self._readers[pid] = ProcessReader(pid)
            except ProcessGone:
                continue  # it ended before it could be read
        for pid, reader in list(self._readers.items()):
            try:
                self._cpu[pid] = reader.cpu_seconds()
            except ProcessGone:
                reader.close()
                del self._readers[pid]

    def _memory(self) -> int | None:
        total = 0
        for reader in list(self._readers.values()):
            try:
                total += reader.pss_bytes() or reader.rss_bytes()
            except ProcessGone:
                continue  # it has no memory any more
        return total or None

    async def _pool(self) -> tuple[int | None, int | None]:
        try:
            found = await self._inventory()
        except OperatorError:
            return None, None
        used, size = found.get("pool_used"), found.get("pool_limit")
        return (used, size) if isinstance(used, int) and isinstance(size, int) else (None, None)

    async def _clients(self) -> int | None:
        if self._client is None:
            return None
        try:
            return int(await self._client.fetchval(_CLIENTS))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None
