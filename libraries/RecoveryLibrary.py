"""Recovery: what is left when agents crash or leave, and whether new tenants are served at once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import Request
from isolation.drive.watch.inventory import are_in_control_groups
from isolation.drive.watch.siblings import Siblings, look, parents_of
from isolation.judge.resources.recovery import (
    clean_from,
    judge_full_recovery,
    judge_looked_beside,
    judge_memory_back,
    judge_new_tenants,
    judge_residue,
    judge_time_until_clean,
)
from isolation.judge.rules.series import Reading, kept_from
from isolation.record import Comparison, Inventory, Limit, Operation, ProcessRef
from isolation.show.charts.recovery_curve import Remainder, recovery_curve
from process_control.family import descendants, started_ticks
from process_control.reading import ProcessGone
from process_control.signals import send
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.quantities import CONVERTERS, Duration
from robot_support.scenario import scenario

_SIGKILL = 9
_EVERY = 0.3
_TAKING: dict[str, dict[str, object]] = {"ask": {"question": "What is left of me?"}, "connection_leak": {"count": 1}}
"""Requests that leave something behind when the tenant goes: a cached answer, a database connection."""


@library(scope="GLOBAL", converters=CONVERTERS)
class RecoveryLibrary(DynamicCore):
    """Counts what tenants have on the platform, before they come and after they are gone."""

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._inventories: list[Inventory] = []
        self._beside = Siblings(frozenset(), ())
        self._at_work = (0, 0)

    @keyword
    def let_tenants_come_and_go(self, count: int) -> None:
        """Let some tenants connect, work heavily once, and leave politely; then wait until their agents are gone.

        Args:
            count: How many.

        Example:
        | Let Tenants Come And Go | 25 |
        """
        run, now = runs.current(), scenario()
        visitors = run.manager.create_tenant_agents(count, prefix="visitor")
        run.manager.establish_agent_connections(visitors)
        requests = [Request(agent.name, "heavy", {"milliseconds": 50, "megabytes": 16}) for agent in visitors]
        run.engine.call("ask", requests, 30.0, timeout=45)
        names = {agent.name for agent in visitors}
        parents = parents_of(ref for ref in run.monitor.call("processes") if ref.tenant in names)
        self._beside = Siblings(parents, ())
        run.manager.disconnect(visitors)
        deadline = time.monotonic() + 30
        while any(ref.tenant in names for ref in run.monitor.call("processes")) and time.monotonic() < deadline:
            time.sleep(0.5)
        now.visitors.extend(visitors)

    @keyword
    def count_what_is_there(self) -> None:
        """Count processes, sockets, database connections, files, cache keys and memory, before anybody works.

        Example:
        | Count What Is There |
        """
        scenario().notes["before"] = _inventory([])
        self._beside = look(self._beside.parents)

    @keyword
    def work_heavily(self, duration: Duration) -> None:
        """Let every tenant work heavily for some time, and take of everything that it could leave behind.

        That is an answer in the cache and a database connection, where the target can be asked for them.

        Args:
            duration: How long.

        Example:
        | Work Heavily | 4 seconds |
        """
        requests = [Request(name, "heavy", {"milliseconds": 100, "megabytes": 16}) for name in scenario().names]
        end = time.monotonic() + duration
        operations: list[Operation] = []
        while time.monotonic() < end:
            operations.extend(runs.current().engine.call("ask", requests, 30.0, timeout=45))
        scenario().operations["heavy"] = operations
        known_kinds = runs.current().target.requests
        for kind in [kind for kind in _TAKING if kind in known_kinds]:
            taking = [Request(name, kind, _TAKING[kind]) for name in scenario().names]
            runs.current().engine.call("ask", taking, 30.0, timeout=45)
        known = runs.current().monitor.call("processes")
        scenario().notes["known"] = [ref for ref in known if ref.tenant in scenario().names]

    @keyword
    def half_crash_and_half_leave(self) -> None:
        """Every second tenant crashes (its process is killed, its connection cut without a word); the others leave politely.

        All of them are in the middle of work. What they have then is counted: only what was seen can be seen to be gone.

        Example:
        | Half Crash And Half Leave |
        """
        run, now = runs.current(), scenario()
        run.engine.call("begin", [_unfinished(number, name) for number, name in enumerate(now.names)])
        time.sleep(0.3)
        agents = [ref for ref in run.monitor.call("processes") if ref.tenant in now.names]
        _know([*agents, *_children_of(_known())])
        now.notes["during"] = _inventory(_known())
        self._at_work = (look(self._beside.parents).seen_of(agents), len(agents))
        now.notes["lacking"] = () if are_in_control_groups(_known(), run.run_id) else ("cgroups",)
        crashing = {tenant.name for tenant in now.tenants[::2]}
        now.marks["departure"] = time.monotonic()
        for ref in _known():
            if ref.tenant in crashing:
                send(ref.pid, ref.started_ticks, _SIGKILL)
        run.manager.disconnect([tenant for tenant in now.tenants if tenant.name in crashing], gracefully=False)
        run.manager.disconnect([tenant for tenant in now.tenants if tenant.name not in crashing])

    @keyword
    def everything_should_be_gone(self, promise: str, within: Duration) -> None:
        """Nothing of the tenants that crashed or left should remain, and memory should be back near to what it was.

        Args:
            promise: Id of the promise; its limits ``clean`` and ``memory`` decide.
            within: The longest time.

        Example:
        | Everything Should Be Gone | RI-7 | 30 seconds |
        """
        run, since, before = runs.current(), scenario().marks["departure"], _noted("before")
        memory_limit = run.limit(promise, "memory")
        self._inventories = []
        while True:
            # Who restarts a crashed agent of a tenant that is gone leaves a process that nobody knew before.
            _know(run.monitor.call("processes"))
            self._inventories.append(_inventory([*_known(), *self._nobodys()]))
            latest = self._inventories[-1]
            memory_back = (latest.memory_bytes or 0) <= memory_limit.value * (before.memory_bytes or 0)
            clean = clean_from(before, self._inventories, _lacking()) is not None
            if (clean and memory_back) or latest.at > since + within:
                break
            time.sleep(_EVERY)
        limit = run.limit(promise, "clean", within)
        during = _noted("during")
        found = [
            judge_time_until_clean(promise, before, self._inventories, since, limit, _lacking()),
            *judge_residue(promise, before, during, latest, _lacking()),
            judge_looked_beside(promise, *self._at_work),
            judge_memory_back(promise, before, latest, memory_limit),
        ]
        COLLECTOR.decide(found, _chart(before, self._inventories, since, limit))

    @keyword
    def as_many_new_tenants_should_be_served(self, promise: str, within: Duration) -> None:
        """As many new tenants as departed should connect and be served at once; then the recovery is complete.

        Args:
            promise: Id of the promise; its limits ``answered`` and ``recovery`` decide.
            within: The longest time for the full recovery.

        Example:
        | As Many New Tenants Should Be Served | RI-7 | 2 minutes |
        """
        run, now = runs.current(), scenario()
        departed = len(now.tenants)
        newcomers = run.manager.create_tenant_agents(departed)
        now.tenants.extend(newcomers)
        connected = run.manager.establish_agent_connections(newcomers)
        requests = [Request(agent.name, "typical", {"milliseconds": 3}) for agent in connected]
        operations: list[Operation] = run.engine.call("ask", requests, 30.0, timeout=45)
        names = [agent.name for agent in newcomers]
        ends = [
            operation.completed_at
            for operation in operations
            if operation.answered and operation.completed_at is not None
        ]
        served_at = max(ends) if len(ends) == departed else None
        clean_at = clean_from(_noted("before"), self._inventories, _lacking())
        COLLECTOR.decide([
            judge_new_tenants(promise, operations, departed, names, run.limit(promise, "answered")),
            judge_full_recovery(promise, now.marks["departure"], clean_at, served_at, run.limit(promise, "recovery", within)),
        ])  # fmt: skip

    def _nobodys(self) -> list[ProcessRef]:
        """Processes beside the agents' of which the operator does not know whose they are."""
        known = {(ref.pid, ref.started_ticks) for ref in _known()}
        return [ref for ref in self._beside.surplus() if (ref.pid, ref.started_ticks) not in known]


