"""The register: who and what exists, and to whom it belongs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from reference_platform.agents import AgentIdentity
from reference_platform.registry.agent import DEFAULT_TYPE, Agent
from reference_platform.registry.session import Session
from reference_platform.registry.tenants import Tenant, User


class AgentLimitReached(Exception):
    """The tenant has as many agents as its quota allows."""


@dataclass(slots=True)
class _Belongings:
    """What a user has: open sessions, cut ones that can still be resumed, agents in order of creation; all by id."""

    sessions: dict[str, Session] = field(default_factory=dict)
    cut: dict[str, Session] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)


class Registry:
    """Tenants, users, sessions and agents.

    Every method is synchronous: between looking something up and adding it nobody else runs, so fifty requests that ask
    for the same default agent at once get the same one.

    Attributes:
        tenants: Known tenants by id.
        sessions: Open sessions of everybody, by id.
        agents: Agents of everybody, by id.
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
        self._of_tenants: dict[str, dict[str, User]] = {}
        self._of_users: dict[User, _Belongings] = {}

    def tenant(self, name: str) -> Tenant:
        """The tenant of that id; made when it is new."""
        tenant = self.tenants.get(name)
        if tenant is None:
            tenant = self.tenants[name] = self._make_tenant(name)
        return tenant

    def forget_tenant(self, name: str) -> None:
        """Forget a tenant that was removed, with its users."""
        for user in self.users_of(name):
            self._of_users.pop(user, None)
        self._of_tenants.pop(name, None)
        self.tenants.pop(name, None)

    def user(self, tenant_name: str, name: str) -> User:
        """The user of that id in that tenant; made when it is new."""
        users = self._of_tenants.setdefault(tenant_name, {})
        user = users.get(name)
        if user is None:
            user = users[name] = User(name, self.tenant(tenant_name))
            self._of_users[user] = _Belongings()
        return user

    def find_user(self, tenant_name: str, name: str) -> User | None:
        """The user of that id in that tenant, if anything of it is there."""
        return self._of_tenants.get(tenant_name, {}).get(name)

    def users_of(self, tenant_name: str) -> list[User]:
        """Users of a tenant of whom anything is there."""
        return list(self._of_tenants.get(tenant_name, {}).values())

    def users(self) -> Iterator[User]:
        """All users of whom anything is there."""
        for users in self._of_tenants.values():
            yield from users.values()

    def drop_if_gone(self, user: User) -> None:
        """Forget a user of whom nothing is left."""
        held = self._of_users.get(user)
        is_gone = held is not None and not (held.sessions or held.cut or held.agents or user.reserved)
        if is_gone and user.leaving is None:
            del self._of_users[user]
            self._of_tenants[user.tenant.name].pop(user.name, None)

    # Sessions

    def sessions_of(self, user: User) -> dict[str, Session]:
        """A user's open sessions by id: a view, not to be changed."""
        return self._held(user).sessions

    def cut_sessions_of(self, user: User) -> dict[str, Session]:
        """A user's cut sessions that can still be resumed, by id: a view, not to be changed."""
        return self._held(user).cut

    def add_session(self, session: Session) -> None:
        """Note an open session."""
        self._of_users[session.user].sessions[session.session_id] = session
        self.sessions[session.session_id] = session

    def take_out_session(self, session: Session) -> None:
        """Forget that a session is open."""
        self._held(session.user).sessions.pop(session.session_id, None)
        self.sessions.pop(session.session_id, None)

    def add_cut_session(self, session: Session) -> None:
        """Note a session that can be resumed."""
        self._of_users[session.user].cut[session.session_id] = session

    def take_out_cut_session(self, session: Session) -> None:
        """Forget that a session can be resumed."""
        self._held(session.user).cut.pop(session.session_id, None)

    # Agents

    def agent_of(self, user: User, agent_id: str) -> Agent | None:
        """The user's agent of that id; None for a foreign one just as for one that does not exist."""
        return self._held(user).agents.get(agent_id)

    def agents_of(self, user: User, thread: str | None = None) -> list[Agent]:
        """A user's agents in order of creation.

        Args:
            user: Whose.
            thread: Only those of this thread.
        """
        return [
            agent for agent in self._held(user).agents.values() if thread is None or agent.identity.thread == thread
        ]

    def first_of_type(self, user: User, agent_type: str, thread: str) -> Agent | None:
        """The user's oldest agent of a type in a thread."""
        for agent in self._held(user).agents.values():
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
        if sum(len(self._held(each).agents) for each in self.users_of(user.tenant.name)) >= self._agents_of_a_tenant:
            raise AgentLimitReached
        identity = AgentIdentity(
            agent_id=new_agent_id(), tenant=user.tenant.name, user=user.name, agent_type=agent_type, thread=thread
        )
        agent = self._make_agent(identity, user, time.time())
        self._of_users[user].agents[identity.agent_id] = agent
        self.agents[identity.agent_id] = agent
        return agent

    def remove(self, agent: Agent) -> None:
        """Forget an agent."""
        self.agents.pop(agent.identity.agent_id, None)
        self._held(agent.user).agents.pop(agent.identity.agent_id, None)

    def all_agents_of(self, user: User) -> list[Agent]:
        """A user's agents, for whoever ends or counts them; what a request may see is ``agents_of``."""
        return list(self._held(user).agents.values())

    def has_agents(self, tenant_name: str) -> bool:
        """Whether any user of a tenant has an agent."""
        return any(self._held(user).agents for user in self.users_of(tenant_name))

    def _held(self, user: User) -> _Belongings:
        """What a user has; nothing for one who has just been forgotten, whom a request under way may still hold."""
        return self._of_users.get(user) or _Belongings()


def new_agent_id() -> str:
    """An id that nobody can guess."""
    return f"agt_{secrets.token_hex(12)}"
