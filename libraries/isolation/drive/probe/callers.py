"""People with an open session who ask for one thing at a time and look closely at the reply."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog, Opening
from isolation.drive.session.session import Session
from isolation.record import Direction, Outcome

_CONNECT_S = 10.0
_ANSWER_S = 10.0
_SHORTEST_ID = 6
"""Characters; shorter texts occur by chance."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request.

    Attributes:
        outcome: How it ended.
        code: The error code, or empty.
        length: Bytes of the final frame.
        seconds: From sending until then.
        result: The body of the answer.
        looks: Fingerprint of the final frame without what must differ: numbers and the texts that were asked with.
    """

    outcome: Outcome
    code: str
    length: int
    seconds: float
    result: dict[str, object] = field(default_factory=dict)
    looks: str = ""


class Caller:
    """One person with one session."""

    def __init__(self, person: TenantAgent, access: Access) -> None:
        """Prepare; ``open`` connects."""
        self.person = person
        self.log = FrameLog(on=True)
        self.opening: Opening | None = None
        self._access = access
        self._numbers = itertools.count(1)
        self.session = Session(person, person.name, access, self.log)

    async def open(self) -> Caller:
        """Connect.

        Raises:
            SessionError: The platform does not let this person in.
        """
        self.opening = await self.session.open(_CONNECT_S)
        return self

    async def reopen(self, gracefully: bool = False) -> None:
        """End the session, by cutting it unless ``politely``, and open another one."""
        await (self.session.close() if gracefully else self.session.abort())
        await self.reconnect()

    async def reconnect(self) -> None:
        """Open another session; the one before has ended already.

        Raises:
            SessionError: The platform does not let this person in.
        """
        self.session = Session(self.person, self.person.name, self._access, self.log)
        await self.open()

    async def ask(self, kind: str, **arguments: object) -> Reply:
        """Ask for one thing and wait for its end. Correlation ids are all of one length, so that replies compare."""
        number = f"q{next(self._numbers):07d}"
        self.log.take()
        operation = await self.session.request(kind, arguments, _ANSWER_S, correlation_id=number)
        received = [
            frame.data
            for frame in self.log.take()
            if frame.direction is Direction.RECEIVED
            and self._access.interpreter.read(frame.data).correlation_id == number
        ]
        seconds = (operation.completed_at or 0.0) - (operation.sent_at or 0.0) if operation.completed_at else 0.0
        last = received[-1] if received else b""
        looks = _fingerprint(last, arguments)
        return Reply(operation.outcome, operation.code, len(last), seconds, operation.kept, looks)

    async def close(self) -> None:
        """End the session."""
        await self.session.close()


def _fingerprint(frame: bytes, arguments: Mapping[str, object]) -> str:
    """A digest of what a reply says; a refusal that quotes the id that was asked for says nothing by that."""
    text = frame.decode("utf-8", "replace")
    named = [value for value in arguments.values() if isinstance(value, str) and len(value) >= _SHORTEST_ID]
    for value in sorted(named, key=len, reverse=True):
        text = text.replace(value, "?")
    return hashlib.sha256(re.sub(r"\d+", "#", text).encode()).hexdigest()[:12]


async def open_callers(people: Sequence[TenantAgent], access: Access) -> list[Caller]:
    """Connect some people at once.

    Raises:
        SessionError: Somebody is not let in.
    """
    return list(await asyncio.gather(*(Caller(person, access).open() for person in people)))
