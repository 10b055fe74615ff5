"""Defects of rights that end while sessions are open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from reference_platform.defects.surgery import replace

if TYPE_CHECKING:
    from reference_platform.gateway.sessions.rights_ending import Closing, Ended, RightsEnding
    from reference_platform.registry import Session


def ended_right_leaves_sessions() -> None:
    """Open sessions are counted as ended, and go on."""
    from reference_platform.gateway.sessions.rights_ending import RightsEnding

    end_session = RightsEnding.end_session

    def end_the_cut(self: RightsEnding, session: Session, code: int) -> None:
        if session.connection is None:
            end_session(self, session, code)

    replace(RightsEnding, "end_session", end_the_cut)


def ended_right_leaves_subscriptions() -> None:
    """A session with subscriptions is served no more, but it still hears of everything."""
    from reference_platform.gateway.endpoint.dispatch import Dispatcher
    from reference_platform.gateway.sessions.rights_ending import RightsEnding

    end_session, receive = RightsEnding.end_session, Dispatcher.receive
    listeners: WeakSet[Session] = WeakSet()

    def keep_listeners(self: RightsEnding, session: Session, code: int) -> None:
        if session.connection is not None and session.subscriptions:
            session.abandon()
            listeners.add(session)
        else:
            end_session(self, session, code)

    def serve_others(self: Dispatcher, session: Session, message: str | bytes) -> bool:
        return session in listeners or receive(self, session, message)

    replace(RightsEnding, "end_session", keep_listeners)
    replace(Dispatcher, "receive", serve_others)


def ended_right_can_be_resumed() -> None:
    """Cut sessions are forgotten only by their time."""
    from reference_platform.gateway.sessions.rights_ending import RightsEnding

    end_session = RightsEnding.end_session

    def end_the_open(self: RightsEnding, session: Session, code: int) -> None:
        if session.connection is not None:
            end_session(self, session, code)

    replace(RightsEnding, "end_session", end_the_open)


def ended_right_leaves_work() -> None:
    """Sessions are closed; what their agents do goes on."""
    from reference_platform.gateway.sessions.rights_ending import RightsEnding

    end_session = RightsEnding.end_session

    def leave_work(self: RightsEnding, session: Session, code: int) -> None:
        session.unfinished.clear()
        end_session(self, session, code)

    async def finish_nothing(self: RightsEnding, closing: Closing) -> Ended:
        return closing.ended

    replace(RightsEnding, "end_session", leave_work)
    replace(RightsEnding, "finish", finish_nothing)


def ended_right_still_accepted() -> None:
    """Sessions are ended, but tokens are believed as before."""
    from reference_platform.authentication import checks

    for check in (checks.tenant_not_suspended, checks.user_not_removed, checks.role_not_taken):
        checks.CHECKS.remove(check)


def ended_right_hits_colleagues() -> None:
    """The other users of the tenant lose their sessions too."""
    from reference_platform.gateway.sessions.rights_ending import RightsEnding

    close = RightsEnding._close

    def close_all(
        self: RightsEnding, tenant: str, user: str, code: int, concerned: Any, *more: Any, **named: Any
    ) -> Any:
        for colleague in self._registry.users_of(tenant):
            if colleague.name != user:
                close(self, tenant, colleague.name, code, lambda session: True)
        return close(self, tenant, user, code, concerned, *more, **named)

    replace(RightsEnding, "_close", close_all)


def ended_right_leaves_work_of_resumed_sessions() -> None:
    """What was asked for in a session that another one has resumed goes on."""
    from reference_platform.registry import Session

    abandon = Session.abandon

    def abandon_own(self: Session, code: str | None = None) -> None:
        self.resumes.clear()
        abandon(self, code)

    replace(Session, "abandon", abandon_own)
    replace(Session, "predecessors", lambda self: [])


def ended_rights_forgotten_at_restart() -> None:
    """What an earlier process wrote of ended rights and revoked tokens is not read."""
    from reference_platform.authentication import EndedRights, RevokedTokens

    for kept in (EndedRights, RevokedTokens):
        _read_nothing(kept)


def _read_nothing(kept: type[Any]) -> None:
    begin = kept.__init__

    def start_empty(self: Any, path: Path) -> None:
        path.unlink(missing_ok=True)
        begin(self, path)

    replace(kept, "__init__", start_empty)


def given_back_right_not_believed() -> None:
    """A role that is granted again and a tenant that is reinstated stay refused."""
    from reference_platform.authentication import EndedRights

    replace(EndedRights, "give_role", lambda self, user, role: None)
    replace(EndedRights, "reinstate_tenant", lambda self, tenant: None)


def revoked_token_takes_its_look_alike_along() -> None:
    """The ids of tokens are compared without the case of their letters."""
    from reference_platform.authentication import RevokedTokens

    revoke, is_revoked = RevokedTokens.revoke, RevokedTokens.is_revoked

    def revoke_folded(self: RevokedTokens, user: str, token_id: str, expires_at: float) -> None:
        revoke(self, user, token_id.casefold(), expires_at)

    def is_revoked_folded(self: RevokedTokens, user: str, token_id: str) -> bool:
        return is_revoked(self, user, token_id.casefold())

    replace(RevokedTokens, "revoke", revoke_folded)
    replace(RevokedTokens, "is_revoked", is_revoked_folded)
