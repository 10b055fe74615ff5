"""One handshake with a credential of any kind, and how the target replied to it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, replace

from isolation.drive.channels.channel import Refused
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.unsteady import is_steady, steady_text
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog, SessionError
from isolation.drive.session.session import Session
from isolation.record import Operation, Outcome
from isolation.target.interpreter import UnknownRequest
from isolation.target.words import RequestKind

_TOO_MUCH = (429, 502, 503, 504)
"""HTTP statuses that say nothing of the caller; any other reply that is no session does not let the caller in."""
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handshake led to.

    Attributes:
        outcome: ANSWERED when the platform took the caller for somebody, REFUSED when it said no, TIMED_OUT or LOST.
        looks: What a refusal looked like, such as ``HTTP 401, 27 bytes``, or ``closed with 4401``.
        length: Bytes of a refusal's body.
        seconds: Until then.
        session: The open session when the caller was let in and wanted to keep it.
        date: The platform's own time, as a refusal says it in its header ``Date``; empty when it does not.
    """

    outcome: Outcome
    looks: str
    length: int
    seconds: float
    session: Session | None = None
    date: str = ""


async def try_handshake(
    access: Access, person: TenantAgent, token: str, timeout_s: float = 5.0, keep: bool = False
) -> Reply:
    """Try to get in.

    Args:
        access: The way to the target; being let in means what ``session.ready`` of its file says, or that a ping is answered.
        person: Who tries.
        token: Its token; without one, everything that carries it is left out.
        keep: Whether the session stays open when it was let in.
    """
    words = {word: value for word, value in person.words.items() if word != "token"}
    stranger = replace(person, words={**words, "token": token} if token else words)
    started = time.monotonic()
    session = Session(stranger, person.name, access, FrameLog())
    outcome, looks, length = await _let_in(session, timeout_s, incomplete=not token)
    seconds = time.monotonic() - started
    if keep and outcome is Outcome.ANSWERED:
        return Reply(outcome, looks, length, seconds, session)
    await session.close()
    return Reply(outcome, looks, length, seconds)


async def _let_in(session: Session, timeout_s: float, incomplete: bool) -> tuple[Outcome, str, int]:
    """Only a target that closes has refused: one that says anything but a welcome is asked whether it serves all the same."""
    opening = asyncio.create_task(session.open(timeout_s, incomplete))
    asking: asyncio.Future[Operation] | None = None
    while not opening.done():
        await asyncio.wait([opening], timeout=_LOOK_EVERY_S)
        if asking is None and session.was_accepted and session.received_count and not opening.done():
            asking = _ask(session)
        if asking is not None and asking.done() and asking.result().answered and not opening.done():
            opening.cancel()
            await asyncio.wait([opening])
            return Outcome.ANSWERED, "served without a welcome", 0
    try:
        opening.result()
    except SessionError as error:
        return await _told(error, session, timeout_s) if error.by_frame else _refusal(error, session)
    if session.says_ready:
        return Outcome.ANSWERED, "welcome", 0
    return await _served(session, timeout_s, {"token": ""} if incomplete else {})


async def _told(error: SessionError, session: Session, timeout_s: float) -> tuple[Outcome, str, int]:
    """A platform that says no in a frame has refused unless it serves all the same."""
    outcome, looks, length = await _served(session, timeout_s, {})
    if outcome is Outcome.ANSWERED:
        return outcome, "served after it had said no", length
    return Outcome.REFUSED, f"{error}; {looks}", length


async def _served(session: Session, timeout_s: float, words: dict[str, object]) -> tuple[Outcome, str, int]:
    """A connection that stands proves nothing where the target says nothing: it is asked."""
    kind = _first_request(session)
    if kind is None:
        return Outcome.ANSWERED, "connected", 0
    operation = await session.request(kind, words, timeout_s)
    if operation.answered:
        return Outcome.ANSWERED, "served", 0
    if operation.outcome is Outcome.REFUSED:
        return Outcome.REFUSED, f"refused with {operation.code}", 0
    if session.close_code is not None:
        return Outcome.REFUSED, f"closed with {session.close_code} {session.close_reason}".rstrip(), 0
    return operation.outcome, "no reply", 0


def _first_request(session: Session) -> str | None:
    return next((kind for kind in (RequestKind.PING, RequestKind.NOOP) if session.can_ask(kind)), None)


def _ask(session: Session) -> asyncio.Future[Operation] | None:
    kind = _first_request(session)
    try:
        return session.start(kind, {}) if kind is not None else None
    except UnknownRequest:
        return None


def _refusal(error: SessionError, session: Session) -> tuple[Outcome, str, int]:
    said = error.refusal
    if said is not None and said.status:
        outcome = Outcome.LOST if said.status in _TOO_MUCH else Outcome.REFUSED
        return outcome, f"HTTP {said.status}, {len(said.body)} bytes, {_fingerprint(said)}", len(said.body)
    if said is not None:
        return Outcome.REFUSED, str(said), 0
    if error.close_code is not None:
        return Outcome.REFUSED, f"closed with {error.close_code} {session.close_reason}".rstrip(), 0
    return (Outcome.TIMED_OUT, "no reply", 0) if session.was_accepted else (Outcome.LOST, str(error), 0)


def _fingerprint(refusal: Refused) -> str:
    """A digest of a refusal's body and headers, but for what differs between any two answers."""
    headers = sorted(f"{name}: {value}" for name, value in refusal.headers)
    steady = [*filter(is_steady, headers), refusal.body.decode("utf-8", "replace")]
    return hashlib.sha256("\n".join(map(steady_text, steady)).encode()).hexdigest()[:8]
