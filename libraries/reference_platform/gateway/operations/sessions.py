"""Operations about sessions themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference_platform.gateway.dispatch import reply
from reference_platform.gateway.requests import Request, not_found
from reference_platform.gateway.session import Session

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

LARGEST_NUMBER = 2**53


def ping(platform: Platform, session: Session, request: Request) -> None:
    """Answer at once."""
    session.send({"event": "pong", "id": request.correlation_id})


def cancel(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Give up an own unfinished request of this session."""
    target = session.unfinished.get(request.identifier("target"))
    if target is None:
        raise not_found()
    target.give_up("cancelled")
    return {"cancelled": True}


def session_info(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Who this session is."""
    return {
        "session_id": session.session_id,
        "tenant": session.claims.tenant,
        "user": session.claims.user,
        "role": session.claims.role.value,
        "open_sessions": len(session.user.sessions),
    }


def session_resume(platform: Platform, session: Session, request: Request) -> None:
    """Send what an own session, cut a short time ago, has missed."""
    name = request.identifier("session_id")
    number = request.whole_number("after_seq", None, 0, LARGEST_NUMBER)
    earlier = resumable(session, name)
    if earlier is None:
        raise not_found()
    missed = earlier.missed_after(number)
    reply(session, request, {"resumed": len(missed)})
    for payload in missed:
        session.send_replayed(payload)
    platform.lifecycle.inherit(earlier, session)


def resumable(session: Session, session_id: str) -> Session | None:
    """The user's own cut session of that id; None for a foreign one just as for one that does not exist."""
    return session.user.cut.get(session_id)


def session_end(platform: Platform, session: Session, request: Request) -> None:
    """End this session; the user's agents go with its last one."""
    reply(session, request, {"ended": True})
    platform.lifecycle.end(session, 1000)


def logout(platform: Platform, session: Session, request: Request) -> None:
    """Refuse this session's token from now on and close every session that was opened with it."""
    reply(session, request, {"logged_out": True})
    platform.lifecycle.log_out(session)
