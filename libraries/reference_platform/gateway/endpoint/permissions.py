"""What a role may do (PROTOCOL.md, Roles). The role comes from the session's token and from nothing else."""

from __future__ import annotations

from reference_platform.authentication import Role
from reference_platform.gateway.endpoint.requests import Request, RequestError
from reference_platform.registry.session import Session

_RESTRICTED_OPERATIONS = frozenset(
    {
        "ping",
        "session_info",
        "session_resume",
        "session_end",
        "logout",
        "execute",
        "state_get",
        "state_list",
        "history_read",
        "agent_get",
        "agent_list",
        "agent_health",
    }
)
_RESTRICTED_WORK = frozenset({"noop", "typical", "report", "ask"})


def role_of(session: Session, request: Request) -> Role:
    """The role in which a request is served: the token's."""
    return session.claims.role


def check_operation(session: Session, request: Request) -> None:
    """Refuse an operation that the role does not allow.

    Raises:
        RequestError: ``forbidden``; looks at no thing, so it says nothing about any.
    """
    if role_of(session, request) is Role.RESTRICTED and request.operation not in _RESTRICTED_OPERATIONS:
        raise RequestError("forbidden", "the role does not allow this operation")


def check_work(session: Session, request: Request, kind: str) -> None:
    """Refuse a kind of work, or an agent of choice, that the role does not allow.

    Raises:
        RequestError: ``forbidden``.
    """
    if role_of(session, request) is not Role.RESTRICTED:
        return
    if kind not in _RESTRICTED_WORK or request.arguments.get("agent_id") is not None:
        raise RequestError("forbidden", "the role does not allow this work")


def may_read_others(session: Session, request: Request) -> bool:
    """Whether agents of other users of the tenant may be read."""
    return role_of(session, request) is Role.ADMIN
