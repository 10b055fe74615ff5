"""One session of one user, whatever it travels over: opened, heard, closed; every frame is kept."""

from __future__ import annotations

import asyncio
import errno
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from isolation.drive.channels.channel import Refused
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.session.access import Access
from isolation.drive.session.heartbeat import Heartbeat
from isolation.drive.session.opening import FrameLog, Opening, OwnShortage, SessionError, as_bytes
from isolation.drive.session.requests import OUTCOMES, Requests
from isolation.drive.steps.runner import StepFailed
from isolation.record import Direction, Outcome
from isolation.settings.errors import SettingsError
from isolation.target.interpreter import Emit, Message, Outgoing, ReadFrame
from isolation.target.interpreter.frames import message
from isolation.target.model import Session as SessionTerms
from isolation.target.placeholders import UnfilledPlaceholder, fill
from isolation.target.words import Kept, Meaning, RequestKind

_ASK_AGAIN_S = 1.0
"""A session that is ready when ``ping`` was answered is asked so often: its first requests may meet nobody."""
_CLOSED_BY_US, _CUT = 1000, 1006
_OWN_SHORTAGE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}
"""What a connection fails by that the platform has no part in."""
_OF_THE_FRAME = {Kept.EVENT, Kept.SEQUENCE, Kept.SERVICE_MILLISECONDS}
"""What a frame says of itself and not of the session."""


