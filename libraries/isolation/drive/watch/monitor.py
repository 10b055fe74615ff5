"""The resource monitor: watches the processes of every tenant and listens to what the target itself reports.

It lives in a process of its own (see ``worker``), because a sweep over hundreds of processes would otherwise sit inside
the loop that measures latency. Which process is whose comes from the operator's door (process id and start time).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isolation.drive.platform.removal import remove_tenants
from isolation.drive.stores.database_roles import RoleLogin, look_as_roles
from isolation.drive.watch.conditions import Condition
from isolation.drive.watch.foreign_load import ForeignLoad
from isolation.drive.watch.holdings import count_holdings
from isolation.drive.watch.inventory import take_inventory
from isolation.drive.watch.operator import OperatorDoor, OperatorError
from isolation.drive.watch.platform_watch import PlatformWatch
from isolation.record import Inventory, OperatorUsage, PlatformEvent, ProcessRef, Sample
from isolation.record.database_looks import DatabaseLook
from isolation.record.holdings import Holdings
from isolation.record.platform_samples import PlatformSample
from process_control.reading import ProcessGone, ProcessReader

_LISTEN_EVERY = 0.2
_WAIT_LOOK = 0.1
_LOOK_EVERY = 5.0
_ANSWER_WITHIN = 10.0
_PSS_EVERY = 30.0
_CALLED = {"quota": "set_quota", "remove": "remove_tenant"}
"""Until the target file describes the operator API itself."""
_FEW = 25
"""Up to this many processes, every sample holds the proportional memory: more would cost more than watching may."""


@dataclass(frozen=True, slots=True)
class Overhead:
    """What watching itself cost.

    Attributes:
        cpu_seconds: Processor time of the monitor's whole process: sweeps, asking the operator's door, listening.
        wall_seconds: How long the monitor has been watching.
        sweeps: How many sweeps.
        processes: Most processes in one sweep.
    """

    cpu_seconds: float
    wall_seconds: float
    sweeps: int
    processes: int


class ResourceMonitor:
    """Samples processes and collects the target's alerts and audit entries; every ``async`` method can be called."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        """Start empty."""
        self._door: OperatorDoor | None = None
        self._names: dict[str, str] = {}
        self._words: dict[tuple[str, str], str] = {}
        self._readers: dict[int, tuple[ProcessRef, ProcessReader]] = {}
        self._refs: list[ProcessRef] = []
        self._ever: dict[tuple[int, int], ProcessRef] = {}
        self._samples: list[Sample] = []
        self._events: list[PlatformEvent] = []
        self._usage: list[OperatorUsage] = []
        self._last = {"alert": 0, "audit": 0}
        self._openings = {"alert": 0, "audit": 0}
        self._seen: set[tuple[str, int, float]] = set()
        self._every = 1.0
        self._foreign: ForeignLoad | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._next_pss = 0.0
        self._sweeps = 0
        self._most = 0
        self._cpu_before = 0.0
        self._started = time.monotonic()
        self._platform: PlatformWatch | None = None

    async def watch(
        self, address: str, credential: str, every_s: float, words: dict[tuple[str, str], str] | None = None
    ) -> None:
        """Begin to watch.

        Args:
            address: The operator's door.
            credential: Its credential.
            every_s: Seconds between two samples.
            words: The suite's word for what the target reports, by stream and the target's own word.
        """
        self._words = words or {}
        self._door = OperatorDoor(address, credential)
        self._every = every_s
        await self._door.ask("capabilities")
        self._tasks = [asyncio.create_task(self._sample_forever()), asyncio.create_task(self._listen_forever())]
        self._started = time.monotonic()

    async def name_tenants(self, names: dict[str, str]) -> None:
        """Say how scenarios call tenants: platform's tenant id to name. Only these tenants are watched."""
        self._names.update(names)

    async def operator(self, op: str, arguments: dict[str, object]) -> Any:
        """Ask the operator's door one thing.

        Raises:
            OperatorError: When it is refused.
        """
        assert self._door is not None, "watch() comes first"
        return await self._door.ask(_CALLED.get(op, op), _ANSWER_WITHIN, **arguments)

    async def remove_tenants(self, tenants: list[str]) -> dict[str, dict[str, object] | str]:
        """Remove tenants from the target; see ``removal``."""
        assert self._door is not None, "watch() comes first"
        return await remove_tenants(self._door, tenants)

    async def processes(self) -> list[ProcessRef]:
        """Which process is whose, now."""
        await self._discover()
        return list(self._refs)

    async def samples(self, since: float) -> list[Sample]:
        """All samples from a moment on (seconds, monotonic clock)."""
        return [sample for sample in self._samples if sample.at >= since]

    async def sample_now(self, with_pss: bool = True) -> list[Sample]:
        """Take one sample of every process now, with proportional memory."""
        await self._discover()
        return self._sweep(with_pss)

    async def events(self, since: float) -> list[PlatformEvent]:
        """Alerts and audit entries that were first seen from a moment on (seconds, monotonic clock)."""
        return [event for event in self._events if event.seen_at >= since]

    async def wait_for(self, condition: Condition, until: float) -> bool:
        """Wait until something is so; see ``conditions``. Looks again after every sample and every time it has listened.

        Args:
            condition: What to wait for.
            until: When to give up (seconds, monotonic clock).

        Returns:
            Whether it came to be so.
        """
        while not condition.holds(self):
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(_WAIT_LOOK)
        return True

    @property
    def seen_samples(self) -> list[Sample]:
        """All samples."""
        return self._samples

    @property
    def seen_events(self) -> list[PlatformEvent]:
        """All alerts and audit entries."""
        return self._events

    @property
    def seen_usage(self) -> list[OperatorUsage]:
        """All that the operator API said about usage."""
        return self._usage

    @property
    def known_processes(self) -> list[ProcessRef]:
        """Which process is whose, as last seen."""
        return self._refs

    async def operator_usage(self, since: float) -> list[OperatorUsage]:
        """What the operator's door said about each tenant's usage, once a second, from a moment on."""
        return [usage for usage in self._usage if usage.at >= since]

    async def inventory(self, run_id: str, doors: dict[str, str], pid: int, known: list[ProcessRef]) -> Inventory:
        """Count what the tenants of the run have on the platform; see ``inventory``."""
        folders = (await self.operator("inventory", {})).get("temp_folders", [])
        return await take_inventory(run_id, doors, pid, known, folders)

    async def holdings(self, tenants: list[str]) -> Holdings:
        """Count what the platform holds; see ``holdings``. Agents of watched tenants count as long as they live."""
        await self._discover()
        return await count_holdings(self.operator, tenants, self._ever.values())

    async def watch_platform(self, pid: int, database: str, every_s: float) -> None:
        """Begin to watch the platform as a whole; see ``platform_watch``."""
        await self.platform_samples()
        self._platform = PlatformWatch(pid, lambda: self.operator("inventory", {}), database)
        await self._platform.start(every_s)

    async def platform_samples(self) -> list[PlatformSample]:
        """End the watch over the platform and return what it saw; nothing when there was none."""
        watch, self._platform = self._platform, None
        return await watch.stop() if watch is not None else []

    async def look_as_roles(
        self, address: str, run_id: str, owners: dict[str, str], logins: list[RoleLogin]
    ) -> DatabaseLook:
        """What the tenants' database roles see and can do; see ``database_roles``."""
        return await look_as_roles(address, run_id, owners, logins)

    async def watch_foreign_load(self, roots: list[int]) -> None:
        """Begin to watch how busy the machine is with processes other than these and their children."""
        self._foreign = ForeignLoad(roots)
        self._foreign.look()
        self._tasks.append(asyncio.create_task(self._look_forever(self._foreign)))

    async def foreign_load(self, since: float) -> float | None:
        """Per cent of the machine that others used since a moment; None when nobody watched."""
        return self._foreign.percent_since(since) if self._foreign is not None else None

    async def forget_overhead(self) -> None:
        """Count anew, from now on; the rare, dearer look at proportional memory is due at once, so that it is counted."""
        self._sweeps, self._most, self._next_pss = 0, 0, 0.0
        self._cpu_before, self._started = time.process_time(), time.monotonic()

    async def overhead(self) -> Overhead:
        """What watching has cost so far."""
        wall = time.monotonic() - self._started
        return Overhead(time.process_time() - self._cpu_before, wall, self._sweeps, self._most)

    async def close(self) -> None:
        """Stop watching."""
        await self.platform_samples()
        for task in self._tasks:
            task.cancel()
        for _, reader in self._readers.values():
            reader.close()
        if self._door is not None:
            await self._door.close()

    async def _sample_forever(self) -> None:
        due = time.monotonic()
        while True:
            try:
                await self._discover()
                await self._read_operator_usage()
            except OperatorError:
                pass  # the platform may be restarting; what is known is still sampled, and the gap shows in the samples
            with_pss = len(self._readers) <= _FEW or time.monotonic() >= self._next_pss
            if with_pss:
                self._next_pss = time.monotonic() + _PSS_EVERY
            self._sweep(with_pss)
            due = max(due + self._every, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _look_forever(self, foreign: ForeignLoad) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            foreign.look()

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen("alert", "alerts")
                await self._listen("audit", "audit")
            except OperatorError:
                pass  # see above: a restarting platform is asked again
            await asyncio.sleep(_LISTEN_EVERY)

    async def _listen(self, stream: str, op: str) -> None:
        assert self._door is not None
        if self._openings[stream] != self._door.openings:
            # The platform may have restarted and count from 1 again: read all, and pass over what is known.
            self._openings[stream] = self._door.openings
            self._last[stream] = 0
        entries = await self._door.ask(op, after=self._last[stream])
        now = time.monotonic()
        for entry in entries:
            self._last[stream] = max(self._last[stream], int(entry["sequence"]))
            identity = (stream, int(entry["sequence"]), float(entry["at"]))
            if identity in self._seen:
                continue
            self._seen.add(identity)
            tenant = str(entry.get("tenant") or "")
            self._events.append(
                PlatformEvent(
                    sequence=int(entry["sequence"]),
                    seen_at=now,
                    stream=stream,
                    kind=str(entry["kind"]),
                    tenant=self._names.get(tenant, tenant),
                    agent=str(entry.get("agent") or ""),
                    resource=str(entry.get("resource") or ""),
                    detail=dict(entry.get("detail") or {}),
                    word=self._words.get((stream, str(entry["kind"])), ""),
                )
            )

    async def _read_operator_usage(self) -> None:
        assert self._door is not None
        entries = await self._door.ask("usage")
        now = time.monotonic()
        self._usage.extend(
            OperatorUsage(
                at=now,
                tenant=self._names[entry["tenant"]],
                cpu_percent=float(entry["cpu_percent"]),
                memory_bytes=int(entry["memory_bytes"]),
                database_connections=int(entry["database_connections"]),
                contained=bool(entry["contained"]),
                io_bytes_per_second=float(entry.get("io_bytes_per_second", 0.0)),
                messages=int(entry.get("messages", 0)),
            )
            for entry in entries
            if entry["tenant"] in self._names
        )

    async def _discover(self) -> None:
        assert self._door is not None
        self._refs = [
            ProcessRef(
                tenant=self._names[agent["tenant"]],
                user=agent["user"],
                agent=agent["agent_id"],
                pid=int(agent["pid"]),
                started_ticks=int(agent["started_ticks"]),
                found_by="operator",
            )
            for agent in await self._door.ask("agents")
            if agent["tenant"] in self._names and agent["pid"]
        ]
        wanted = {(ref.pid, ref.started_ticks): ref for ref in self._refs}
        self._ever.update(wanted)
        for pid, (ref, reader) in list(self._readers.items()):
            if (ref.pid, ref.started_ticks) not in wanted:
                reader.close()
                del self._readers[pid]
        for ref in self._refs:
            if ref.pid not in self._readers:
                try:
                    self._readers[ref.pid] = (ref, ProcessReader(ref.pid, ref.started_ticks))
                except ProcessGone:
                    continue  # it ended between the operator's answer and now

    def _sweep(self, with_pss: bool) -> list[Sample]:
        taken: list[Sample] = []
        for pid, (ref, reader) in list(self._readers.items()):
            try:
                reading = reader.read()
                pss = reader.pss_bytes() if with_pss else None
            except ProcessGone:
                reader.close()
                del self._readers[pid]
                continue
            taken.append(
                Sample(
                    at=reading.at,
                    tenant=ref.tenant,
                    pid=pid,
                    cpu_seconds=reading.cpu_seconds,
                    rss_bytes=reading.rss_bytes,
                    pss_bytes=pss,
                    read_bytes=reading.read_bytes,
                    written_bytes=reading.written_bytes,
                    handles=reading.handles,
                    threads=reader.threads() if with_pss else None,
                    shared_bytes=reading.shared_bytes,
                )
            )
        self._sweeps += 1
        self._most = max(self._most, len(taken))
        self._samples.extend(taken)
        return taken
