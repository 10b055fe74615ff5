"""Many connections: they come in batches, stay, carry everybody's own events, and close without a trace."""

from __future__ import annotations

import math
import os
import time
import uuid

import psutil
from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import ConnectOptions, Request, SessionState
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.data.echoes import judge_echoes
from isolation.judge.resources.overhead import MemoryAtScale, judge_memory_growth
from isolation.judge.traffic.connecting import judge_sockets_gone
from isolation.judge.traffic.routing import Connection, judge_connections, judge_routing
from isolation.record import Operation
from isolation.record.echoes import Echo
from isolation.target.events import events_meaning
from isolation.target.words import Kept, Meaning
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.deliveries import final_kinds, received_events
from robot_support.many_users import HANDSHAKE_WITHIN, answer_within, ask_at_once, user_count
from robot_support.quantities import CONVERTERS, Duration
from robot_support.scenario import Scenario, scenario

_ENOUGH = 3_000
_ROUND = 1.0


@library(scope="GLOBAL", converters=CONVERTERS)
class ScalingLibrary(DynamicCore):
    """Opens connections in batches, holds them, and follows every frame of every connection."""

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def connect_in_batches(self, batch: int, pause: Duration) -> None:
        """Create the users and connect them batch by batch; every frame of every connection is kept from here on.

        Args:
            batch: Users of one batch, who connect at the same moment.
            pause: From the start of one batch to the start of the next.

        Example:
        | Connect In Batches | 20 | 500 ms |
        """
        run, now = runs.current(), scenario()
        agents = run.manager.create_tenant_agents(user_count(), prefix="user")
        now.tenants.extend(agents)
        run.engine.call("take_frames")
        run.engine.call("record_frames", True)
        options = ConnectOptions(at_once=batch, attempts=1, timeout_s=HANDSHAKE_WITHIN)
        memory = list[MemoryAtScale]()
        for first in range(0, len(agents), batch):
            due = time.monotonic() + pause
            now.openings.extend(run.manager.connect(agents[first : first + batch], options, timeout=answer_within()))
            time.sleep(max(0.0, due - time.monotonic()))
            connected = sum(opening.opening is not None for opening in now.openings)
            memory.append(MemoryAtScale(connected, _own_memory()))
        now.notes["own memory"] = memory

    @keyword
    def own_memory_should_be_linear(self, promise: str) -> None:
        """The memory of the suite's own processes should have grown with the connections in a straight line at most.

        Args:
            promise: Id of the promise; its limit ``memory growth`` decides.

        Example:
        | Own Memory Should Be Linear | OP-1 |
        """
        memory = scenario().notes.get("own memory")
        assert isinstance(memory, list), "nobody has connected in batches"
        COLLECTOR.decide(judge_memory_growth(memory, promise, runs.current().limit(promise, "memory growth")))

    @keyword
    def hold_connections(self, duration: Duration) -> None:
        """Keep all connections open for a while; about every second everybody sends messages, one with its own text.

        Together at least 3,000, so that one answer in 1,000 that goes astray is seen with 95 % certainty (rule of three).

        Args:
            duration: How long.

        Example:
        | Hold Connections | 3 seconds |
        """
        end, echoes, operations = time.monotonic() + duration, list[Echo](), list[Operation]()
        rounds = max(1, math.floor(duration / _ROUND))
        each = math.ceil(_ENOUGH / (rounds * max(1, len(scenario().tenants))))
        for left in reversed(range(rounds)):
            agents = _open()
            requests = [Request(agent.name, "report", {"text": _text_of(agent)}) for agent in agents]
            small = [Request(agent.name, "noop") for agent in agents for _ in range(each - 1)]
            asked = ask_at_once([*requests, *small], answer_within())
            operations += asked
            echoes += [
                Echo(op.tenant, str(ask.arguments["text"]), _echo(op)) for ask, op in zip(requests, asked, strict=False)
            ]
            if not all(operation.answered for operation in asked):
                break  # decided already, and whoever waits for a lost answer waits long
            time.sleep(max(0.0, end - _ROUND * left - time.monotonic()))
        scenario().operations["held"] = operations
        scenario().notes["echoes"] = echoes

    @keyword
    def close_all_connections(self) -> None:
        """Note which connections still stand and how many the kernel counts, close all of them politely, and take the frames that were kept.

        Example:
        | Close All Connections |
        """
        run, now = runs.current(), scenario()
        before: list[SessionState] = run.engine.call("sessions")
        standing = {state.name for state in before if state.is_open}
        now.notes["sockets"] = _sockets()
        states: list[SessionState] = run.engine.call("disconnect", now.names)
        codes = {state.name: state.close_code for state in states}
        run.manager.disconnect(now.tenants)
        now.notes["connections"] = [
            Connection(
                session=found.name,
                tenant=found.name,
                opened=found.opening is not None,
                dropped=found.opening is not None and found.name not in standing,
                close_code=codes.get(found.name),
            )
            for found in now.openings
        ]
        run.engine.call("record_frames", False)
        now.notes["events"] = received_events(run.target, run.engine.call("take_frames"))

    @keyword
    def connections_should_have_been_stable(self, promise: str) -> None:
        """Everybody should have been connected until the end, nobody dropped, and every connection closed cleanly.

        Args:
            promise: Id of the promise; its limit ``dropped`` decides.

        Example:
        | Connections Should Have Been Stable | CS-4 |
        """
        connections = scenario().notes["connections"]
        assert isinstance(connections, list)
        limit = runs.current().limit(promise, "dropped")
        COLLECTOR.decide(judge_connections(promise, connections, len(scenario().tenants), limit))

    @keyword
    def every_event_should_have_reached_its_own_session(self, promise: str) -> None:
        """Every event should have arrived exactly once, in order, and only where it was asked for, with its own text.

        Args:
            promise: Id of the promise; its limit ``routing`` decides.

        Example:
        | Every Event Should Have Reached Its Own Session | CS-4 |
        """
        run, now = runs.current(), scenario()
        events, echoes = now.notes["events"], now.notes["echoes"]
        assert isinstance(events, list) and isinstance(echoes, list)
        found = judge_routing(
            promise,
            now.operations["held"],
            events,
            final_kinds(run.target),
            events_meaning(run.target, Meaning.ACCEPTED),
            run.limit(promise, "routing"),
        )
        if now.operations["held"] and not any(operation.answered for operation in now.operations["held"]):
            COLLECTOR.diagnosis = COLLECTOR.diagnosis or _nobody_answered(now)
        COLLECTOR.decide([*found, judge_echoes(promise, echoes)])

    @keyword
    def sockets_should_be_gone(self, promise: str) -> None:
        """The kernel should know no connection of the tenants any more.

        Args:
            promise: Id of the promise.

        Example:
        | Sockets Should Be Gone | CS-4 |
        """
        held = scenario().notes["sockets"]
        assert held is None or isinstance(held, int)
        COLLECTOR.decide(judge_sockets_gone(promise, held, _sockets(), len(scenario().tenants)))


