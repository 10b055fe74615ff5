"""Connections are opened and lost in different ways, again and again; what is left of them is counted (AR-12)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.facts import Fact
from isolation.record.traffic.received_events import ReceivedEvent
from isolation.record.usage.holdings import Cycle
from isolation.scenarios.concurrent_startup.received_events import read_event, read_messages
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.resting import COUNTED, Rests
from isolation.scenarios.registry.staging.stage import Stage, another_session
from isolation.target.interpreter import Interpreter
from isolation.target.needs import Needs, missing
from isolation.target.words import Kept, RequestKind

CONNECTIONS = COUNTED + Needs(
    requests=(RequestKind.SUBSCRIBE, RequestKind.SESSION_END, RequestKind.SESSION_RESUME, RequestKind.CPU)
)
_THREAD = "main"
_CUT_WORK_MS = 30
_LONG_WORK_MS = 400
"""Work that still goes on when its user has come back."""
_SILENT_WITHIN_S = 3.0
_SILENCE_S = 0.1


def open_and_lose(stage: Stage, cycles: int) -> tuple[list[Cycle], list[Fact]]:
    """Every user opens another session, works, and loses it: closed gracefully, ended by request, or cut and resumed.

    Args:
        stage: The users.
        cycles: How many cycles are counted; one more before them wakes up what the platform makes once.

    Returns:
        What there was in and after every cycle, and what resumed sessions got of what they had missed.
    """
    if missing(stage.api.target, CONNECTIONS):
        return [], []
    rests, found, replays = Rests(stage), [], list[Fact]()
    for number in range(cycles + 1):
        sessions = stage.connect(another_session(user, f"cycle {number}") for user in stage.users)
        topic = stage.terms.topic_of_thread(_THREAD)
        stage.ask([Request(one.name, RequestKind.SUBSCRIBE, {Kept.TOPIC: topic}) for one in sessions], "cycles")
        stage.ask([Request(one.name, RequestKind.NOOP) for one in sessions], "cycles")
        height = rests.now()
        graceful, ended, cut = sessions[::3], sessions[1::3], sessions[2::3]
        stage.ask([Request(one.name, RequestKind.SESSION_END) for one in ended], "cycles")
        stage.disconnect([*graceful, *ended])
        replays += _cut_and_resume(stage, cut, number)
        found.append(Cycle(height, rests.at_rest()))
    return found, replays


def _cut_and_resume(stage: Stage, cut: Sequence[TenantAgent], number: int) -> list[Fact]:
    """Cut in the middle of work, come back, ask for what was missed, and leave gracefully.

    Some come back when their work has been done; the others while it goes on, so that the rest of it has to follow them.
    """
    goes_on = {one.name for one in cut[1::2]}
    stage.api.engine.begin(
        [
            Request(one.name, RequestKind.CPU, {"milliseconds": _LONG_WORK_MS if one.name in goes_on else _CUT_WORK_MS})
            for one in cut
        ]
    )
    stage.disconnect(cut, gracefully=False)
    back = stage.connect(another_session(user, f"resumed {number}") for user in stage.users[2::3])
    late, early = back[::2], back[1::2]
    # An agent works in order of arrival: once it has answered this, it has done what was asked before the cut.
    stage.ask([Request(one.name, RequestKind.NOOP) for one in late], "cycles")
    last = {old.name: 0 for old in cut}
    for event in stage.events():
        if event.session in last:
            last[event.session] = max(last[event.session], event.sequence)
    requests = []
    for one, old in zip(back, cut, strict=True):
        missed = {Kept.SESSION: stage.session_id(old.name), Kept.SEQUENCE: last[old.name]}
        requests.append(Request(one.name, RequestKind.SESSION_RESUME, {str(k): v for k, v in missed.items()}))
    stage.ask(requests, "cycles")
    stage.ask([Request(one.name, RequestKind.NOOP) for one in early], "cycles")
    _wait_for_silence(stage)
    facts = [_replay(stage, old.name, new.name, last[old.name]) for new, old in zip(back, cut, strict=True)]
    stage.disconnect(back)
    return _with_something_missed(facts)


def _with_something_missed(facts: Sequence[tuple[Fact, Fact]]) -> list[Fact]:
    """Who had received everything before the cut, which a busy machine makes late, has nothing to be replayed.

    When that is so of everybody, nobody's replay was seen, and the facts say so.
    """
    facts = [(whole, order) for whole, order in facts if not ended_otherwise(whole)]
    missed = [order for whole, order in facts if order.shown is not None or whole.shown != whole.expected]
    return [*(whole for whole, _ in facts), *(missed or [order for _, order in facts])]


def ended_otherwise(whole: Fact) -> bool:
    """Whether the work itself ended with something else than its usual last event, such as an error, and that was told.

    Nothing was missed then; why it ended so is no matter of the connection.
    """
    promised, kinds = whole.expected, whole.shown
    if not isinstance(promised, list) or not isinstance(kinds, list) or not kinds:
        return False
    return kinds[-1] not in promised and kinds[:-1] == promised[: len(kinds) - 1]


def _wait_for_silence(stage: Stage) -> None:
    """Until nobody receives anything more: replays follow their answer, and whoever closes hears no more of them."""
    before, until = None, time.monotonic() + _SILENT_WITHIN_S
    while time.monotonic() < until:
        counts = [(state.name, state.received) for state in stage.api.engine.sessions()]
        if counts == before:
            return
        before = counts
        stage.api.rest(_SILENCE_S)


def _replay(stage: Stage, old: str, new: str, last: int) -> tuple[Fact, Fact]:
    """What a session received before the cut, and what was replayed, are together all events of the work that was cut.

    Other frames that were missed, such as notifications, may come between them and after them.
    """
    asked = {r.operation.correlation_id for r in stage.requests if r.operation.session == old}
    before = [event for event in stage.events() if event.session == old]
    replayed = _replayed(stage, new)
    work = [event for event in (*before, *replayed) if event.correlation_id and event.correlation_id not in asked]
    numbers = [event.sequence for event in replayed if event.sequence]
    one_request = len({event.correlation_id for event in work}) == 1
    kinds = [event.kind for event in work] if one_request else None
    in_order = numbers == sorted(set(numbers)) and all(number > last for number in numbers)
    promised = list(stage.api.target.words.events)
    return (
        fact(new, "the events of the work that was cut, before and replayed", promised, kinds),
        fact(new, "whether what was replayed came once and in order", True, in_order if replayed else None),
    )


def _replayed(stage: Stage, session: str) -> list[ReceivedEvent]:
    """The missed frames that were sent again to a session."""
    target = stage.api.target
    interpreter = Interpreter(target)
    own = [frame for frame in stage.take_frames() if frame.session == session]
    return [
        read_event(interpreter.read_frame(read.kept[Kept.FRAME]), frame)
        for frame, read in read_messages(target, own)
        if Kept.FRAME in read.kept
    ]
