"""The resource monitor: watches the processes of every tenant and listens to what the target itself reports.

It lives in a process of its own (see ``worker``), because a sweep over hundreds of processes would otherwise sit inside
the loop that measures latency. Which process is whose comes from the operator's door (process id and start time).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from isolation.drive.platform.removal import remove_tenants
from isolation.drive.stores.cache_logins import CacheLogin, look_as_cache_logins
from isolation.drive.stores.database.roles import RoleLogin, look_as_roles
from isolation.drive.watch.conditions import Condition
from isolation.drive.watch.foreign_load import ForeignLoad
from isolation.drive.watch.holdings import count_holdings
from isolation.drive.watch.inventory import control_groups, take_inventory
from isolation.drive.watch.live.scrapes import LiveMetrics
from isolation.drive.watch.operator import OperatorApi, OperatorError
from isolation.drive.watch.processes.admission import Admission
from isolation.drive.watch.processes.end_of_platform import notice_the_end
from isolation.drive.watch.processes.finding import Sought, find_processes
from isolation.drive.watch.processes.platform_watch import PlatformWatch
from isolation.drive.watch.processes.sampler import ProcessSampler
from isolation.drive.watch.reports.entries import each, name_of, number, read_event, read_usage
from isolation.drive.watch.reports.notes import Notebook, keep_going, plain
from isolation.record import Inventory, OperatorUsage, PlatformEvent, ProcessRef, Sample, Thing
from isolation.record.access.database_looks import CacheLook, DatabaseLook
from isolation.record.usage.holdings import Holdings
from isolation.record.usage.platform_samples import PlatformSample
from isolation.record.usage.watch_notes import Trouble, WatchNote
from isolation.target.model import Processes, Target
from isolation.target.words import OperatorOperation, OperatorWord

_LISTEN_EVERY = 0.2
_WAIT_LOOK = 0.1
_LOOK_EVERY = 5.0
_ANSWER_WITHIN = 10.0


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
        self._api: OperatorApi | None = None
        self._names: dict[str, str] = {}
        self._words: dict[tuple[str, str], str] = {}
        self._sampler = ProcessSampler()
        self._admission = Admission(0, found_by_file=True)
        self._how: Processes | None = None
        self._sought: list[Sought] = []
        self._notebook = Notebook()
        self._samples: list[Sample] = []
        self._events: list[PlatformEvent] = []
        self._usage: list[OperatorUsage] = []
        self._last = {"alert": 0, "audit": 0}
        self._openings = {"alert": 0, "audit": 0}
        self._seen: set[tuple[str, int, str]] = set()
        self._foreign: ForeignLoad | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._cpu_before = 0.0
        self._started = time.monotonic()
        self._platform: PlatformWatch | None = None
        self._live = LiveMetrics(self)

    async def watch(
        self,
        target: Target,
        doors: dict[str, str],
        secrets: dict[str, str],
        every_s: float,
        admission: Admission | None = None,
    ) -> None:
        """Begin to watch.

        Args:
            target: Describes the operator API, how processes are found, and what the target's words mean.
            secrets: Secrets by word.
            every_s: Seconds between two samples.
            admission: Which processes count.

        Raises:
            OperatorError: When the operator API does not answer.
        """
        self._admission = admission or self._admission
        self._how = target.processes
        self._words = target.words.kinds()
        self._api = OperatorApi(target, doors, secrets)
        if self._api.offers(OperatorOperation.CAPABILITIES):
            await self._api.ask(OperatorOperation.CAPABILITIES)
        rounds: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = {
            OperatorOperation.USAGE: (every_s, self._read_operator_usage),
            OperatorOperation.ALERTS: (_LISTEN_EVERY, lambda: self._listen("alert", OperatorOperation.ALERTS)),
            OperatorOperation.AUDIT: (_LISTEN_EVERY, lambda: self._listen("audit", OperatorOperation.AUDIT)),
        }
        described = {op: one for op, one in rounds.items() if self._api.offers(op)}
        if self._how is not None:
            described |= {OperatorOperation.AGENTS: (every_s, self._discover), "samples": (every_s, self._sample_once)}
        self._tasks = [
            asyncio.create_task(keep_going(source, self._notebook, pause, one_round))
            for source, (pause, one_round) in described.items()
        ]
        if self._admission.root:
            self._tasks.append(asyncio.create_task(notice_the_end(self._admission.root, self._notebook)))
        self._started = time.monotonic()

    async def name_tenants(self, names: dict[str, str]) -> None:
        """Say how scenarios call tenants: platform's tenant id to name. Only these tenants are watched."""
        self._names.update(names)

    async def seek_users(self, users: list[Sought]) -> None:
        """Say whose processes are sought where the operator's door does not name them."""
        self._sought = users

    async def notes(self, since: float) -> list[WatchNote]:
        """What happened to the watching itself: skipped entries, gaps, refused processes, the platform's end."""
        return self._notebook.since(since)

    async def operator(self, op: str, arguments: dict[str, object]) -> Any:
        """Ask the operator's door one thing.

        Raises:
            OperatorError: When it is refused.
        """
        return await self._operator.ask(op, _ANSWER_WITHIN, **arguments)

    async def remove_tenants(self, tenants: list[str]) -> dict[str, dict[str, object] | str]:
        """Remove tenants from the target; see ``removal``."""
        return await remove_tenants(self._operator, tenants)

    async def processes(self) -> list[ProcessRef]:
        """Which process is whose, now."""
        await self._discover()
        return list(self._sampler.refs)

    async def samples(self, since: float) -> list[Sample]:
        """All samples from a moment on (seconds, monotonic clock)."""
        return [sample for sample in self._samples if sample.at >= since]

    async def sample_now(self, with_pss: bool = True) -> list[Sample]:
        """Take one sample of every process now, with proportional memory."""
        await self._discover()
        taken = self._sampler.sweep(with_pss)
        self._samples.extend(taken)
        return taken

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

    async def enforced(self) -> dict[str, tuple[int, int]]:
        """How often each tenant was throttled, and ended for memory, by the operator API; nothing where it does not count it."""
        if self._api is None or not self._api.offers(OperatorOperation.COUNTERS):
            return {}
        rows = await self._api.rows(OperatorOperation.COUNTERS)
        named = {self._names.get(str(row.get(OperatorWord.TENANT)), ""): row for row in rows}
        words = (OperatorWord.THROTTLED, OperatorWord.OUT_OF_MEMORY)
        return {name: (number(row, words[0], 0), number(row, words[1], 0)) for name, row in named.items() if name}

    @property
    def known_processes(self) -> list[ProcessRef]:
        """Which process is whose, as last seen."""
        return self._sampler.refs

    async def operator_usage(self, since: float) -> list[OperatorUsage]:
        """What the operator's door said about each tenant's usage, once a second, from a moment on."""
        return [usage for usage in self._usage if usage.at >= since]

    async def control_groups(self, tenants: list[str]) -> list[Thing]:
        """Control groups of tenants, also empty ones, as the kernel shows them."""
        return [thing for tenant in tenants for thing in control_groups(tenant, populated=False)]

    async def inventory(
        self, run_id: str, doors: dict[str, str], pid: int, known: list[ProcessRef], expiring_s: float = 0.0
    ) -> Inventory:
        """Count what the tenants of the run have on the platform; see ``inventory``."""
        offered = self._api is not None and self._api.offers(OperatorOperation.INVENTORY)
        told = await self.operator(OperatorOperation.INVENTORY, {}) if offered else {}
        folders = told.get(OperatorWord.TEMP_FOLDERS) or []
        return await take_inventory(run_id, doors, pid, known, folders, expiring_s)

    async def holdings(self, tenants: list[str]) -> Holdings:
        """Count what the platform holds; see ``holdings``. Agents of watched tenants count as long as they live."""
        await self._discover()
        return await count_holdings(self.operator, tenants, self._sampler.ever.values())

    async def holdings_at_rest(self, tenants: list[str], at_most: Holdings | None, within_s: float) -> Holdings:
        """Count until everything has been given back, at most so long; the last count.

        Args:
            tenants: Whose rows, keys and files are counted.
            at_most: What there was before; when not given, until two counts in a row agree.
        """
        until = time.monotonic() + within_s
        now = await self.holdings(tenants)
        while time.monotonic() < until:
            before, numbers = now, now.given_back()
            if at_most is not None and all(n <= at_most.given_back()[kind] for kind, n in numbers.items()):
                break
            await asyncio.sleep(_WAIT_LOOK)
            now = await self.holdings(tenants)
            if at_most is None and now.given_back() == before.given_back():
                break
        return now

    async def watch_platform(self, pid: int, database: str, every_s: float) -> None:
        """Begin to watch the platform as a whole; see ``platform_watch``."""
        await self.platform_samples()
        self._platform = PlatformWatch(pid, lambda: self.operator(OperatorOperation.INVENTORY, {}), database)
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

    async def look_as_cache_logins(
        self, address: str, run_id: str, owners: dict[str, str], logins: list[CacheLogin]
    ) -> tuple[CacheLook, ...]:
        """What the tenants' logins to the cache reach; see ``cache_logins``."""
        return await asyncio.to_thread(look_as_cache_logins, address, run_id, owners, logins)

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
        self._sampler.forget_costs()
        self._cpu_before, self._started = time.process_time(), time.monotonic()

    async def overhead(self) -> Overhead:
        """What watching has cost so far."""
        wall = time.monotonic() - self._started
        return Overhead(time.process_time() - self._cpu_before, wall, self._sampler.sweeps, self._sampler.most)

    async def serve_metrics(self, port: int) -> int:
        """Let operators' tools read the numbers; see ``live``. Returns the port on the loopback address."""
        return await self._live.open(port)

    async def close(self) -> None:
        """Stop watching."""
        await self._live.close()
        await self.platform_samples()
        for task in self._tasks:
            task.cancel()
        self._sampler.close()
        if self._api is not None:
            await self._api.close()

    @property
    def _operator(self) -> OperatorApi:
        if self._api is None:
            raise OperatorError("nobody watches yet: the operator API is not known")
        return self._api

    async def _sample_once(self) -> None:
        self._samples.extend(self._sampler.sweep())

    async def _look_forever(self, foreign: ForeignLoad) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            foreign.look()

    async def _listen(self, stream: str, op: str) -> None:
        if self._openings[stream] != self._operator.openings:
            # The platform may have restarted and count from 1 again: read all, and pass over what is known.
            self._openings[stream] = self._operator.openings
            self._last[stream] = 0
        answer = await self._operator.rows(op, after=self._last[stream])
        now = time.monotonic()

        def read(entry: Mapping[str, Any]) -> PlatformEvent | None:
            sequence = number(entry, "sequence")
            self._last[stream] = max(self._last[stream], sequence)
            identity = (stream, sequence, str(entry.get("at"))[:40])
            if identity in self._seen:
                return None
            self._seen.add(identity)
            return read_event(entry, stream, now, self._names, self._words)

        self._events.extend(each(answer, op, self._notebook, read))

    async def _read_operator_usage(self) -> None:
        answer = await self._operator.rows(OperatorOperation.USAGE)
        now = time.monotonic()
        self._usage.extend(each(answer, "usage", self._notebook, lambda entry: read_usage(entry, now, self._names)))

    async def _discover(self) -> None:
        if self._how is None:
            return
        if not self._how.operator:
            refs = await asyncio.to_thread(find_processes, self._how, self._sought)
        else:
            refs = list(
                each(await self._operator.rows(OperatorOperation.AGENTS), "agents", self._notebook, self._named)
            )
        counting = []
        for ref in refs:
            known = self._admission.counts(ref.pid, ref.started_ticks)
            refusal = "" if known else self._admission.refusal(ref.pid, ref.started_ticks)
            if not refusal:
                counting.append(ref)
            elif (
                ref.pid,
                ref.started_ticks,
            ) not in self._sampler.ever:  # one that counted has ended: the samples show it
                self._notebook.note(
                    Trouble.REFUSED, "agents", f"process {plain(ref.pid, 20)} of '{ref.tenant}': {refusal}"
                )
        self._sampler.follow(counting)

    def _named(self, agent: Mapping[str, Any]) -> ProcessRef | None:
        tenant = name_of(agent, "tenant", needed=True)
        if tenant not in self._names or not agent.get(OperatorWord.PID):
            return None
        pid, ticks = number(agent, "pid"), number(agent, "started_ticks")
        return ProcessRef(
            self._names[tenant], name_of(agent, "user"), name_of(agent, OperatorWord.AGENT), pid, ticks, "operator"
        )