def _sockets() -> int | None:
    """How many connections at the tenant door the kernel knows."""
    run = runs.current()
    assert run.doors is not None
    found = run.monitor.call("inventory", run.run_id, run.store_addresses(), run.doors.pid, [])
    return None if found.sockets is None else len(found.sockets)


def _own_memory() -> float:
    """Resident memory of everything that is the suite: Robot's process, the load engine and the monitor (bytes)."""
    run = runs.current()
    pids = (os.getpid(), run.engine.pid, run.monitor.pid)
    return float(sum(psutil.Process(pid).memory_info().rss for pid in pids))


def _open() -> list[TenantAgent]:
    """The users whose connections still stand: one that was dropped is counted as dropped, not as unanswered."""
    states: list[SessionState] = runs.current().engine.call("sessions")
    standing = {state.name for state in states if state.is_open}
    return [agent for agent in scenario().tenants if agent.name in standing]


def _text_of(agent: TenantAgent) -> str:
    return f"{agent.user_id} says {uuid.uuid4().hex}"


def _echo(operation: Operation) -> str | None:
    return str(operation.kept.get(Kept.ECHO)) if operation.answered else None


def _nobody_answered(now: Scenario) -> str:
    connected = sum(found.opening is not None for found in now.openings)
    return f"{connected} of {len(now.tenants)} connected, 0 of {len(now.operations['held'])} messages answered"
