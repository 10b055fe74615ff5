"""People with an open session who ask for one thing at a time and look closely at the reply."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.unsteady import is_steady, steady_text
from isolation.drive.session.access import Access
from isolation.drive.session.opening import FrameLog, Opening
from isolation.drive.session.session import Session
from isolation.record import Direction, Frame, Operation, Outcome
from isolation.target.interpreter import UnknownRequest
from isolation.target.model import Target

_CONNECT_S = 10.0
_ANSWER_S = 10.0
_SHORT_S = 1.0
_ENOUGH_SILENCE = 2
"""Requests without an answer, one after the other, after which nobody waits long any more: a broken platform is looked at all the same."""
_SHORTEST_ID = 6
"""Characters; shorter texts occur by chance."""
_FIRST_WHOLE = 10_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request.

    Attributes:
        code: The error code, or empty.
        length: Bytes of the final frame.
        seconds: From sending until then.
        result: What the answer keeps, in the suite's words.
        looks: Fingerprint of what came back (status, headers, words) without what must differ: ids, numbers and the texts that
            were asked with.
        raw: What came back.
    """

    outcome: Outcome
    code: str
    length: int
    seconds: float
    result: dict[str, object] = field(default_factory=dict)
    looks: str = ""
    raw: bytes = field(default=b"", repr=False)

    def shows(self, text: str) -> bool:
        """Whether what came back holds a text."""
        return bool(text) and text.encode() in self.raw


class Caller:
    """One person with one session."""

    def __init__(self, person: TenantAgent, access: Access) -> None:
        """Prepare; ``open`` connects."""
        self.person = person
        self.log = FrameLog(on=True)
        self.opening: Opening | None = None
        self.heard: list[Frame] = []
        """Everything that came while it asked."""
        self._access = access
        self._numbers = itertools.count(1)
        self._silent = 0
        self.session = Session(person, person.name, access, self.log)

    @property
    def target(self) -> Target:
        """The description of the platform."""
        return self._access.target

    async def open(self) -> Caller:
        """Connect.

        Raises:
            SessionError: The platform does not let this person in.
        """
        self.opening = await self.session.open(_CONNECT_S)
        return self

    async def reconnect(self) -> None:
        """Open another session; the one before has ended already.

        Raises:
            SessionError: The platform does not let this person in.
        """
        self.session = Session(self.person, self.person.name, self._access, self.log)
        await self.open()

    async def ask(self, kind: str, **arguments: object) -> Reply:
        """Ask for one thing and wait for its end. Correlation ids are all of one length, so that replies compare."""
        number = self.next_id()
        self.log.take()
        await self._access.pace.turn(self.person.user_id)
        try:
            operation = await self.session.request(kind, arguments, self.patience_s, correlation_id=number)
        except UnknownRequest as error:
            return Reply(Outcome.NOT_SENT, str(error)[:200], 0, 0.0)
        self.note(operation)
        heard = self.log.take()
        self.heard += heard
        return self.reply(operation, heard, arguments)

    @property
    def patience_s(self) -> float:
        """How long an answer is waited for."""
        if self._silent >= _ENOUGH_SILENCE:
            return _SHORT_S
        return max(_ANSWER_S, self.target.limits.answer_within)

    async def request(self, kind: str, arguments: dict[str, object]) -> Operation:
        """Ask over the open session; who has never been answered is not waited for long.

        Args:
            kind: Name of a request of the target.
            arguments: Its words.
        """
        operation = await self.session.request(kind, arguments, self.patience_s)
        self.note(operation)
        return operation

    def note(self, operation: Operation) -> None:
        """Remember whether the platform answers at all."""
        self._silent = self._silent + 1 if operation.outcome is Outcome.TIMED_OUT else 0

    def next_id(self) -> str:
        """A fresh id for a request."""
        number = next(self._numbers)
        return str(_FIRST_WHOLE + number) if self._access.integer_ids else f"q{number:07d}"

    def reply(self, operation: Operation, heard: Sequence[Frame], arguments: Mapping[str, object]) -> Reply:
        """What came back for one request: over a connection the frames with its id, else everything."""
        target = self._access.target
        received = [frame for frame in heard if frame.direction is Direction.RECEIVED]
        own = [frame for frame in received if frame.kind == "message" and self._belongs(frame, operation)]
        if target.is_http_only or not own:
            own = received
        seconds = operation.completed_at - (operation.sent_at or 0.0) if operation.completed_at is not None else 0.0
        parts = [(frame.kind, frame.data) for frame in own]
        if not target.is_http_only:
            parts = parts[-1:]
        raw = b"\n".join(data for _, data in parts)
        looks = _fingerprint(parts, arguments)
        length = len(parts[-1][1]) if parts else 0
        return Reply(operation.outcome, operation.code, length, seconds, operation.kept, looks, raw)

    def _belongs(self, frame: Frame, operation: Operation) -> bool:
        return self._access.interpreter.read(frame.data).correlation_id == operation.correlation_id

    async def close(self) -> None:
        """End the session."""
        await self.session.close()


def _fingerprint(parts: Sequence[tuple[str, bytes]], arguments: Mapping[str, object]) -> str:
    """A digest of what a reply says; a refusal that quotes the id that was asked for says nothing by that."""
    named = [value for value in arguments.values() if isinstance(value, str) and len(value) >= _SHORTEST_ID]
    digest = hashlib.sha256()
    for kind, data in parts:
        text = data.decode("utf-8", "replace")
        if kind != "message":
            text = "\n".join(line for line in text.splitlines() if is_steady(line))
        for value in sorted(named, key=len, reverse=True):
            text = text.replace(value, "?")
        digest.update(steady_text(text).encode() + b"\n")
    return digest.hexdigest()[:12]


async def open_callers(people: Sequence[TenantAgent], access: Access) -> list[Caller]:
    """Connect some people at once.

    Raises:
        SessionError: Somebody is not let in.
    """
    return list(await asyncio.gather(*(Caller(person, access).open() for person in people)))
