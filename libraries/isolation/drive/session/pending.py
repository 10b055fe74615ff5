"""A request under way: a compact record that the engine fills in, and that becomes an ``Operation`` when somebody asks.

Principle: while a load runs, as little as possible is made per message. The full record is made afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isolation.record import Operation, Outcome
from isolation.target.words import Kept

_NOTHING: dict[str, object] = {}
_OF_THE_FRAME = {Kept.SEQUENCE, Kept.SERVICE_MILLISECONDS}
"""What a frame says of itself: two answers with the same content differ in it."""


class PendingRequest:
    """One request of one session, from sending to its end."""

    __slots__ = (
        "accepted_at",
        "block",
        "code",
        "completed_at",
        "correlation_id",
        "done",
        "given_id",
        "intended_at",
        "kept",
        "kind",
        "on_end",
        "outcome",
        "outgoing",
        "refusal",
        "sent_at",
        "service_seconds",
        "session",
        "tenant",
        "user",
    )

    def __init__(
        self, tenant: str, user: str, session: str, correlation_id: str, kind: str, outgoing: object, block: str
    ) -> None:
        """Remember what is asked; nothing is sent yet."""
        self.tenant = tenant
        self.user = user
        self.session = session
        self.correlation_id = correlation_id
        self.kind = kind
        self.outgoing = outgoing
        self.block = block
        self.intended_at = 0.0
        self.sent_at: float | None = None
        self.accepted_at: float | None = None
        self.completed_at: float | None = None
        self.outcome: Outcome | None = None
        self.code = ""
        self.given_id = ""
        self.refusal = ""
        self.kept = _NOTHING
        self.service_seconds: float | None = None
        self.done: asyncio.Future[Operation] | None = None
        self.on_end: Callable[[PendingRequest], None] | None = None

    def end(self, outcome: Outcome, at: float | None = None) -> None:
        """It has ended: whoever waits is told, once."""
        if self.outcome is not None:
            return
        self.outcome, self.completed_at, self.outgoing = outcome, at, None
        if self.on_end is not None:
            self.on_end(self)
        if self.done is not None and not self.done.done():
            self.done.set_result(self.operation())

    def operation(self) -> Operation:
        """The record of it, as it stands."""
        return Operation(
            tenant=self.tenant,
            user=self.user,
            session=self.session,
            correlation_id=self.correlation_id,
            kind=self.kind,
            intended_at=self.intended_at,
            sent_at=self.sent_at,
            accepted_at=self.accepted_at,
            completed_at=self.completed_at,
            outcome=self.outcome or Outcome.NOT_SENT,
            code=self.code,
            refusal=self.refusal,
            agent=str(self.kept.get(Kept.AGENT) or ""),
            block=self.block,
            kept={word: value for word, value in self.kept.items() if word not in _OF_THE_FRAME},
            service_seconds=self.service_seconds,
            given_id=self.given_id,
        )


class Countdown:
    """Waits for the ends of many requests with one future for all of them."""

    __slots__ = ("_all", "_left")

    def __init__(self) -> None:
        """Count nothing yet."""
        self._left = 0
        self._all: asyncio.Future[None] | None = None

    def add(self) -> None:
        """One more request whose end will be told."""
        self._left += 1

    def ended(self, request: PendingRequest) -> None:
        """One has ended."""
        self._left -= 1
        if not self._left and self._all is not None and not self._all.done():
            self._all.set_result(None)

    async def wait(self, timeout_s: float) -> bool:
        """Wait until all that were added have ended, at most so long.

        Returns:
            Whether they have.
        """
        if self._left:
            self._all = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._all], timeout=max(0.0, timeout_s))
            self._all = None
        return not self._left
