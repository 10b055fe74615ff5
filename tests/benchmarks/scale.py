"""What very many sessions cost: engine or shards against the reference platform in light mode; processor time of each side per unit.

Processor time hardly depends on what else the machine does; seconds do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))

from isolation.drive.load.client import EngineClient
from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.identities import Person
from isolation.drive.platform.launch import Platform
from isolation.drive.platform.tenants import TenantAgent, new_run_id
from isolation.drive.shards.opening import open_engine
from isolation.scenarios.concurrent_startup.received_events import EventReader
from isolation.scenarios.secrets.run_secrets import RunSecrets
from isolation.scenarios.secrets.searching import FrameSearch
from isolation.settings.profile import Profile
from isolation.target.model import Target

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
_AT_ONCE = 200
Done = TypeVar("Done")


@dataclass(frozen=True)
class Used:
    """Seconds, and processor seconds of the engines and of the platform."""

    seconds: float = 0.0
    engines: float = 0.0
    platform: float = 0.0


class Cost:
    """Processor time and memory of two groups of processes."""

    def __init__(self, engines: tuple[int, ...], platform: int) -> None:
        """Nothing has been done yet."""
        self.engines, self._platform = engines, platform

    def of(self, work: Callable[[], Done]) -> tuple[Done, Used]:
        """What some work gave back, and what it cost."""
        before, began = self._used(), time.monotonic()
        result = work()
        seconds = time.monotonic() - began
        after = self._used()
        return result, Used(seconds, after[0] - before[0], after[1] - before[1])

    def memory(self) -> tuple[int, int]:
        """Resident bytes of the engines and of the platform's gateway, its largest Python process."""
        tree = [psutil.Process(self._platform), *psutil.Process(self._platform).children(recursive=True)]
        gateway = max(one.memory_info().rss for one in tree if "postgres" not in one.name())
        return sum(psutil.Process(pid).memory_info().rss for pid in self.engines), gateway

    def _used(self) -> tuple[float, float]:
        tree = [psutil.Process(self._platform), *psutil.Process(self._platform).children(recursive=True)]
        return _seconds([psutil.Process(pid) for pid in self.engines]), _seconds(tree)


def _seconds(processes: list[psutil.Process]) -> float:
    used = 0.0
    for one in processes:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        used += times.user + times.system + times.children_user + times.children_system
    return used


def rows(sizes: list[int], shards: int = 1) -> Iterator[list[str]]:
    """A table: sessions, step, seconds, processor time per unit of either side."""
    yield ["sessions", "shards", "step", "units", "s", "engine us/unit", "platform us/unit"]
    target = Target.load(RESOURCES / "targets", "reference_light")
    profile = Profile.load(RESOURCES / "profiles", "large")
    for size in sizes:
        platform = Platform(target, [], profile.flat())
        engine = open_engine(shards, "", profile.shards, lambda sentence: None)
        try:
            doors = platform.open()
            engine.call("prepare", target, dict(doors.addresses), dict(doors.secrets))
            for step, units, used in _steps(
                EngineClient(engine), Cost(engine.pids, doors.pid), size, engine.call, target
            ):
                per_unit = [f"{1e6 * seconds / max(units, 1e-9):,.1f}" for seconds in (used.engines, used.platform)]
                yield [f"{size:,}", str(shards), step, f"{units:,.0f}", f"{used.seconds:.2f}", *per_unit]
        finally:
            engine.stop()
            platform.close()


def _steps(
    client: EngineClient, cost: Cost, size: int, call: Callable[..., Any], target: Target
) -> Iterator[tuple[str, float, Used]]:
    run = new_run_id()
    people = [Person(f"tenant-{n:05d}", f"{run}-t{n:05d}", f"{run}-u{n:05d}", "standard") for n in range(size)]
    agents: list[TenantAgent]
    agents, used = cost.of(lambda: call("make_users", people, timeout=300.0))
    yield "make users", size, used
    secrets = RunSecrets(run)
    secrets.plant(agents)
    client.record_frames(True)
    at_rest = cost.memory()
    options = ConnectOptions(at_once=_AT_ONCE, attempts=1, timeout_s=60.0, equal_ids=True)
    opened, used = cost.of(lambda: client.connect(agents, options, 600.0))
    assert all(one.opening is not None for one in opened), next(one.reason for one in opened if one.opening is None)
    yield "connect", size, used
    grown = [after - before for before, after in zip(at_rest, cost.memory(), strict=True)]
    yield f"memory: {grown[0] / size / 1e3:.1f} kB engine, {grown[1] / size / 1e3:.1f} kB gateway", size, Used()
    for kind, arguments in (("noop", {}), ("report", {"text": "x"})):
        requests = [
            Request(a.name, kind, {k: secrets.extra(a, 1) for k in arguments} if arguments else {}) for a in agents
        ]
        done, used = cost.of(partial(client.ask, requests, 300.0))
        assert all(one.answered for one in done), [one.code for one in done if not one.answered][:3]
        yield f"{kind}, all at once", size, used
    searches, used = cost.of(lambda: client.read_frames(FrameSearch(secrets)))
    seen = sum(one.seen.scanned_bytes for one in searches)
    assert sum(one.seen.probes for one in searches) >= 11 * size
    yield "search frames (unit: MB)", seen / 1e6, used
    requests = [Request(a.name, "noop") for a in agents]
    client.ask(requests, 300.0)
    events, used = cost.of(lambda: client.read_frames(EventReader(target)))
    yield "read events (unit: event)", sum(map(len, events)), used
    _, used = cost.of(lambda: client.disconnect([agent.name for agent in agents]))
    yield "close", size, used
