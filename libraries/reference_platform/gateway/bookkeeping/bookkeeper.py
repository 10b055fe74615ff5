"""Rows about sessions and agents, written behind the scenes: no request waits for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from reference_platform.gateway.bookkeeping.log_file import LogFile
from reference_platform.registry.agent import Agent
from reference_platform.registry.session import Session
from reference_platform.state import AgentRow, Owner, Store

CLOSE_SECONDS = 1.0


class Bookkeeper:
    """Writes rows one after another, in the order in which things happened."""

    def __init__(self, store: Store, log: LogFile) -> None:
        """Write to a store.

        Args:
            store: Where the rows go.
            log: Told of rows that could not be written.
        """
        self._store = store
        self._log = log
        self._entries: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start to write."""
        self._task = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Write what is left, for a moment."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._entries.join(), CLOSE_SECONDS)
        if self._task is not None:
            self._task.cancel()

    async def settle(self) -> None:
        """Wait until everything that has happened so far is written."""
        await self._entries.join()

    def user_seen(self, owner: Owner) -> None:
        """Note a user."""
        self._entries.put_nowait(lambda: self._store.save_user(owner))

    def session_opened(self, session: Session) -> None:
        """Note a session."""
        owner = owner_of_session(session)
        self._entries.put_nowait(lambda: self._store.save_session(owner, session.session_id))

    def session_ended(self, session: Session) -> None:
        """Note that a session has ended."""
        owner = owner_of_session(session)
        self._entries.put_nowait(lambda: self._store.end_session(owner, session.session_id))

    def agent_saved(self, agent: Agent, status: str) -> None:
        """Note an agent, or its new status: ``running`` or ``stopped``."""
        identity = agent.identity
        owner = Owner(identity.tenant, identity.user)
        row = AgentRow(identity.agent_id, identity.agent_type, identity.thread, status, agent.created_at)
        self._entries.put_nowait(lambda: self._store.save_agent(owner, row))

    def agent_removed(self, agent: Agent) -> None:
        """Note that an agent is gone."""
        identity = agent.identity
        owner = Owner(identity.tenant, identity.user)
        self._entries.put_nowait(lambda: self._store.remove_agent(owner, identity.agent_id))

    async def _write(self) -> None:
        while True:
            entry = await self._entries.get()
            try:
                await entry()
            except Exception as error:  # noqa: BLE001 - written down, and the next row has to be written
                self._log.fault("bookkeeping", error)
            finally:
                self._entries.task_done()


def owner_of_session(session: Session) -> Owner:
    """Whose session it is: what its token says."""
    return Owner(session.claims.tenant, session.claims.user)
