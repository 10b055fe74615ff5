"""The requests of one session that are under way: sent, tied to their answers, ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.access import Access
from isolation.drive.session.link import Link, PreparedMessage, SessionListener
from isolation.drive.session.opening import FrameLog, as_bytes
from isolation.drive.session.pending import PendingRequest
from isolation.drive.session.request_ids import unique_ids
from isolation.record import Direction, Frame, Operation, Outcome
from isolation.target.interpreter import Call, Message, ReadFrame, UnknownRequest
from isolation.target.placeholders import UnfilledPlaceholder
from isolation.target.words import Meaning, RequestKind

NOTHING_FOR_REQUESTS = {Meaning.READY, Meaning.CLOSED, Meaning.NOTIFICATION, Meaning.OTHER}
OUTCOMES = {
    Meaning.ANSWERED: Outcome.ANSWERED,
    Meaning.PONG: Outcome.ANSWERED,
    Meaning.REFUSED: Outcome.REFUSED,
    Meaning.CANCELLED: Outcome.CANCELLED,
}
_EVENTS = "events"


class Requests:
    """What a session asks for, without how it is opened and closed."""

    __slots__ = (
        "_access",
        "_correlator",
        "_given_up",
        "_link",
        "_log",
        "_next_id",
        "_pending",
        "_words",
        "agent",
        "close_code",
        "foreign_frames",
        "name",
        "was_accepted",
    )

    def __init__(
        self,
        agent: TenantAgent,
        name: str,
        access: Access,
        log: FrameLog,
        ids: Callable[[], str] | None,
        listener: SessionListener,
    ) -> None:
        """Nothing is asked yet."""
        self.agent = agent
        self.name = name
        self._access = access
        self._log = log
        self._next_id = ids or unique_ids(name, access.integer_ids)
        self._words: Mapping[str, object] = agent.words
        self._link = Link(listener, access)
        self._correlator = access.interpreter.correlator({n: str(v) for n, v in agent.words.items()})
        self._pending: dict[str, PendingRequest] = {}
        self._given_up: set[str] | None = None
        self.was_accepted = False
        """Whether the handshake succeeded, whatever came after it."""
        self.close_code: int | None = None
        self.foreign_frames = 0
        """Frames that name another owner than the session's user."""

    @property
    def is_open(self) -> bool:
        """Whether the session stands."""
        return self.was_accepted and self.close_code is None

    def can_ask(self, kind: str) -> bool:
        """Whether the target file has the request."""
        return kind in self._access.target.requests

    def is_taken_up(self, correlation_id: str) -> bool:
        """Whether the platform has begun with a request that was started here, or it has ended."""
        pending = self._pending.get(correlation_id)
        return pending is None or pending.accepted_at is not None

    def given_id(self, correlation_id: str) -> str:
        """The platform's own id of an unfinished request; its own id where the platform gives none."""
        return self._correlator.given_id(correlation_id)

    def prepare(
        self, kind: str, arguments: Mapping[str, object], block: str = "", correlation_id: str | None = None
    ) -> PendingRequest:
        """Make a request ready, so that sending it takes no time.

        Raises:
            UnknownRequest: When the target has no such request, or a word is missing that it needs.
            ValueError: When a request with that id waits for its answer already.
        """
        number = correlation_id or self._next_id()
        if number in self._pending:
            raise ValueError(f"a request with the id '{number}' waits for its answer already")
        access, agent = self._access, self.agent
        outgoing: object = arguments
        if access.adapter is None and (ready := access.interpreter.quick(kind, number)) is not None:
            outgoing = PreparedMessage(ready)
        elif access.adapter is None:
            try:
                outgoing = access.interpreter.outgoing(
                    kind, number, {**self._words, **arguments} if arguments else self._words
                )
            except UnfilledPlaceholder as missing:
                raise UnknownRequest(f"the request '{kind}' needs the word '{missing}', which was not given") from None
            if type(outgoing) is Message:
                outgoing = PreparedMessage(outgoing.as_bytes())
        elif kind not in access.target.requests:
            raise UnknownRequest(f"the target file has no request '{kind}'")
        return PendingRequest(agent.name, agent.user_id, self.name, number, kind, outgoing, block)

    def dispatch(
        self,
        pending: PendingRequest,
        intended_at: float | None = None,
        on_end: Callable[[PendingRequest], None] | None = None,
    ) -> PendingRequest:
        """Send a prepared request now; ``on_end`` is called when it has ended, which may be at once."""
        now = time.monotonic()
        pending.intended_at = now if intended_at is None else intended_at
        pending.sent_at, pending.on_end = now, on_end
        if not self.is_open:
            pending.end(Outcome.LOST)
            return pending
        number, outgoing = pending.correlation_id, pending.outgoing
        self._pending[number] = pending
        if type(outgoing) is not PreparedMessage or not self._access.is_plain:
            self._correlator.sent(number, pending.kind)
        if self._log.on:
            self._keep(Direction.SENT, "message", as_bytes(outgoing), now)
        if self._access.adapter is None:
            self._link.send(outgoing, number, pending.kind, self._words)  # type: ignore[arg-type]  # see ``prepare``
        else:
            assert isinstance(outgoing, Mapping)
            self._link.ask_adapter(pending.kind, number, outgoing)
        return pending

    def send(
        self,
        kind: str,
        arguments: Mapping[str, object],
        intended_at: float | None = None,
        block: str = "",
        correlation_id: str | None = None,
        on_end: Callable[[PendingRequest], None] | None = None,
    ) -> PendingRequest:
        """``prepare`` and ``dispatch`` in one."""
        return self.dispatch(self.prepare(kind, arguments, block, correlation_id), intended_at, on_end)

    def start(self, kind: str, arguments: Mapping[str, object], **options: Any) -> asyncio.Future[Operation]:
        """Send a request now, for somebody who waits for this one alone; options as for ``send``.

        Returns:
            The operation, when it has ended. It does not end by itself when no answer comes: see ``give_up``.

        Raises:
            UnknownRequest: When the target has no such request.
            ValueError: When a request with that id waits for its answer already.
        """
        done: asyncio.Future[Operation] = asyncio.get_running_loop().create_future()
        pending = self.send(kind, arguments, **options)
        if pending.outcome is None:
            pending.done = done
        else:
            done.set_result(pending.operation())
        return done

    async def request(self, kind: str, arguments: Mapping[str, object], timeout: float, **options: Any) -> Operation:
        """Send a request and wait for its end, at most ``timeout`` seconds."""
        done = self.start(kind, arguments, **options)
        await asyncio.wait([done], timeout=timeout)
        if not done.done():
            self.give_up(done)
        return done.result()

    def cancel_unfinished(self) -> None:
        """Ask the target to cancel everything that is unfinished; without effect where it knows no cancelling."""
        for number in list(self._pending):
            try:
                self.send(RequestKind.CANCEL, {"target": self._correlator.given_id(number)})
            except UnknownRequest:
                return

    def give_up(self, done: asyncio.Future[Operation]) -> None:
        """Stop waiting for one operation: it is recorded as timed out."""
        for pending in list(self._pending.values()):
            if pending.done is done:
                self.expire(pending)

    def expire(self, pending: PendingRequest) -> None:
        """Stop waiting for a request: it is recorded as timed out, and an answer that still comes is late, not stray."""
        if self._pending.get(pending.correlation_id) is pending:
            del self._pending[pending.correlation_id]
            if self._given_up is None:
                self._given_up = set()
            self._given_up.add(pending.correlation_id)
            pending.end(Outcome.TIMED_OUT)

    def failed(self, stream: str, reason: str) -> None:
        """A request's own connection broke."""
        pending = self._pending.pop(stream, None)
        self._correlator.ended(stream)
        if pending is not None:
            pending.code = reason[:200]
            pending.end(Outcome.LOST)

    def _take_plain(self, frame: ReadFrame, at: float) -> None:
        """As ``_take`` where the id in the frame decides alone: the way of nearly every message, so it is a short one."""
        pending = self._pending.get(frame.correlation_id)
        meaning = frame.meaning
        if pending is None and meaning is Meaning.PONG and not frame.correlation_id:
            pending = next((one for one in self._pending.values() if one.kind == RequestKind.PING), None)
        if pending is None or meaning in NOTHING_FOR_REQUESTS:
            self._unasked(frame, frame.correlation_id)
            return
        if meaning is Meaning.PONG and pending.kind != RequestKind.PING:
            self._unasked(frame, "")
            return
        if pending.accepted_at is None:
            pending.accepted_at = at
        if frame.kept:
            pending.kept = {**pending.kept, **frame.kept} if pending.kept else frame.kept
        if frame.service_seconds is not None:
            pending.service_seconds = frame.service_seconds
        outcome = OUTCOMES.get(meaning)
        if outcome is None:
            return
        del self._pending[pending.correlation_id]
        if outcome is not Outcome.ANSWERED and frame.code:
            pending.code = frame.code
            pending.refusal = self._access.refusals.get(frame.code, "")
        pending.end(outcome, at)

    def _take(self, frame: ReadFrame, at: float, stream: str) -> None:
        belonging = self._correlator.received(frame, stream)
        if belonging.is_foreign:
            self.foreign_frames += 1
        meaning = belonging.meaning
        pending = self._pending.get(belonging.request) if belonging.request else None
        if pending is None:
            self._unasked(frame, belonging.request)
            return
        if pending.accepted_at is None:
            pending.accepted_at = at
        outcome = OUTCOMES.get(meaning)
        if outcome is None:
            return
        del self._pending[belonging.request]
        pending.kept, pending.given_id = belonging.kept, belonging.given_id
        if belonging.code:
            pending.code = belonging.code
            pending.refusal = self._access.refusals.get(belonging.code, "")
        pending.service_seconds = belonging.service_seconds
        pending.end(outcome, at)

    def _unasked(self, frame: ReadFrame, request: str) -> None:
        """A frame that answers nothing that this session waits for."""
        raise NotImplementedError

    def _comes_elsewhere(self, stream: str) -> bool:
        """Whether the answer to an HTTP call comes on another channel than the call itself."""
        pending = self._pending.get(stream)
        return pending is not None and isinstance(pending.outgoing, Call) and pending.outgoing.answer == _EVENTS

    def _keep(self, direction: Direction, kind: str, data: bytes, at: float) -> None:
        self._log.frames.append(Frame(at, self.agent.name, self.agent.user_id, self.name, direction, kind, data))
