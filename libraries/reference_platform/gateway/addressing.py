"""Whose things a request is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_platform.gateway import permissions
from reference_platform.gateway.requests import Request, not_found
from reference_platform.gateway.session import Session
from reference_platform.registry.agents import Agent
from reference_platform.registry.tenants import User

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform


def own_user(platform: Platform, session: Session, request: Request) -> User:
    """The user whose things may be changed: always the session's own.

    Raises:
        RequestError: ``not_found`` when the request addresses anybody else, who may exist or not.
    """
    name = request.optional_identifier("user")
    if name is not None and name != session.user.name:
        raise not_found()
    return session.user


def readable_user(platform: Platform, session: Session, request: Request) -> User:
    """The user whose agents may be read: the own one, or for an admin any of the same tenant.

    Raises:
        RequestError: ``not_found`` for everybody else.
    """
    name = request.optional_identifier("user")
    if name is None or name == session.user.name:
        return session.user
    if not permissions.may_read_others(session, request):
        raise not_found()
    tenant = session.user.tenant
    if platform.directory.tenant_of(name) != tenant.name:
        raise not_found()
    return tenant.users.get(name) or User(name, tenant)


def own_agent(platform: Platform, session: Session, request: Request) -> Agent:
    """The agent that a request names, if it is the session's user's own.

    Raises:
        RequestError: ``not_found`` for a foreign one just as for one that does not exist.
    """
    agent = platform.registry.agent_of(session.user, request.identifier("agent_id"))
    if agent is None:
        raise not_found()
    return agent
