"""Connections come in batches, stay while everybody talks, and are closed; every frame of every connection is kept (CS-4).

All sessions count their requests from the same number, as real clients do, and every request carries a text of its own, which its
answer has to give back: ids that are unique over all tenants hide answers that are routed by the id of their request alone.
"""

from __future__ import annotations

import math
import os
import time
import uuid

import psutil

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.doors import tenant_endpoint
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation
from isolation.record.concurrent_startup.connections import Connection, ConnectionsRecord, MemoryAtScale
from isolation.record.traffic.echoes import Echo
from isolation.scenarios.api import Api, NotExamined
from isolation.scenarios.concurrent_startup.given_back import GIVES_BACK, given_back, marked
from isolation.scenarios.concurrent_startup.received_events import EventReader, by_the_targets_id, final_kinds
from isolation.target.events import events_meaning
from isolation.target.needs import Needs, keeps, tells_whose_events
from isolation.target.words import Kept, Meaning, RequestKind

NEEDS = Needs(requests=(RequestKind.REPORT,), routing=True, connection=True) + GIVES_BACK
_ENOUGH = 3_000
"""Requests of all users together: one answer in 1,000 that goes astray is then seen with 95 % certainty (rule of three)."""
_ROUND_S = 1.0


def run(api: Api) -> ConnectionsRecord:
    """As many users as the profile says, or ``CONCURRENT_TEST_USERS``; batches, pauses and holding time are the profile's."""
    users = api.make(api.user_count(), prefix="user")
    others = _sockets(api)  # an operator interface at the same port, for one
    api.engine.take_frames()
    api.engine.record_frames(True)
    try:
        memory = _connect_in_batches(api, users)
        operations, echoes = _talk(api, users)
        held = _sockets(api)
        connections = _close(api, users)
        found = api.engine.read_frames(EventReader(api.target))
    finally:
        api.engine.record_frames(False)
    work, lacks = tuple(api.target.words.events), tells_whose_events(api.target)
    return ConnectionsRecord(
        users=len(users),
        final_kinds=final_kinds(api.target),
        once_kinds=tuple(sorted(events_meaning(api.target, Meaning.ACCEPTED))),
        due={RequestKind.REPORT.value: work} if work else {},
        sockets_held=_beyond(others, held),
        sockets_left=_beyond(others, _sockets(api)),
        connections=connections,
        memory=memory,
        operations=[by_the_targets_id(operation) for operation in operations],
        echoes=echoes,
        events=[] if lacks else sorted((event for events in found for event in events), key=lambda event: event.at),
        not_told=lacks,
    )


def _connect_in_batches(api: Api, users: list[TenantAgent]) -> list[MemoryAtScale]:
    """Users of one batch connect at the same moment, once; what the suite needs after each batch."""
    scale, memory = api.profile.startup, list[MemoryAtScale]()
    options = ConnectOptions(at_once=scale.batch, attempts=1, timeout_s=api.limits["connect"].value, equal_ids=True)
    for first in range(0, len(users), scale.batch):
        due = time.monotonic() + scale.pause
        api.connect(users[first : first + scale.batch], options)
        api.rest(max(0.0, due - time.monotonic()))
        connected = sum(one.opening is not None for one in api.openings)
        memory.append(MemoryAtScale(connected, _own_memory(api)))
    if not any(one.opening for one in api.openings):
        raise NotExamined(f"none of {len(users)} users could be connected: {api.openings[0].reason}")
    return memory


def _own_memory(api: Api) -> float:
    """Bytes of Robot's process, the load engine and the monitor: the suite as it is while it holds connections."""
    here = sum(psutil.Process(pid).memory_info().rss for pid in (os.getpid(), api.monitor.pid))
    return float(here + api.engine.memory_bytes())


def _talk(api: Api, users: list[TenantAgent]) -> tuple[list[Operation], list[Echo]]:
    """About every second everybody sends messages, each with a text that nobody else sends."""
    seconds, operations, echoes = api.profile.startup.hold, list[Operation](), list[Echo]()
    end, rounds = time.monotonic() + seconds, max(1, math.floor(seconds / _ROUND_S))
    each = math.ceil(_ENOUGH / (rounds * max(1, len(users))))
    each = max(1, api.affordable(each * rounds, "show where answers go") // rounds)
    for left in reversed(range(rounds)):
        standing = {state.name for state in api.engine.sessions() if state.is_open}
        # One that was dropped is counted as dropped, not as unanswered.
        talking = [user for user in users if user.name in standing]
        requests = [
            Request(user.name, RequestKind.REPORT, {"text": _text(user)}) for _ in range(each) for user in talking
        ]
        asked = api.engine.ask(requests, api.answer_within_s)
        operations += asked
        echoes += [
            Echo(one.tenant, str(request.arguments["text"]), _heard(api, one, str(request.arguments["text"])))
            for request, one in zip(requests, asked, strict=True)
        ]
        if not all(operation.answered for operation in asked):
            break  # decided already, and whoever waits for a lost answer waits long
        api.rest(max(0.0, end - _ROUND_S * left - time.monotonic()))
    return operations, echoes


def _heard(api: Api, operation: Operation, text: str) -> str | None:
    """The text in an answer; empty when the target file says where it stands and it is not there."""
    if not operation.answered:
        return None
    heard = given_back(operation.kept, text)
    return "" if heard is None and keeps(api.target, Kept.ECHO) else heard


def _text(user: TenantAgent) -> str:
    return marked(user.user_id, uuid.uuid4().hex)


def _close(api: Api, users: list[TenantAgent]) -> list[Connection]:
    """Note which connections still stand, close all of them gracefully, and how each ended."""
    standing = {state.name for state in api.engine.sessions() if state.is_open}
    codes = {state.name: state.close_code for state in api.engine.disconnect([user.name for user in users])}
    api.manager.disconnect(users)
    return [
        Connection(
            session=one.name,
            tenant=one.name,
            opened=one.opening is not None,
            dropped=one.opening is not None and one.name not in standing,
            close_code=codes.get(one.name),
        )
        for one in api.openings
    ]


def _sockets(api: Api) -> frozenset[str] | None:
    """The connections at the tenant endpoint that the kernel knows; None when they cannot be read."""
    addresses = {"tenant_door": tenant_endpoint(api.target, api.doors)}
    sockets = api.monitor.inventory(api.run_id, addresses, api.doors.pid, []).sockets
    return None if sockets is None else frozenset(each.name for each in sockets)


def _beyond(others: frozenset[str] | None, now: frozenset[str] | None) -> int | None:
    """How many are not among those that were there before the users came; None when either could not be read.

    Sockets are told apart, not only counted: an older one that ends meanwhile must not make up for one that is left.
    """
    return None if others is None or now is None else len(now - others)
