"""Requests that are cancelled while they are worked on, and what comes next over the same sessions.

The model is the incident of March 2023 in which a cancelled request left its answer in a pooled connection, so that the next
user of the connection received it. Whether that can happen shows only when the cancellation comes in the middle of the work:
how long a request takes is measured first, and cancellations are spread over all of that time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.drive.probe.callers import Caller
from isolation.drive.probe.exchanging import echo, exchange_of, next_id, offers, question, takes
from isolation.record import Frame, Outcome
from isolation.record.traffic.exchanges import Exchange
from isolation.target.words import RequestKind

CANCELLED = "cancelled"
"""The occasion of a request that was to be cancelled."""
AFTER = "after a cancellation"
_SHORTEST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0
_SILENCE = 3.0
"""A request that was cancelled without a word is not waited for longer than this many times its usual duration."""
_HELD_BACK_S = 0.3


@dataclass(frozen=True, slots=True)
class Cancellations:
    """What cancelling showed.

    Attributes:
        exchanges: What was asked and got.
        frames: Every frame of every session.
    """

    exchanges: list[Exchange]
    frames: list[Frame]


async def cancel_while_working(callers: Sequence[Caller], texts: Sequence[Sequence[str]], seed: int) -> Cancellations:
    """Everybody cancels its requests while they work, and asks for the next things over the same session at once.

    Args:
        callers: Who asks, all at the same time.
        texts: For each of them texts of its own, each used once.
        seed: Makes the pauses repeatable.
    """
    rng = random.Random(seed)
    for caller in callers:
        caller.log.take()
    usual = await _usual_s(callers, [own[0] for own in texts])
    nested = await asyncio.gather(
        *(
            _cancelling(caller, own[1:], random.Random(rng.random()), usual)
            for caller, own in zip(callers, texts, strict=True)
        )
    )
    await asyncio.sleep(_HELD_BACK_S)  # an answer that was held back would come now
    frames = [frame for caller in callers for frame in caller.log.take()]
    return Cancellations([exchange for exchanges in nested for exchange in exchanges], frames)


async def _usual_s(callers: Sequence[Caller], texts: Sequence[str]) -> float:
    """How long a request takes that nobody cancels; each leaves something of its own behind where that can be kept."""
    await asyncio.gather(
        *(
            caller.request(RequestKind.REMEMBER, {"text": text})
            for caller, text in zip(callers, texts, strict=True)
            if offers(caller, RequestKind.REMEMBER)
        )
    )
    found = await asyncio.gather(*(echo(one, "before", text) for one, text in zip(callers, texts, strict=True)))
    seconds = sorted(one.seconds for one in found if one.outcome is Outcome.ANSWERED)
    usual = seconds[len(seconds) // 2] if seconds else 0.0
    return min(max(usual, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)


async def _cancelling(caller: Caller, texts: Sequence[str], rng: random.Random, usual_s: float) -> list[Exchange]:
    found: list[Exchange] = []
    can_ask = offers(caller, RequestKind.ASK)
    for number in range(0, len(texts) - 1, 2):
        text, following = texts[number], texts[number + 1]
        asks = can_ask and number % 4 > 0
        kind, word = (RequestKind.ASK, "question") if asks else (RequestKind.REPORT, "text")
        correlation_id = next_id(caller)
        running = caller.session.start(kind, {word: text}, correlation_id=correlation_id)
        await asyncio.sleep(rng.random() * usual_s)
        cancelling = caller.session.start(RequestKind.CANCEL, {"target": caller.session.given_id(correlation_id)})
        if offers(caller, RequestKind.RECALL):
            # The next reader of a connection is what receives an answer that was left in it; short requests are the first.
            recalled = await caller.request(RequestKind.RECALL, {})
            found.append(exchange_of(AFTER, recalled, ""))
        found.append(await echo(caller, AFTER, following))
        await asyncio.wait([cancelling], timeout=caller.patience_s)
        await asyncio.wait([running], timeout=min(caller.patience_s, _SILENCE * usual_s))
        for done in (running, cancelling):
            if not done.done():
                caller.session.give_up(done)
        found.append(exchange_of(CANCELLED, running.result(), text if takes(caller, kind, word) else ""))
        if asks:
            found.append(await question(caller, "asked again after a cancellation", text))
    return found
