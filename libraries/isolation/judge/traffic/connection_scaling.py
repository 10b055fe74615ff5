"""Many connections stay, carry their own user's events only, and close without a trace (CS-4, OP-1)."""

from __future__ import annotations

from isolation.judge.data.echoes import judge_echoes
from isolation.judge.resources.overhead import judge_memory_growth
from isolation.judge.rules.verdicts import not_applicable
from isolation.judge.traffic.connecting import judge_sockets_gone
from isolation.judge.traffic.routing import judge_connections, judge_routing
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement
from isolation.record.concurrent_startup.connections import ConnectionsRecord
from isolation.record.limits import Limits


def judge_own_events(promise: str, record: ConnectionsRecord, limits: Limits) -> list[Measurement]:
    """Every event arrived once, in order, and only where it was asked for; every answer gave back its own request's text."""
    answered = sum(operation.answered for operation in record.operations)
    echoes = judge_echoes(promise, record.echoes, answered)
    if record.not_told:
        served = judge_served(
            promise, "requests answered", record.operations, limits["routing"], "over their own session"
        )
        return [not_applicable(promise, "events followed one by one", record.not_told), served, echoes]
    routing = judge_routing(
        promise,
        record.operations,
        record.events,
        record.final_kinds,
        record.once_kinds,
        limits["routing"],
        record.due,
    )
    return [*routing, echoes]


def judge_stable_connections(promise: str, record: ConnectionsRecord, limits: Limits) -> list[Measurement]:
    """Everybody was connected until the end, nobody was dropped, and every connection closed cleanly."""
    return judge_connections(promise, record.connections, record.users, limits["dropped"], limits["not opened"])


def judge_sockets(promise: str, record: ConnectionsRecord, limits: Limits) -> list[Measurement]:
    """The kernel knows no connection of the users any more."""
    return [judge_sockets_gone(promise, record.sockets_held, record.sockets_left, record.users)]


def judge_own_memory(promise: str, record: ConnectionsRecord, limits: Limits) -> list[Measurement]:
    """The memory of the suite's own processes grew with the connections in a straight line at most."""
    return [judge_memory_growth(record.memory, promise, limits["memory growth"])]
