"""Defects of rights that end while sessions are open."""

from __future__ import annotations

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
