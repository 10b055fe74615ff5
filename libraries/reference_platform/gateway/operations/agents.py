"""Operations about a user's agents."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from reference_platform.gateway.addressing import own_agent, own_user, readable_user
from reference_platform.gateway.operations.execute import DEFAULT_THREAD
from reference_platform.gateway.requests import Request, not_found
from reference_platform.gateway.session import Session
from reference_platform.registry.agents import AGENT_TYPES

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform


async def agent_create(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Make an agent and start its process."""
    agent_type = request.choice("agent_type", AGENT_TYPES)
    thread = request.identifier("thread", DEFAULT_THREAD)
    agent = platform.registry.create(own_user(platform, session, request), agent_type, thread)
    try:
        await agent.running_process()
    except BaseException:
        platform.remove_agent_soon(agent, "removed")
        raise
    return agent.describe()


def agent_get(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Describe one agent."""
    user = readable_user(platform, session, request)
    agent = platform.registry.agent_of(user, request.identifier("agent_id"))
    thread = request.optional_identifier("thread")
    if agent is None or (thread is not None and agent.identity.thread != thread):
        raise not_found()
    return agent.describe()


def agent_list(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Describe all agents of a user, or those of a thread."""
    user = readable_user(platform, session, request)
    agents = platform.registry.agents_of(user, request.optional_identifier("thread"))
    return {"agents": [agent.describe() for agent in agents]}


async def agent_stop(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """End an agent's process and start no other."""
    agent = own_agent(platform, session, request)
    agent.stopped = True
    await agent.stop_process("the agent was stopped by its user")
    return agent.describe()


async def agent_reset(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Give an agent a fresh process that remembers nothing."""
    agent = own_agent(platform, session, request)
    agent.stopped = False
    await agent.stop_process("the agent was reset by its user")
    await platform.forget_memories(agent)
    await agent.running_process()
    return agent.describe()


async def agent_remove(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Remove an agent and what it remembers."""
    agent = own_agent(platform, session, request)
    platform.registry.remove(agent)
    platform.books.agent_removed(agent)
    await agent.remove("removed")
    await platform.forget_memories(agent)
    return {"removed": True}


def agent_health(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Count a user's agents."""
    user = readable_user(platform, session, request)
    agents = platform.registry.agents_of(user)
    return {
        "agents": len(agents),
        "running": sum(agent.process is not None for agent in agents),
        "by_type": dict(Counter(agent.identity.agent_type for agent in agents)),
        "failed_operations": user.failed_operations,
    }
