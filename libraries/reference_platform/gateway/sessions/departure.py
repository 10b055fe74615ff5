"""What is done when a user's last session has ended, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.registry import Registry, User
from reference_platform.state import Owner, Store

Step = Callable[[User], Awaitable[None]]


class Departure:
    """Takes away what a user must not leave behind. Temporary files go with the processes, buffers with the sessions."""

    def __init__(self, registry: Registry, books: Bookkeeper, leases: LeaseKeeper, store: Store, log: LogFile) -> None:
        """Keep where users leave things.

        Args:
            registry: Agents.
            books: Rows about them.
            leases: Database connections.
            store: Cached answers.
        """
        self._registry = registry
        self._books = books
        self._leases = leases
        self._store = store
        self._log = log

    async def leave(self, user: User) -> None:
        """Do every step, whatever becomes of the one before."""
        if user.leaving is not None:
            user.leaving.cancel()
            user.leaving = None
        for session in self._registry.cut_sessions_of(user).values():
            session.abandon()
        steps: tuple[Step, ...] = (self.remove_agents, self.return_leases, self.drop_answers)
        for step in steps:
            try:
                await step(user)
            except Exception as error:  # noqa: BLE001 - written down, and the other steps have to be done
                self._log.fault(f"departure {getattr(step, '__name__', '')}", error)
        self._registry.drop_if_gone(user)

    async def remove_agents(self, user: User) -> None:
        """End the user's agents: their work, their processes, their rows."""
        agents = self._registry.all_agents_of(user)
        for agent in agents:
            self._registry.remove(agent)
            self._books.agent_removed(agent)
        await asyncio.gather(*(agent.remove("removed") for agent in agents))

    async def return_leases(self, user: User) -> None:
        """Give back the database connections of the user's agents."""
        leases = [lease for lease in self._leases.held_by(user.tenant.name) if lease.user == user.name]
        await self._leases.take_back(leases)

    async def drop_answers(self, user: User) -> None:
        """Drop the user's cached answers."""
        answers, user.answers = user.answers, {}
        await self._store.cache.drop(Owner(user.tenant.name, user.name), answers)