def _unfinished(number: int, name: str) -> Request:
    """Work that will be broken off: of those who crash, as of those who leave, every second one calculates and the others write."""
    if number // 2 % 2 and "disk" in runs.current().target.requests:
        return Request(name, "disk", {"megabytes": 64})
    return Request(name, "heavy", {"milliseconds": 2000, "megabytes": 16})


def _inventory(known: list[ProcessRef]) -> Inventory:
    run = runs.current()
    assert run.doors is not None
    found = run.monitor.call("inventory", run.run_id, run.store_addresses(), run.doors.pid, known)
    assert isinstance(found, Inventory)
    return found


def _known() -> list[ProcessRef]:
    known = scenario().notes["known"]
    assert isinstance(known, list)
    return known


def _know(processes: Iterable[ProcessRef]) -> None:
    """Remember further processes of the tenants: whatever was theirs once must be gone in the end."""
    names = set(scenario().names)
    fresh = {(ref.pid, ref.started_ticks): ref for ref in processes if ref.tenant in names}
    scenario().notes["known"] = list({**{(ref.pid, ref.started_ticks): ref for ref in _known()}, **fresh}.values())


def _children_of(processes: Iterable[ProcessRef]) -> list[ProcessRef]:
    """What the agents have started themselves; it would survive them as orphans."""
    found = []
    for ref in processes:
        for pid in descendants(ref.pid):
            try:
                found.append(replace(ref, pid=pid, started_ticks=started_ticks(pid)))
            except ProcessGone:
                continue
    return found


def _noted(moment: str) -> Inventory:
    found = scenario().notes[moment]
    assert isinstance(found, Inventory)
    return found


def _lacking() -> tuple[str, ...]:
    """The kinds of things that the target does not make."""
    lacking = scenario().notes["lacking"]
    assert isinstance(lacking, tuple)
    return lacking


def _chart(before: Inventory, inventories: list[Inventory], since: float, limit: Limit) -> str:
    clean = Limit(value=0, unit="things", comparison=Comparison.AT_MOST, source="nothing may be left")
    lines = []
    for kind, known in before.counted().items():
        readings = [
            Reading(i.at, float(len({thing.name for thing in counted} - {thing.name for thing in known or ()})))
            for i in inventories
            if (counted := i.counted()[kind]) is not None
        ]
        lines.append(Remainder(kind, [r.at for r in readings], [r.value for r in readings], kept_from(readings, clean)))
    title = "What is left of the tenants that crashed or left"
    return recovery_curve(
        lines, title=title, unit="things left", event="crash and departure", event_at=since, deadline=limit
    )
