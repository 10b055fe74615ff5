"""Whose things a request is about."""

from __future__ import annotations

from reference_platform.authentication import UserDirectory
from reference_platform.gateway.endpoint import permissions
from reference_platform.gateway.endpoint.requests import Request, not_found
from reference_platform.registry import Agent, Registry, Session, User


class Addressing:
    """Finds what a request names, for whoever may name it."""

    def __init__(self, registry: Registry, directory: UserDirectory) -> None:
        """Keep where things are.

        Args:
            registry: Users and agents that are there.
            directory: The tenants of all known users.
        """
        self._registry = registry
        self._directory = directory

    def own_user(self, session: Session, request: Request) -> User:
        """The user whose things may be changed: always the session's own.

        Raises:
            RequestError: ``not_found`` when the request addresses anybody else, who may exist or not.
        """
        name = request.optional_identifier("user")
        if name is not None and name != session.user.name:
            raise not_found()
        return session.user

    def readable_user(self, session: Session, request: Request) -> User:
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
        if self._directory.tenant_of(name) != tenant.name:
            raise not_found()
        return self._registry.find_user(tenant.name, name) or User(name, tenant)

    def own_agent(self, session: Session, request: Request) -> Agent:
        """The agent that a request names, if it is the session's user's own.

        Raises:
            RequestError: ``not_found`` for a foreign one just as for one that does not exist.
        """
        agent = self._registry.agent_of(session.user, request.identifier("agent_id"))
        if agent is None:
            raise not_found()
        return agent
