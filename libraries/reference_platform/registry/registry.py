"""The register: who and what exists, and to whom it belongs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator

from reference_platform.agents import AgentIdentity
from reference_platform.gateway.session import Session
from reference_platform.registry.agents import DEFAULT_TYPE, Agent
from reference_platform.registry.tenants import Tenant, User


class AgentLimitReached(Exception):
    """The tenant has as many agents as its quota allows."""


class Registry:
    """Tenants, users, sessions and agents.

    Every method is synchronous: between looking something up and adding it nobody else runs, so fifty requests that ask
    for the same default agent at once get the same one.
    """

    def __init__(
        self,
        make_tenant: Callable[[str], Tenant],
        make_agent: Callable[[AgentIdentity, User, float], Agent],
        agents_of_a_tenant: int,
    ) -> None:
        """Start empty.

        Args:
            make_tenant: Makes a tenant from its id.
            make_agent: Makes an agent from its identity, its user and its time of creation.
            agents_of_a_tenant: How many agents a tenant may have.
        """
        self.tenants: dict[str, Tenant] = {}
        self.sessions: dict[str, Session] = {}
        self.agents: dict[str, Agent] = {}
        self._make_tenant = make_tenant
        self._make_agent = make_agent
        self._agents_of_a_tenant = agents_of_a_tenant

    def tenant(self, name: str) -> Tenant:
        """The tenant of that id; made when it is new."""
        tenant = self.tenants.get(name)
        if tenant is None:
            tenant = self.tenants[name] = self._make_tenant(name)
        return tenant

    def user(self, tenant_name: str, name: str) -> User:
        """The user of that id in that tenant; made when it is new."""
        tenant = self.tenant(tenant_name)
        user = tenant.users.get(name)
        if user is None:
            user = tenant.users[name] = User(name, tenant)
        return user

    def drop_if_gone(self, user: User) -> None:
        """Forget a user of whom nothing is left."""
        if user.is_gone and user.leaving is None and user.tenant.users.get(user.name) is user:
            del user.tenant.users[user.name]

    def agent_of(self, user: User, agent_id: str) -> Agent | None:
        """The user's agent of that id; None for a foreign one just as for one that does not exist."""
        return user.agents.get(agent_id)

    def agents_of(self, user: User, thread: str | None = None) -> list[Agent]:
        """A user's agents in order of creation.

        Args:
            user: Whose.
            thread: Only those of this thread.
        """
        return [agent for agent in user.agents.values() if thread is None or agent.identity.thread == thread]

    def first_of_type(self, user: User, agent_type: str, thread: str) -> Agent | None:
        """The user's oldest agent of a type in a thread."""
        for agent in user.agents.values():
            if agent.identity.agent_type == agent_type and agent.identity.thread == thread:
                return agent
        return None

    def default_agent(self, user: User, thread: str) -> Agent:
        """The agent that works when a request names none; made when there is none.

        Raises:
            AgentLimitReached: If a new one is needed and the tenant has too many.
        """
        return self.get_or_create(user, DEFAULT_TYPE, thread)

    def get_or_create(self, user: User, agent_type: str, thread: str) -> Agent:
        """The user's oldest agent of a type in a thread; made when there is none."""
        agent = self.first_of_type(user, agent_type, thread)
        return agent if agent is not None else self.create(user, agent_type, thread)

    def create(self, user: User, agent_type: str, thread: str) -> Agent:
        """Make an agent; its process starts with its first work.

        Raises:
            AgentLimitReached: If the tenant has as many as it may.
        """
        if sum(len(each.agents) for each in user.tenant.users.values()) >= self._agents_of_a_tenant:
            raise AgentLimitReached
        identity = AgentIdentity(
            agent_id=new_agent_id(), tenant=user.tenant.name, user=user.name, agent_type=agent_type, thread=thread
        )
        agent = self._make_agent(identity, user, time.time())
        user.agents[identity.agent_id] = agent
        self.agents[identity.agent_id] = agent
        return agent

    def remove(self, agent: Agent) -> None:
        """Forget an agent."""
        self.agents.pop(agent.identity.agent_id, None)
        agent.user.agents.pop(agent.identity.agent_id, None)

    def users(self) -> Iterator[User]:
        """All users of whom anything is there."""
        for tenant in self.tenants.values():
            yield from tenant.users.values()


def new_agent_id() -> str:
    """An id that nobody can guess."""
    return f"agt_{secrets.token_hex(12)}"
