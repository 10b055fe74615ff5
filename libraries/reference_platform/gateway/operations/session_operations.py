"""Operations about sessions themselves."""

from __future__ import annotations

from typing import Any

from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.endpoint.dispatch import reply
from reference_platform.gateway.endpoint.requests import Request, not_found
from reference_platform.gateway.sessions.lifecycle import Lifecycle
from reference_platform.gateway.sessions.rights_ending import Closing, RightsEnding
from reference_platform.registry import Registry, Session

LARGEST_NUMBER = 2**53


class SessionOperations:
    """Shows, resumes and ends sessions."""

    def __init__(self, registry: Registry, lifecycle: Lifecycle, rights: RightsEnding, tasks: BackgroundTasks) -> None:
        """Keep where sessions are.

        Args:
            registry: Open and cut sessions.
            lifecycle: Ends and resumes them.
            rights: Logs them out.
            tasks: Runs what nobody waits for.
        """
        self._rights = rights
        self._tasks = tasks
        self._registry = registry
        self._lifecycle = lifecycle

    def ping(self, session: Session, request: Request) -> None:
        """Answer at once."""
        session.send({"event": "pong", "id": request.correlation_id})

    def cancel(self, session: Session, request: Request) -> dict[str, Any]:
        """Give up an own unfinished request of this session."""
        target = session.unfinished.get(request.identifier("target"))
        if target is None:
            raise not_found()
        target.give_up("cancelled")
        return {"cancelled": True}

    def session_info(self, session: Session, request: Request) -> dict[str, Any]:
        """Who this session is."""
        return {
            "session_id": session.session_id,
            "tenant": session.claims.tenant,
            "user": session.claims.user,
            "role": session.claims.role.value,
            "open_sessions": len(self._registry.sessions_of(session.user)),
        }

    def session_resume(self, session: Session, request: Request) -> None:
        """Send what an own session, cut a short time ago, has missed."""
        name = request.identifier("session_id")
        number = request.whole_number("after_seq", None, 0, LARGEST_NUMBER)
        earlier = self.resumable(session, name)
        if earlier is None:
            raise not_found()
        missed = earlier.missed_after(number)
        reply(session, request, {"resumed": len(missed)})
        for payload in missed:
            session.send_replayed(payload)
        self._lifecycle.inherit(earlier, session)

    def resumable(self, session: Session, session_id: str) -> Session | None:
        """The user's own cut session of that id; None for a foreign one just as for one that does not exist."""
        return self._registry.cut_sessions_of(session.user).get(session_id)

    def session_end(self, session: Session, request: Request) -> None:
        """End this session; the user's agents go with its last one."""
        reply(session, request, {"ended": True})
        self._lifecycle.end(session, 1000)

    def logout(self, session: Session, request: Request) -> None:
        """Refuse the token of this or another own session from now on, and end every session that was opened with it."""
        target = self.own_session(session, request.optional_identifier("session_id"))
        if target is None:
            raise not_found()
        reply(session, request, {"logged_out": True})
        claims = target.claims
        closing = self._rights.revoke_token(claims.tenant, claims.user, claims.token_id, claims.expires_at)
        self._tasks.start(self._finish(closing))

    def own_session(self, session: Session, session_id: str | None) -> Session | None:
        """The user's own session of that id, open or cut; None for a foreign one just as for one that does not exist."""
        if session_id is None:
            return session
        mine = {**self._registry.cut_sessions_of(session.user), **self._registry.sessions_of(session.user)}
        return mine.get(session_id)

    async def _finish(self, closing: Closing) -> None:
        await self._rights.finish(closing)
