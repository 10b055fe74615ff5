"""How sessions begin and end, and what happens when a user leaves."""

from __future__ import annotations

import asyncio
import time

from reference_platform.authentication import Claims
from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.sessions.departure import Departure
from reference_platform.registry import Registry, Session, Tenant, User
from reference_platform.settings import PlatformSettings
from reference_platform.transport.connection import GatewayConnection

NORMAL_CODES = (1000, 1001)
TOKEN_ENDED = 4401
TENANT_REMOVED = 4403
#: How long departures under way may take when the gateway closes.
CLOSE_SECONDS = 2.0


class Lifecycle:
    """Opens, closes, cuts and resumes sessions."""

    def __init__(
        self,
        registry: Registry,
        departure: Departure,
        audit: AuditLog,
        books: Bookkeeper,
        log: LogFile,
        settings: PlatformSettings,
    ) -> None:
        """Keep what knows of sessions.

        Args:
            registry: Who is there.
            departure: What is done when a user leaves.
            audit: Where sessions are written.
            books: Where their rows are written.
            settings: How long things last.
        """
        self._registry = registry
        self._departure = departure
        self._audit = audit
        self._books = books
        self._log = log
        self._settings = settings
        self._tasks = BackgroundTasks()
        self._departures: dict[User, asyncio.Task[None]] = {}

    def open(self, connection: GatewayConnection, claims: Claims) -> Session:
        """Make the session of an accepted connection.

        Args:
            claims: What its token says.

        Returns:
            The session, its timers running; nothing has been sent yet.
        """
        user = self._registry.user(claims.tenant, claims.user)
        if user.leaving is not None:
            user.leaving.cancel()
            user.leaving = None
        session = Session(user, claims, connection)
        self._registry.add_session(session)
        self._beat_later(session)
        self._expire_later(session)
        detail = {"session_id": session.session_id, "user": user.name}
        self._audit.add("session_opened", claims.tenant, detail=detail)
        self._log.write("session_opened", tenant=claims.tenant, **detail)
        self._books.session_opened(session)
        return session

    def lost(self, session: Session, code: int) -> None:
        """A connection is gone without ``session_end``: cut, closed by the client or expired.

        Args:
            session: Whose connection.
            code: The close code; 1006 when there was none.
        """
        if session.ended:
            return
        user = session.user
        self._take_out(session, code)
        if code in NORMAL_CODES:
            self._close_for_good(session)
        else:
            self._registry.add_cut_session(session)
            loop = asyncio.get_running_loop()
            loop.call_later(self._settings.resume_seconds, self._forget_cut, session)
        if not self._registry.sessions_of(user):
            self._leave_later(user)

    def end(self, session: Session, code: int) -> None:
        """End a session for good; its user leaves at once when it was the last one.

        Args:
            session: Which.
            code: The close code.
        """
        if session.ended:
            return
        connection = session.connection
        self._take_out(session, code)
        self._close_for_good(session)
        if connection is not None:
            self._tasks.start(connection.close(code))
        if not self._registry.sessions_of(session.user):
            self._leave_now(session.user)

    def end_for_good(self, session: Session, code: int) -> None:
        """End a session that is open, cut or resumed by another one; nothing of it goes on or can be resumed.

        What becomes of its user is up to the caller (:meth:`leave_if_alone`).

        Args:
            session: Which.
            code: The close code.
        """
        connection = session.connection
        if connection is not None:
            self._take_out(session, code)
            self._tasks.start(connection.close(code))
        self._registry.take_out_cut_session(session)
        self._close_for_good(session)

    async def leave_if_alone(self, user: User) -> None:
        """Let a user leave at once whose last session has ended; one with an open session stays."""
        if self._registry.sessions_of(user):
            return
        if (departure := self._departures.get(user)) is not None:
            await asyncio.wait([departure])  # it has taken the agents already, but they may not have ended
        await self._departure.leave(user)

    def close(self, session: Session, code: int, *, for_good: bool = False) -> None:
        """Close a session's connection; what follows is the same as when its client is gone.

        Args:
            session: Which.
            code: The close code.
            for_good: Whether nothing may be resumed.
        """
        connection = session.connection
        self.lost(session, code)
        if for_good:
            self._registry.take_out_cut_session(session)
            self._close_for_good(session)
        if connection is not None:
            self._tasks.start(connection.close(code))

    def inherit(self, earlier: Session, resumed_by: Session) -> None:
        """What is still unfinished in a cut session goes on into the session that resumed it."""
        self._registry.take_out_cut_session(earlier)
        if earlier.unfinished or earlier.resumes:
            earlier.resumed_by = resumed_by
            resumed_by.resumes = [each for each in resumed_by.resumes if each.unfinished or each.resumes]
            resumed_by.resumes.append(earlier)
        else:
            self._close_for_good(earlier)

    async def remove_tenant(self, tenant: Tenant) -> None:
        """Close every session of a tenant and let its users leave."""
        for user in self._registry.users_of(tenant.name):
            sessions = (*self._registry.sessions_of(user).values(), *self._registry.cut_sessions_of(user).values())
            for session in sessions:
                self.end_for_good(session, TENANT_REMOVED)
            await self.leave_if_alone(user)

    async def close_all(self) -> None:
        """Wait until everything that was begun here has ended."""
        await self._tasks.settle(CLOSE_SECONDS)

    def _take_out(self, session: Session, code: int) -> None:
        session.disconnect()
        self._registry.take_out_session(session)
        detail = {"session_id": session.session_id, "user": session.user.name}
        tenant = session.user.tenant.name
        self._audit.add("session_closed", tenant, detail={**detail, "code": code})
        self._log.write("session_closed", tenant=tenant, code=code, **detail)
        self._books.session_ended(session)

    def _close_for_good(self, session: Session) -> None:
        session.abandon()
        session.forget()

    def _forget_cut(self, session: Session) -> None:
        self._close_for_good(session)
        self._registry.take_out_cut_session(session)
        self._registry.drop_if_gone(session.user)

    def _leave_later(self, user: User) -> None:
        if user.leaving is None:
            loop = asyncio.get_running_loop()
            user.leaving = loop.call_later(self._settings.agent_grace_seconds, self._leave_now, user)

    def _leave_now(self, user: User) -> None:
        departure = self._departures[user] = self._tasks.start(self._departure.leave(user))
        departure.add_done_callback(lambda ended: self._departures.pop(user, None))

    def _beat_later(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._settings.heartbeat_seconds, self._beat, session)
        session.set_timer("heartbeat", timer)

    def _beat(self, session: Session) -> None:
        session.send({"event": "heartbeat"})
        self._beat_later(session)

    def _expire_later(self, session: Session) -> None:
        seconds = max(0.0, session.claims.expires_at - time.time())
        timer = asyncio.get_running_loop().call_later(seconds, self.close, session, TOKEN_ENDED)
        session.set_timer("expiry", timer)
