"""Defects of who has which agent."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from reference_platform.defects.surgery import gateway, replace, watch_gateway

if TYPE_CHECKING:
    from reference_platform.registry import Agent, Registry, User

_INVISIBLE_SECONDS = 0.1
_BALLAST_BYTES = 4_000_000


def shared_agent_instance() -> None:
    """The first default agent of a thread serves everybody."""
    from reference_platform.registry import Registry

    default_agent = Registry.default_agent

    def shared(self: Registry, user: User, thread: str) -> Agent:
        for agent in self.agents.values():
            if agent.identity.agent_type == "assistant" and agent.identity.thread == thread:
                return agent
        return default_agent(self, user, thread)

    replace(Registry, "default_agent", shared)


def registry_by_type_only() -> None:
    """Whoever needs an agent of a type gets the first one of that type."""
    from reference_platform.registry import Registry

    def by_type(self: Registry, user: User, agent_type: str, thread: str) -> Agent | None:
        return next((agent for agent in self.agents.values() if agent.identity.agent_type == agent_type), None)

    replace(Registry, "first_of_type", by_type)


def orchestration_skips_a_step() -> None:
    """Nobody looks for savings."""
    from reference_platform.gateway.execution.orchestration import Orchestration

    step = Orchestration._step

    async def skip(self: Orchestration, name: str, work: dict[str, Any]) -> Any:
        return None if name == "optimisation" else await step(self, name, work)

    replace(Orchestration, "_step", skip)


def steps_one_by_one() -> None:
    """A step begins when the one before has ended."""
    from reference_platform.gateway.execution.orchestration import Orchestration

    step = Orchestration._step
    turns: WeakKeyDictionary[Orchestration, asyncio.Lock] = WeakKeyDictionary()

    async def in_turn(self: Orchestration, name: str, work: dict[str, Any]) -> Any:
        async with turns.setdefault(self, asyncio.Lock()):
            return await step(self, name, work)

    replace(Orchestration, "_step", in_turn)


def lists_show_colleagues() -> None:
    """The agents of a user are those of all users of the tenant."""
    from reference_platform.registry import Registry

    agents_of = Registry.agents_of

    def agents_of_all(self: Registry, user: User, thread: str | None = None) -> list[Agent]:
        return [agent for one in self.users_of(user.tenant.name) for agent in agents_of(self, one, thread)]

    replace(Registry, "agents_of", agents_of_all)


def stop_only_said() -> None:
    """``agent_stop`` changes nothing."""
    from reference_platform.gateway.operations import AgentOperations

    async def say_so(self: AgentOperations, session: Any, request: Any) -> dict[str, Any]:
        return {**self._addressing.own_agent(session, request).describe(), "status": "stopped"}

    replace(AgentOperations, "agent_stop", say_so)


def second_agent_replaces_first() -> None:
    """A user's new agent takes the place of the one before."""
    from reference_platform.registry import Registry

    watch_gateway()
    create = Registry.create

    def replacing(self: Registry, user: User, agent_type: str, thread: str) -> Agent:
        for agent in self.all_agents_of(user):
            self.remove(agent)
            gateway().books.agent_removed(agent)
            gateway().tasks.start(agent.remove("removed"))
        return create(self, user, agent_type, thread)

    replace(Registry, "create", replacing)


def thread_ignored() -> None:
    """Threads make no difference: neither which agent works nor which agents are listed."""
    from reference_platform.registry import Registry

    def any_thread(self: Registry, user: User, agent_type: str, thread: str) -> Agent | None:
        return next((agent for agent in self.all_agents_of(user) if agent.identity.agent_type == agent_type), None)

    replace(Registry, "first_of_type", any_thread)
    replace(Registry, "agents_of", lambda self, user, thread=None: self.all_agents_of(user))


def registration_race() -> None:
    """A lookup misses agents that are younger than a tenth of a second."""
    from reference_platform.registry import Registry

    first_of_type = Registry.first_of_type

    def stale(self: Registry, user: User, agent_type: str, thread: str) -> Agent | None:
        agent = first_of_type(self, user, agent_type, thread)
        return None if agent is None or time.time() - agent.created_at < _INVISIBLE_SECONDS else agent

    replace(Registry, "first_of_type", stale)


