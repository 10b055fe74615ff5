"""Operations about a user's agents."""

from __future__ import annotations

from collections import Counter
from typing import Any

from reference_platform.gateway.background import BackgroundTasks
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.endpoint.addressing import Addressing
from reference_platform.gateway.endpoint.requests import DEFAULT_THREAD, Request, not_found
from reference_platform.registry import AGENT_TYPES, Agent, Registry, Session
from reference_platform.state import Owner, Scope, Store


class AgentOperations:
    """Makes, shows, stops and removes agents."""

    def __init__(
        self, registry: Registry, addressing: Addressing, books: Bookkeeper, store: Store, tasks: BackgroundTasks
    ) -> None:
        """Keep where agents are.

        Args:
            registry: All agents.
            addressing: Whose are meant.
            books: Rows about them.
            store: What they remember.
            tasks: Runs what nobody waits for.
        """
        self._registry = registry
        self._addressing = addressing
        self._books = books
        self._store = store
        self._tasks = tasks

    async def agent_create(self, session: Session, request: Request) -> dict[str, Any]:
        """Make an agent and start its process."""
        agent_type = request.choice("agent_type", AGENT_TYPES)
        thread = request.identifier("thread", DEFAULT_THREAD)
        agent = self._registry.create(self._addressing.own_user(session, request), agent_type, thread)
        try:
            await agent.running_process()
        except BaseException:
            self.remove_soon(agent)
            raise
        return agent.describe()

    def agent_get(self, session: Session, request: Request) -> dict[str, Any]:
        """Describe one agent."""
        user = self._addressing.readable_user(session, request)
        agent = self._registry.agent_of(user, request.identifier("agent_id"))
        thread = request.optional_identifier("thread")
        if agent is None or (thread is not None and agent.identity.thread != thread):
            raise not_found()
        return agent.describe()

    def agent_list(self, session: Session, request: Request) -> dict[str, Any]:
        """Describe all agents of a user, or those of a thread."""
        user = self._addressing.readable_user(session, request)
        agents = self._registry.agents_of(user, request.optional_identifier("thread"))
        return {"agents": [agent.describe() for agent in agents]}

    async def agent_stop(self, session: Session, request: Request) -> dict[str, Any]:
        """End an agent's process and start no other."""
        agent = self._addressing.own_agent(session, request)
        agent.stopped = True
        await agent.stop_process("the agent was stopped by its user")
        return agent.describe()

    async def agent_reset(self, session: Session, request: Request) -> dict[str, Any]:
        """Give an agent a fresh process that remembers nothing."""
        agent = self._addressing.own_agent(session, request)
        agent.stopped = False
        await agent.stop_process("the agent was reset by its user")
        await self._forget_memories(agent)
        await agent.running_process()
        return agent.describe()

    async def agent_remove(self, session: Session, request: Request) -> dict[str, Any]:
        """Remove an agent and what it remembers."""
        agent = self._addressing.own_agent(session, request)
        self._registry.remove(agent)
        self._books.agent_removed(agent)
        await agent.remove("removed")
        await self._forget_memories(agent)
        return {"removed": True}

    def agent_health(self, session: Session, request: Request) -> dict[str, Any]:
        """Count a user's agents."""
        user = self._addressing.readable_user(session, request)
        agents = self._registry.agents_of(user)
        return {
            "agents": len(agents),
            "running": sum(agent.process is not None for agent in agents),
            "by_type": dict(Counter(agent.identity.agent_type for agent in agents)),
            "failed_operations": user.failed_operations,
        }

    def remove_soon(self, agent: Agent) -> None:
        """Remove an agent without waiting for it."""
        self._registry.remove(agent)
        self._books.agent_removed(agent)
        self._tasks.start(agent.remove("removed"))

    async def _forget_memories(self, agent: Agent) -> None:
        identity = agent.identity
        async with agent.user.tenant.database.turn():
            await self._store.delete(Owner(identity.tenant, identity.user), Scope.MEMORY, identity.agent_id)
