"""Open-loop load: requests leave when the plan says, whether or not earlier ones have been answered.

Latency counts from the intended send time, so a target that stalls cannot hide behind a generator that waits for it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from isolation.drive.session.pending import Countdown, PendingRequest
from isolation.drive.session.session import Session
from isolation.drive.timing.precise_sleep import PreciseSleep
from isolation.record import Operation

_AT_ONCE = 32
"""So many requests that are overdue leave in a row; then what has arrived is read first."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The steady requests of one tenant.

    Attributes:
        tenant: Who asks.
        kind: What for.
        rate: Requests per second.
        arguments: Arguments of each request.
    """

    tenant: str
    kind: str
    rate: float
    arguments: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """One request and the second, from the start of the plan, at which it should leave."""

    offset: float
    stream: Stream


def schedule(streams: list[Stream], seconds: float, seed: int) -> list[Due]:
    """When each request should leave.

    Streams of the same rate take turns in random order, evenly apart, with a jitter of a quarter of that distance: tenants that
    meet by chance make each other wait, which hides what a noise does to them (measured: the spread between blocks is a
    quarter to a third smaller without such meetings); a metronome would beat with the target's own timers.

    Args:
        streams: Who asks for what, how often.
        seconds: Length of the plan.
        seed: Makes the plan repeatable.
    """
    rng = random.Random(seed)
    due: list[Due] = []
    for place, stream in enumerate(rng.sample(streams, len(streams))):
        period = 1 / stream.rate
        distance = period / len(streams)
        at = place * distance
        while at < seconds:
            due.append(Due(min(max(at + (rng.random() - 0.5) * distance / 4, 0.0), seconds), stream))
            at += period
    return sorted(due, key=lambda one: one.offset)


async def run_plan(
    due: list[Due],
    sessions: dict[str, Session],
    answer_within: float,
    block: str = "",
    hold_back: float = 0.0,
    stop: asyncio.Event | None = None,
    begins_at: float | None = None,
) -> list[Operation]:
    """Send every request when it is due and wait for the answers.

    Args:
        due: The plan.
        sessions: Open sessions by tenant name.
        answer_within: Seconds to wait, after the last request was due, for the answers that are missing then.
        block: Label that the operations carry.
        hold_back: Seconds by which the suite itself holds every request back: the control with an injected slowdown.
        stop: Ends the sending early.
        begins_at: When the plan begins (seconds, monotonic clock); now, when it is not given.

    Returns:
        One operation for each request that was due (and, when stopped early, was sent).
    """
    started = time.monotonic() if begins_at is None else begins_at
    countdown = Countdown()
    sent: list[tuple[Session, PendingRequest]] = []
    with PreciseSleep() as timer, _woken_by(stop, timer):
        for one in due:
            intended = started + one.offset
            if intended + hold_back > time.monotonic() or len(sent) % _AT_ONCE == 0:
                await timer.until(intended + hold_back)
            if stop is not None and stop.is_set():
                break
            session = sessions[one.stream.tenant]
            countdown.add()
            stream = one.stream
            sent.append((session, session.send(stream.kind, stream.arguments, intended, block, on_end=countdown.ended)))
    if sent:
        latest = started + due[len(sent) - 1].offset + hold_back + answer_within
        if not await countdown.wait(latest - time.monotonic()):
            for session, request in sent:
                session.expire(request)
    return [request.operation() for _, request in sent]


@contextmanager
def _woken_by(stop: asyncio.Event | None, timer: PreciseSleep) -> Iterator[None]:
    """Whoever stops the plan need not wait until the next request is due."""
    if stop is None:
        yield
        return
    watching = asyncio.create_task(stop.wait())
    watching.add_done_callback(lambda _: timer.wake())
    try:
        yield
    finally:
        watching.cancel()
