"""How sessions begin and end, and what happens when a user leaves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from reference_platform.authentication import Claims
from reference_platform.gateway import cleanup
from reference_platform.gateway.connection import GatewayConnection
from reference_platform.gateway.session import Session
from reference_platform.registry.tenants import Tenant, User

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

NORMAL_CODES = (1000, 1001)
TOKEN_ENDED = 4401
TENANT_REMOVED = 4403


class Lifecycle:
    """Opens, closes, cuts and resumes sessions."""

    def __init__(self, platform: Platform) -> None:
        """Keep the platform."""
        self._platform = platform
        self._tasks: set[asyncio.Task[None]] = set()
        self._departures: dict[str, asyncio.Task[None]] = {}

    def open(self, connection: GatewayConnection, claims: Claims) -> Session:
        """Make the session of an accepted connection.

        Args:
            connection: The connection.
            claims: What its token says.

        Returns:
            The session, its timers running; nothing has been sent yet.
        """
        user = self._platform.registry.user(claims.tenant, claims.user)
        if user.leaving is not None:
            user.leaving.cancel()
            user.leaving = None
        session = Session(user, claims, connection)
        user.sessions[session.session_id] = session
        self._platform.registry.sessions[session.session_id] = session
        self._beat_later(session)
        self._expire_later(session)
        detail = {"session_id": session.session_id, "user": user.name}
        self._platform.audit.add("session_opened", claims.tenant, detail=detail)
        self._platform.log.write("session_opened", tenant=claims.tenant, **detail)
        self._platform.books.session_opened(session)
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
            user.cut[session.session_id] = session
            loop = asyncio.get_running_loop()
            loop.call_later(self._platform.settings.resume_seconds, self._forget_cut, session)
        if not user.sessions:
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
            self._start(connection.close(code))
        if not session.user.sessions:
            self._leave_now(session.user)

    def log_out(self, session: Session) -> None:
        """Refuse a session's token from now on and close every session that was opened with it."""
        claims = session.claims
        self._platform.revoked.revoke(claims.user, claims.token_id, claims.expires_at)
        for other in list(session.user.sessions.values()):
            if other.claims.token_id == claims.token_id:
                self.close(other, TOKEN_ENDED, for_good=True)

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
            session.user.cut.pop(session.session_id, None)
            self._close_for_good(session)
        if connection is not None:
            self._start(connection.close(code))

    def inherit(self, earlier: Session, resumed_by: Session) -> None:
        """What is still unfinished in a cut session goes on into the session that resumed it."""
        earlier.user.cut.pop(earlier.session_id, None)
        if earlier.unfinished:
            earlier.resumed_by = resumed_by
        else:
            self._close_for_good(earlier)

    async def remove_tenant(self, tenant: Tenant) -> None:
        """Close every session of a tenant and let its users leave."""
        for user in list(tenant.users.values()):
            for session in list(user.sessions.values()):
                self.end(session, TENANT_REMOVED)
            for session in list(user.cut.values()):
                self._forget_cut(session)
            if (departure := self._departures.get(user.name)) is not None:
                await asyncio.wait([departure])  # it has taken the agents already, but they may not have ended
            await self._leave(user)

    async def close_all(self) -> None:
        """Wait until everything that was begun here has ended."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)

    def _take_out(self, session: Session, code: int) -> None:
        session.disconnect()
        session.user.sessions.pop(session.session_id, None)
        self._platform.registry.sessions.pop(session.session_id, None)
        detail = {"session_id": session.session_id, "user": session.user.name}
        tenant = session.user.tenant.name
        self._platform.audit.add("session_closed", tenant, detail={**detail, "code": code})
        self._platform.log.write("session_closed", tenant=tenant, code=code, **detail)
        self._platform.books.session_ended(session)

    def _close_for_good(self, session: Session) -> None:
        session.abandon()
        session.forget()

    def _forget_cut(self, session: Session) -> None:
        self._close_for_good(session)
        session.user.cut.pop(session.session_id, None)
        self._platform.registry.drop_if_gone(session.user)

    def _leave_later(self, user: User) -> None:
        if user.leaving is None:
            loop = asyncio.get_running_loop()
            user.leaving = loop.call_later(self._platform.settings.agent_grace_seconds, self._leave_now, user)

    def _leave_now(self, user: User) -> None:
        departure = self._departures[user.name] = self._start(self._leave(user))
        departure.add_done_callback(lambda ended: self._departures.pop(user.name, None))

    async def _leave(self, user: User) -> None:
        if user.leaving is not None:
            user.leaving.cancel()
            user.leaving = None
        for session in user.cut.values():
            session.abandon()
        for step in cleanup.STEPS:
            try:
                await step(self._platform, user)
            except Exception as error:  # noqa: BLE001 - written down, and the other steps have to be done
                self._platform.fault(f"cleanup {step.__name__}", error)
        self._platform.registry.drop_if_gone(user)

    def _beat_later(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._platform.settings.heartbeat_seconds, self._beat, session)
        session.set_timer("heartbeat", timer)

    def _beat(self, session: Session) -> None:
        session.send({"event": "heartbeat"})
        self._beat_later(session)

    def _expire_later(self, session: Session) -> None:
        seconds = max(0.0, session.claims.expires_at - time.time())
        timer = asyncio.get_running_loop().call_later(seconds, self.close, session, TOKEN_ENDED)
        session.set_timer("expiry", timer)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
