"""Incidents that really happened to others, staged: cancelled requests, a shared answer cache, used connections, storms."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from isolation.drive.probe.callers import Caller
from isolation.drive.probe.cancelling import CANCELLED, cancel_while_working
from isolation.drive.probe.exchanging import echo, exchange_of, next_id, offers, question
from isolation.drive.session.opening import SessionError
from isolation.record import Direction, Frame, Operation, Outcome
from isolation.record.traffic.exchanges import Exchange, LateFrame, Return
from isolation.target.interpreter import Interpreter
from isolation.target.model import Target
from isolation.target.words import Meaning, RequestKind

LEFT = "left in the middle of it"
"""The occasion of a request whose user leaves while it is worked on."""
_TAKEN_UP_WITHIN_S = 0.5
_QUICK_S = 0.02
"""Who answers in less has often answered before anybody could leave."""
_WORK = (Meaning.ANSWERED, Meaning.PROGRESS, Meaning.PART)
_LOOKS = (RequestKind.SESSION_INFO, RequestKind.AGENT_LIST, RequestKind.RECALL, RequestKind.HISTORY_READ)
"""What newcomers ask about themselves and what is kept for them."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What staging an incident showed.

    Attributes:
        exchanges: What was asked and got.
        frames: Every frame of every session.
        late: Frames of cancelled requests that came after their cancellation.
    """

    exchanges: list[Exchange]
    frames: list[Frame]
    late: list[LateFrame] = field(default_factory=list)


async def cancel_in_flight(
    callers: Sequence[Caller], texts: Sequence[Sequence[str]], seed: int, interpreter: Interpreter
) -> Staged:
    """Everybody cancels its requests while they work; see ``cancelling``."""
    found = await cancel_while_working(callers, texts, seed)
    cancelled = [e for e in found.exchanges if e.occasion == CANCELLED]
    return Staged(found.exchanges, found.frames, late_frames(cancelled, found.frames, interpreter))


def late_frames(cancelled: Sequence[Exchange], frames: Sequence[Frame], interpreter: Interpreter) -> list[LateFrame]:
    """The frames of a cancelled request after its cancellation, whoever received them.

    Args:
        cancelled: Requests that were to be cancelled; each has a correlation id that nothing else carries.
        frames: Every frame of every session.
        interpreter: Reads a frame: over its own session the answer to the order to cancel may well name the request.
    """
    ended = {e.correlation_id.encode(): e for e in cancelled if e.outcome is Outcome.CANCELLED}
    return [
        LateFrame(e.tenant, frame.tenant, frame.session, frame.at - e.ended_at)
        for frame in frames
        if frame.direction is Direction.RECEIVED
        for name, e in ended.items()
        if name in frame.data and e.ended_at is not None and frame.at > e.ended_at
        if _goes_on(frame, e, interpreter)
    ]


def _goes_on(frame: Frame, cancelled: Exchange, interpreter: Interpreter) -> bool:
    """Whether a frame that names a cancelled request is more of its work, or is shown to somebody else."""
    if frame.session != cancelled.session and not cancelled.correlation_id.isdecimal():
        return True
    read = interpreter.read(frame.data)
    return read.correlation_id == cancelled.correlation_id and read.meaning in _WORK


async def ask_the_same(
    victims: Sequence[Caller], strangers: Sequence[Caller], questions: Sequence[str], fresh: Sequence[str], seed: int
) -> list[Exchange]:
    """Victims ask questions twice; then strangers ask the same questions and others that nobody has asked.

    One request at a time, so that times compare; the askers take turns, so that no quota slows anybody down. When more
    requests than there are victims were not answered, times do not compare, and nobody is asked any more.

    Args:
        victims: Whose answers are cached.
        strangers: Users of other tenants.
        questions: Asked by the victims first.
        fresh: Asked by nobody before; as many.
        seed: Makes the order repeatable.
    """
    turns = [
        *((victims[number % len(victims)], "own, first time", text) for number, text in enumerate(questions)),
        *((victims[number % len(victims)], "own, again", text) for number, text in enumerate(questions)),
    ]
    order = [
        *(("foreign, asked before", text) for text in questions),
        *(("foreign, never asked", text) for text in fresh),
    ]
    random.Random(seed).shuffle(order)
    turns += [(strangers[number % len(strangers)], *what) for number, what in enumerate(order)]
    found: list[Exchange] = []
    unanswered = 0
    for asker, occasion, text in turns:
        found.append(await question(asker, occasion, text))
        unanswered += found[-1].outcome is Outcome.TIMED_OUT
        if unanswered > len(victims):
            break
    return found


async def use_after_others(
    pairs: Sequence[tuple[Caller, Caller]], profiles: Sequence[dict[str, object]], texts: Sequence[str]
) -> Staged:
    """Somebody works with secrets and leaves, politely or not, with work unfinished; at once the next one comes.

    Args:
        pairs: Who leaves and who comes, of different tenants; nobody is connected yet.
        profiles: What the leaving ones save.
        texts: A text of each newcomer.
    """
    exchanges: list[Exchange] = []
    frames: list[Frame] = []
    for number, ((leaving, coming), profile, text) in enumerate(zip(pairs, profiles, texts, strict=True)):
        await leaving.open()
        own = " ".join(str(value) for value in profile.values())
        if offers(leaving, RequestKind.STATE_PUT):
            await leaving.ask(RequestKind.STATE_PUT, scope="profile", key="me", value=profile)
        if offers(leaving, RequestKind.REMEMBER):
            await leaving.ask(RequestKind.REMEMBER, text=own)
        usual = await leaving.ask(RequestKind.REPORT, text=own)
        asks = offers(leaving, RequestKind.ASK)
        kind, word = (RequestKind.ASK, "question") if asks else (RequestKind.REPORT, "text")
        number_of = next_id(leaving)
        unfinished = leaving.session.start(kind, {word: f"unfinished {number} {own}"}, correlation_id=number_of)
        await _until_taken_up(leaving, number_of, usual.seconds)
        await (leaving.session.close() if number % 2 else leaving.session.abort())
        if not unfinished.done():
            leaving.session.give_up(unfinished)
        exchanges.append(_left(unfinished.result(), leaving, usual.seconds))
        await coming.open()
        exchanges.append(await echo(coming, "after somebody else", text))
        for kind in filter(lambda kind: offers(coming, kind), _LOOKS):
            arguments: dict[str, object] = {"thread": "main"} if kind == RequestKind.HISTORY_READ else {}
            operation = await coming.request(kind, arguments)
            exchanges.append(exchange_of("after somebody else", operation, ""))
        frames.extend(coming.log.take())
        await coming.close()
    return Staged(exchanges, frames)


async def storm(
    callers: Sequence[Caller], said: Sequence[str], texts: Sequence[str]
) -> tuple[list[Return], list[Exchange]]:
    """All connections are cut at once and all users come back at once; each takes up its old session and works.

    Args:
        callers: Everybody, connected.
        said: A text of each that an answer in the session before held: it comes again when that session is taken up.
        texts: A new text of each of them.
    """
    old = [caller.opening.session_id if caller.opening else "" for caller in callers]
    await asyncio.gather(*(caller.session.abort() for caller in callers))
    started = time.monotonic()
    returns = list(await asyncio.gather(*(_come_back(caller, started) for caller in callers)))
    back = [(c, s, t) for c, s, t, r in zip(callers, old, texts, returns, strict=True) if r.seconds is not None]
    resumed = await asyncio.gather(
        *(
            c.request(RequestKind.SESSION_RESUME, {"session": s, "sequence": 0})
            for c, s, _ in back
            if s and offers(c, RequestKind.SESSION_RESUME)
        )
    )
    answered = {operation.tenant: operation.answered for operation in resumed}
    exchanges = await asyncio.gather(*(echo(caller, "after the storm", text) for caller, _, text in back))
    again = {c.person.name: _heard_since(started, c, text) for c, text in zip(callers, said, strict=True)}
    returns = [replace(one, resumed=answered.get(one.tenant), replayed=again[one.tenant]) for one in returns]
    return returns, list(exchanges)


def _heard_since(moment: float, caller: Caller, text: str) -> int:
    """In how many frames somebody has received a text since then."""
    frames = [frame for frame in caller.log.frames if frame.at > moment and frame.direction is Direction.RECEIVED]
    return sum(text.encode() in frame.data for frame in frames)


def _left(operation: Operation, leaving: Caller, usual_s: float) -> Exchange:
    """A request whose user left. Where the target does not say in time that it begins, what was sent and not answered was under way."""
    exchange = exchange_of(LEFT, operation, "")
    return exchange if _says_that_it_begins(leaving, usual_s) else replace(exchange, taken_up=not operation.answered)


def _says_that_it_begins(caller: Caller, usual_s: float) -> bool:
    """Whether there is time to hear that a request has begun before its answer comes."""
    target = caller.target
    return usual_s >= _QUICK_S and _tells_beginnings(target)


def _tells_beginnings(target: Target) -> bool:
    return any(rule.means is Meaning.ACCEPTED for rule in target.frames)


async def _until_taken_up(caller: Caller, correlation_id: str, usual_s: float) -> None:
    """Wait until the target has begun with a request, or a moment at most; half of its time where the target does not say."""
    if not _says_that_it_begins(caller, usual_s):
        await asyncio.sleep(min(usual_s / 2, _TAKEN_UP_WITHIN_S) if usual_s >= _QUICK_S else 0)
        return
    end = time.monotonic() + _TAKEN_UP_WITHIN_S
    while time.monotonic() < end and not caller.session.is_taken_up(correlation_id):
        await asyncio.sleep(0.001)


async def _come_back(caller: Caller, started: float) -> Return:
    name = caller.person.name
    try:
        await caller.reconnect()
    except SessionError as error:
        return Return(name, None, str(error))
    return Return(name, time.monotonic() - started)
