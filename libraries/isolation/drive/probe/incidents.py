"""Incidents that really happened to others, staged: cancelled requests, a shared answer cache, used connections, storms.

The model of the first is the incident of March 2023 in which a cancelled request left its answer in a pooled connection,
so that the next user of the connection received it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from isolation.drive.probe.callers import Caller
from isolation.drive.session.opening import SessionError
from isolation.record import Direction, Frame, Operation, Outcome
from isolation.record.exchanges import Exchange, LateFrame, Return
from isolation.target.words import Kept, RequestKind

CANCELLED = "cancelled"
"""The occasion of a request that was to be cancelled."""
LEFT = "left in the middle of it"
"""The occasion of a request whose user leaves while it is worked on."""
_ANSWER_S = 10.0
_TAKEN_UP_WITHIN_S = 0.5
_LONGEST_PAUSE_S = 0.02
"""A cancellation leaves this much after its request at most: while it waits, works or has just ended."""


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


async def cancel_in_flight(callers: Sequence[Caller], texts: Sequence[Sequence[str]], seed: int) -> Staged:
    """Everybody cancels its requests while they work, and asks for the next thing over the same session at once.

    Args:
        callers: Who asks, all at the same time.
        texts: For each of them texts of its own, each used once.
        seed: Makes the pauses repeatable.
    """
    rng = random.Random(seed)
    for caller in callers:
        caller.log.take()
    nested = await asyncio.gather(
        *(_cancelling(caller, own, random.Random(rng.random())) for caller, own in zip(callers, texts, strict=True))
    )
    await asyncio.sleep(0.3)  # an answer that was held back would come now
    frames = [frame for caller in callers for frame in caller.log.take()]
    exchanges = [exchange for exchanges in nested for exchange in exchanges]
    return Staged(exchanges, frames, late_frames([e for e in exchanges if e.occasion == CANCELLED], frames))


def late_frames(cancelled: Sequence[Exchange], frames: Sequence[Frame]) -> list[LateFrame]:
    """The frames that name a cancelled request after its cancellation, whoever received them.

    Args:
        cancelled: Requests that were to be cancelled; each has a correlation id that nothing else carries.
        frames: Every frame of every session.
    """
    ended = {e.correlation_id.encode(): e for e in cancelled if e.outcome is Outcome.CANCELLED}
    return [
        LateFrame(e.tenant, frame.tenant, frame.session, frame.at - e.ended_at)
        for frame in frames
        if frame.direction is Direction.RECEIVED
        for name, e in ended.items()
        if name in frame.data and e.ended_at is not None and frame.at > e.ended_at
    ]


async def ask_the_same(
    victims: Sequence[Caller], strangers: Sequence[Caller], questions: Sequence[str], fresh: Sequence[str], seed: int
) -> list[Exchange]:
    """Victims ask questions twice; then strangers ask the same questions and others that nobody has asked.

    One request at a time, so that times compare; the askers take turns, so that no quota slows anybody down.

    Args:
        victims: Whose answers are cached.
        strangers: Users of other tenants.
        questions: Asked by the victims first.
        fresh: Asked by nobody before; as many.
        seed: Makes the order repeatable.
    """
    found: list[Exchange] = []
    for occasion in ("own, first time", "own, again"):
        for number, question in enumerate(questions):
            found.append(await _question(victims[number % len(victims)], occasion, question))
    order = [
        *(("foreign, asked before", text) for text in questions),
        *(("foreign, never asked", text) for text in fresh),
    ]
    random.Random(seed).shuffle(order)
    for number, (occasion, question) in enumerate(order):
        found.append(await _question(strangers[number % len(strangers)], occasion, question))
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
        await leaving.ask("state_put", scope="profile", key="me", value=profile)
        await leaving.ask("report")
        unfinished = leaving.session.start("ask", {"question": f"unfinished {number}"}, correlation_id=f"u.{number}")
        await _until_taken_up(leaving, f"u.{number}")
        await (leaving.session.close() if number % 2 else leaving.session.abort())
        if not unfinished.done():
            leaving.session.give_up(unfinished)
        exchanges.append(_exchange(LEFT, unfinished.result(), ""))
        await coming.open()
        exchanges.append(await echo(coming, "after somebody else", text))
        for kind in ("session_info", "agent_list", "recall", "history_read"):
            arguments: dict[str, object] = {"thread": "main"} if kind == "history_read" else {}
            operation = await coming.session.request(kind, arguments, _ANSWER_S)
            exchanges.append(_exchange("after somebody else", operation, ""))
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
        *(c.session.request("session_resume", {"session": s, "sequence": 0}, _ANSWER_S) for c, s, _ in back)
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


async def _until_taken_up(caller: Caller, correlation_id: str) -> None:
    """Wait until the target has begun with a request, or a moment at most."""
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


async def _cancelling(caller: Caller, texts: Sequence[str], rng: random.Random) -> list[Exchange]:
    found: list[Exchange] = []
    for number in range(0, len(texts) - 1, 2):
        text, following = texts[number], texts[number + 1]
        kind, field = ("ask", "question") if number % 4 else ("report", "text")
        correlation_id = f"c.{caller.person.name}.{number:05d}"
        running = caller.session.start(kind, {field: text}, correlation_id=correlation_id)
        await asyncio.sleep(rng.random() * _LONGEST_PAUSE_S)
        cancelling = caller.session.start("cancel", {"target": correlation_id})
        found.append(await echo(caller, "after a cancellation", following))
        await asyncio.wait([running, cancelling], timeout=_ANSWER_S)
        for done in (running, cancelling):
            if not done.done():
                caller.session.give_up(done)
        found.append(_exchange(CANCELLED, running.result(), text))
        if kind == "ask":
            found.append(await _question(caller, "asked again after a cancellation", text))
    return found


async def echo(caller: Caller, occasion: str, text: str) -> Exchange:
    """Ask for a report that gives the text back."""
    return await _asked(caller, occasion, RequestKind.REPORT, {"text": text}, text)


async def _question(caller: Caller, occasion: str, text: str) -> Exchange:
    return await _asked(caller, occasion, RequestKind.ASK, {"question": text}, text)


async def _asked(caller: Caller, occasion: str, kind: str, arguments: dict[str, object], text: str) -> Exchange:
    operation = await caller.session.request(kind, arguments, caller.patience_s)
    caller.note(operation)
    return _exchange(occasion, operation, text)


def _exchange(occasion: str, operation: Operation, text: str) -> Exchange:
    result = operation.kept
    seconds = operation.completed_at - (operation.sent_at or 0.0) if operation.completed_at is not None else 0.0
    answer = " ".join(str(result[name]) for name in (Kept.ECHO, Kept.ANSWER, Kept.USER) if name in result)
    user = result.get(Kept.USER, operation.user)
    return Exchange(
        occasion=occasion,
        tenant=operation.tenant,
        user=operation.user,
        session=operation.session,
        outcome=operation.outcome,
        seconds=seconds,
        ended_at=operation.completed_at,
        own=not operation.answered or (text in answer and user == operation.user),
        cached=bool(result.get(Kept.CACHED)),
        correlation_id=operation.correlation_id,
        code=operation.code,
        taken_up=operation.accepted_at is not None,
        carried_a_text=bool(text),
        asked=text,
        answer=answer,
    )