class Session(Requests):
    """A session of one tenant agent.

    Args:
        agent: Whose.
        name: The suite's own name of it.
        access: The way to the target.
        log: Keeps frames.
        ids: Gives the ids of requests: its own numbers where ids shall be equal in all sessions; unique ids when not given.
    """

    __slots__ = (
        "_beat",
        "_ready",
        "close_reason",
        "received_count",
        "stray_answers",
        "trouble",
    )

    def __init__(
        self, agent: TenantAgent, name: str, access: Access, log: FrameLog, ids: Callable[[], str] | None = None
    ) -> None:
        """Prepare a session; ``open`` connects it."""
        super().__init__(agent, name, access, log, ids, self)
        self._ready: asyncio.Future[str] | None = None
        terms = access.target.session
        self._beat = Heartbeat(terms.beat, self._say) if terms is not None and terms.beat is not None else None
        self.close_reason = ""
        self.stray_answers = 0
        self.received_count = 0
        self.trouble = ""
        """What went wrong with the steps after the session, in words."""

    @property
    def says_ready(self) -> bool:
        """Whether the platform itself has to say that the session can be used."""
        session = self._access.target.session
        return session is not None and session.ready != "connected"

    @property
    def words(self) -> Mapping[str, object]:
        """The words of its user, with what the steps of the session have kept."""
        return self._words

    async def open(self, timeout: float, incomplete: bool = False) -> Opening:
        """Do the steps before it, connect, and wait until the platform lets the user work.

        Args:
            timeout: Seconds for all of it.
            incomplete: Connect without what the user's words cannot fill, as a stranger would.

        Raises:
            SessionError: When any of it fails.
        """
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[str] = loop.create_future()
        self._ready = ready
        started = time.monotonic()
        target = self._access.target.session
        try:
            async with asyncio.timeout(timeout):
                if target is not None and target.open:
                    given = {"token": "", **self._words} if incomplete else self._words
                    kept = await self._access.steps.run(target.open, given, "session.open")
                    self._words = {**self._words, **kept}
                await self._link.open(self._words, timeout, incomplete)
                if incomplete:
                    self._words = {"token": "", **self._words}
                self.was_accepted = True
                connected = time.monotonic()
                for frame in target.first if target is not None else ():
                    self._say(frame)
                session_id = await self._until_ready(target, ready) or str(self._words.get(Kept.SESSION) or "")
                if self._beat is not None:
                    self._beat.begin()
                return Opening(connected - started, time.monotonic() - connected, session_id, started_at=started)
        except TimeoutError:
            await self.abort()
            raise SessionError(f"no connection and welcome within {timeout:g} s") from None
        except asyncio.CancelledError:
            await self.abort()
            raise
        except UnfilledPlaceholder as missing:
            await self.abort()
            raise SessionError(f"the target file needs the word '{missing}' here, which nothing has given") from None
        except (OSError, Refused, ValueError, StepFailed, SettingsError) as error:
            await self.abort()
            if isinstance(error, OSError) and error.errno in _OWN_SHORTAGE:
                raise OwnShortage(
                    f"the suite itself has too little to open more sessions ({error.strerror}): see ulimit -n"
                ) from None
            refusal = error if isinstance(error, Refused) else error.refusal if isinstance(error, StepFailed) else None
            raise SessionError(str(error) or type(error).__name__, refusal) from None
        finally:
            self._ready = None

    async def close(self) -> None:
        """Close gracefully, and do the steps after the session."""
        await self._leave(gracefully=True)
        session = self._access.target.session
        if session is not None and session.close and self.was_accepted:
            try:
                await self._access.steps.run(session.close, self._words, "session.close")
            except StepFailed as error:
                self.trouble = str(error)

    async def abort(self) -> None:
        """Drop the connection without a close frame, as a crashed machine would."""
        await self._leave(gracefully=False)

    # what the channels tell

    def heard(self, data: bytes, at: float) -> None:
        """A message arrived over the WebSocket."""
        self.received_count += 1
        if self._log.on:
            self._keep(Direction.RECEIVED, "message", data, at)
        if self._beat is not None:
            self._beat.heard(message(data))
        access = self._access
        if access.is_plain:
            self._take_plain(access.interpreter.read(data), at)
        else:
            self._take(access.interpreter.read(data), at, "")

    def received(self, frame: object, data: bytes, at: float, stream: str = "") -> None:
        """Something else than a message arrived."""
        self.received_count += 1
        if self._log.on and data:
            self._keep(Direction.RECEIVED, "message", data, at)
        if self._beat is not None:
            self._beat.heard(frame)
        read = self._access.interpreter.read_frame(frame)
        if read.rule < 0 and read.meaning is Meaning.ANSWERED and self._comes_elsewhere(stream):
            read.meaning = Meaning.ACCEPTED  # the answer to the call only says that it was taken
        self._take(read, at, stream)

    def understood(self, frame: ReadFrame, data: bytes, at: float) -> None:
        """Something arrived that the target's own adapter has read."""
        self.received_count += 1
        if self._log.on:
            self._keep(Direction.RECEIVED, "message", data, at)
        self._take(frame, at, frame.correlation_id)

    def noticed(self, kind: str, data: bytes) -> None:
        """A control frame or the handshake's answer: a leak may travel in them too."""
        if self._log.on:
            self._keep(Direction.RECEIVED, kind, data, time.monotonic())

    def ended(self, code: int, reason: str) -> None:
        """The connection has ended."""
        if self.close_code is not None:
            return
        self.close_code, self.close_reason = code, reason
        if self._beat is not None:
            self._beat.end()
        if self._ready is not None and not self._ready.done():
            why = f": {reason}" if reason else ""
            self._ready.set_exception(SessionError(f"closed with {code} before any welcome{why}", None, code))
        pending, self._pending = self._pending, {}
        for request in pending.values():
            request.end(Outcome.LOST)

    def _unasked(self, frame: ReadFrame, request: str) -> None:
        """A frame that answers nothing that this session waits for."""
        if frame.meaning is Meaning.READY:
            more = {word: value for word, value in frame.kept.items() if word not in _OF_THE_FRAME}
            if more.keys() - self._words.keys():
                self._words = {**more, **self._words}
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(str(frame.kept.get(Kept.SESSION) or ""))
        elif frame.meaning is Meaning.CLOSED:
            if self._ready is not None and not self._ready.done():
                code = f" ({frame.code})" if frame.code else ""
                self._ready.set_exception(SessionError(f"the platform does not let the user in{code}", by_frame=True))
        elif frame.meaning in OUTCOMES:
            if self._given_up is not None and request in self._given_up:
                self._given_up.discard(request)
            elif frame.meaning is not Meaning.REFUSED or frame.correlation_id:
                # It belongs to somebody else, or came twice; an error without an id is about the connection.
                self.stray_answers += 1

    async def _until_ready(self, session: SessionTerms | None, ready: asyncio.Future[str]) -> str:
        if session is None or session.ready == "connected":
            if self.close_code is not None or ready.done():
                return await ready  # closed at once
            return ""
        if session.ready == "frame":
            return await ready
        while True:
            asking = self.start(RequestKind.PING, {})
            either: list[asyncio.Future[Any]] = [asking, ready]
            await asyncio.wait(either, timeout=_ASK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                return await ready
            if not asking.done():
                self.give_up(asking)
            operation = asking.result()
            if operation.answered:
                return str(operation.kept.get(Kept.SESSION) or "")
            if operation.outcome is Outcome.REFUSED:
                raise SessionError(f"the first request was refused ({operation.code})")
            if operation.outcome is Outcome.LOST:
                raise SessionError(f"the first request got no answer ({operation.code or 'connection closed'})")

    async def _leave(self, gracefully: bool) -> None:
        if self._beat is not None:
            self._beat.end()
        await self._link.close(gracefully)
        if self.was_accepted and not self._link.has_connection:
            self.ended(_CLOSED_BY_US if gracefully else _CUT, "")

    def _say(self, template: object) -> None:
        """Send a frame that is no request, unless the session has ended; a frame may ask for one before it is open."""
        if self.close_code is not None:
            return
        filled = fill(template, {**self._access.words(self._words), "id": self._next_id()})
        outgoing: Outgoing
        if isinstance(filled, dict) and "emit" in filled:
            outgoing = Emit(str(filled["emit"]), filled.get("data"))
        else:
            outgoing = Message(filled if isinstance(filled, str) else json.dumps(filled, separators=(",", ":")))
        if self._log.on:
            self._keep(Direction.SENT, "message", as_bytes(outgoing), time.monotonic())
        self._link.send(outgoing, "", "", self._words)
