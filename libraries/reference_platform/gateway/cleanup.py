"""What is done when a user's last session has ended, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from reference_platform.registry.tenants import User
from reference_platform.state import Owner

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

Step = Callable[["Platform", User], Awaitable[None]]


async def remove_agents(platform: Platform, user: User) -> None:
    """End the user's agents: their work, their processes, their rows."""
    agents = list(user.agents.values())
    for agent in agents:
        platform.registry.remove(agent)
        platform.books.agent_removed(agent)
    await asyncio.gather(*(agent.remove("removed") for agent in agents))


async def return_leases(platform: Platform, user: User) -> None:
    """Give back the database connections of the user's agents."""
    leases = [lease for lease in platform.leases.held_by(user.tenant.name) if lease.user == user.name]
    await platform.leases.take_back(leases)


async def drop_answers(platform: Platform, user: User) -> None:
    """Drop the user's cached answers."""
    answers, user.answers = user.answers, {}
    await platform.store.cache.drop(Owner(user.tenant.name, user.name), answers)


#: All steps, in order. Temporary files go with the processes, subscriptions and buffers with the sessions.
STEPS: list[Step] = [remove_agents, return_leases, drop_answers]