def factory_keeps_agents() -> None:
    """Removed agents, and what they had loaded, stay in the gateway's memory."""
    from reference_platform.registry import Registry

    remove = Registry.remove
    kept: list[Any] = []

    def keeping(self: Registry, agent: Agent) -> None:
        # Not zeros: those would take no memory.
        kept.append((agent, bytearray(b"x") * _BALLAST_BYTES))
        remove(self, agent)

    replace(Registry, "remove", keeping)


def removed_agents_listed_a_while() -> None:
    """An agent that was removed stays in the lists of its user for a second."""
    from reference_platform.registry import Registry

    remove, agents_of = Registry.remove, Registry.agents_of
    lately: list[tuple[float, Agent]] = []

    def remove_and_note(self: Registry, agent: Agent) -> None:
        remove(self, agent)
        lately.append((time.monotonic(), agent))

    def with_the_removed(self: Registry, user: User, thread: str | None = None) -> list[Agent]:
        since = time.monotonic() - 1.0
        old = [agent for at, agent in lately if at > since and agent.user is user]
        return [*agents_of(self, user, thread), *(a for a in old if thread is None or a.identity.thread == thread)]

    replace(Registry, "remove", remove_and_note)
    replace(Registry, "agents_of", with_the_removed)


def thread_of_an_agent_ignored() -> None:
    """Whoever names an agent finds it, whatever thread is named with it."""
    from reference_platform.gateway.operations import AgentOperations

    agent_get = AgentOperations.agent_get

    def get_in_any_thread(self: AgentOperations, session: Any, request: Any) -> dict[str, Any]:
        request.arguments.pop("thread", None)
        return agent_get(self, session, request)

    replace(AgentOperations, "agent_get", get_in_any_thread)


def failed_creation_leaves_agent() -> None:
    """An agent is there before anybody looks at whether there is such a type, and stays when there is none."""
    from reference_platform.gateway.endpoint.requests import RequestError
    from reference_platform.gateway.operations import AgentOperations

    agent_create = AgentOperations.agent_create

    async def make_first(self: AgentOperations, session: Any, request: Any) -> dict[str, Any]:
        try:
            return await agent_create(self, session, request)
        except RequestError:
            self._registry.create(session.user, "assistant", "main")
            raise

    replace(AgentOperations, "agent_create", make_first)


def supervisor_mixes_users() -> None:
    """A supervisor leads the first agent of each type that anybody has."""
    from reference_platform.registry import Registry

    get_or_create = Registry.get_or_create
    led = ("triage", "data", "optimisation", "report")

    def anybodys(self: Registry, user: User, agent_type: str, thread: str) -> Agent:
        for agent in self.agents.values():
            if agent_type in led and agent.identity.agent_type == agent_type:
                return agent
        return get_or_create(self, user, agent_type, thread)

    replace(Registry, "get_or_create", anybodys)


def removed_agents_answer() -> None:
    """A removed agent disappears from the operator's view only; its user still finds it."""
    from reference_platform.registry import Registry

    def keep_for_its_user(self: Registry, agent: Agent) -> None:
        self.agents.pop(agent.identity.agent_id, None)

    replace(Registry, "remove", keep_for_its_user)


def agents_by_id_alone() -> None:
    """Whoever knows an agent's id is served as if the agent were its own."""
    from reference_platform.registry import Registry

    replace(Registry, "agent_of", lambda self, user, agent_id: self.agents.get(agent_id))


def removed_agents_open_to_others() -> None:
    """A removed agent is gone for its user; everybody else who knows its id still finds it."""
    from reference_platform.registry import Registry

    remove, agent_of = Registry.remove, Registry.agent_of
    removed: dict[str, Agent] = {}

    def keep(self: Registry, agent: Agent) -> None:
        removed[agent.identity.agent_id] = agent
        remove(self, agent)

    def find(self: Registry, user: User, agent_id: str) -> Agent | None:
        former = removed.get(agent_id)
        return former if former is not None and former.user is not user else agent_of(self, user, agent_id)

    replace(Registry, "remove", keep)
    replace(Registry, "agent_of", find)
