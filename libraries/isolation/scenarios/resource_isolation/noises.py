"""The kinds of noise that experiments make, shared by those that follow what becomes of it and those that measure its victims."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from isolation.drive.platform.tenants import TenantAgent
from isolation.record.resource_isolation.noisy_neighbours import MessageCount
from isolation.scenarios.api import Api
from isolation.target.words import RequestKind, ResourceKind

_COUNT_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class NoiseKind:
    """One kind of noise.

    Attributes:
        request: What is asked for.
        resources: What an alert may name it for, the main one first.
        arguments: Of the request, beside ``seconds``.
    """

    request: RequestKind
    resources: tuple[ResourceKind, ...]
    arguments: dict[str, object] = field(default_factory=dict)


ENDLESS_CALCULATION = NoiseKind(RequestKind.ENDLESS_LOOP, (ResourceKind.CPU,))
MEMORY_PRESSURE = NoiseKind(RequestKind.MEMORY_PRESSURE, (ResourceKind.MEMORY, ResourceKind.CPU), {"megabytes": 400})
IO_LOAD = NoiseKind(RequestKind.IO_LOAD, (ResourceKind.IO, ResourceKind.DATABASE, ResourceKind.CPU))
MESSAGE_FLOOD = NoiseKind(RequestKind.MESSAGE_FLOOD, (ResourceKind.MESSAGES, ResourceKind.CPU), {"bytes": 200})
FOUR_KINDS = (ENDLESS_CALCULATION, MEMORY_PRESSURE, IO_LOAD, MESSAGE_FLOOD)


@contextmanager
def counting_messages(api: Api, names: set[str]) -> Iterator[list[MessageCount]]:
    """Count meanwhile, in the background, how many messages the sessions of some tenants have received."""
    counts: list[MessageCount] = []
    over = threading.Event()

    def count() -> None:
        while not over.wait(_COUNT_EVERY_S):
            now, sessions = time.monotonic(), api.engine.sessions()
            counts.extend(MessageCount(now, one.name, one.received) for one in sessions if one.name in names)

    with ThreadPoolExecutor(1, "counting messages") as pool:
        counting = pool.submit(count)
        try:
            yield counts
        finally:
            over.set()
    counting.result()


def renew_sessions(api: Api, users: list[TenantAgent]) -> None:
    """Drop the connections of some users, which breaks off what they do, and open new ones."""
    api.manager.disconnect(users)
    api.connect(users)


def without_process(api: Api, names: set[str]) -> tuple[str, ...]:
    """Who has no process any more: the operator API alone would be believed when it stops showing a process that runs on."""
    shown = {ref.tenant for ref in api.monitor.processes()}
    pids: dict[str, set[int]] = {}
    for sample in api.samples():
        pids.setdefault(sample.tenant, set()).add(sample.pid)
    return tuple(sorted(n for n in names if n not in shown and not any(map(psutil.pid_exists, pids.get(n, ())))))
