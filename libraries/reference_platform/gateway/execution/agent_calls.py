"""What an agent may ask of the platform while it works: always for its own tenant and user, bound when it was started."""

from __future__ import annotations

import hashlib
import math
import time
from typing import Any

from reference_platform.agents import AgentFailure
from reference_platform.gateway.lease_keeper import LeaseKeeper
from reference_platform.registry.agent import Agent
from reference_platform.state import Lease, Owner, QueryKind, QuotaExceeded, Scope, Store

PROFILE_KEY = "me"
ANSWER_SECONDS = 60
MOST_MEMORIES = 1000


class AgentCalls:
    """Serves the calls of one agent."""

    def __init__(self, store: Store, leases: LeaseKeeper, agent: Agent) -> None:
        """Bind it to the agent's tenant and user.

        Args:
            store: What the platform keeps.
            leases: Where database connections come from.
            agent: Whose calls.
        """
        self._store = store
        self._leases = leases
        self._agent = agent
        self._owner = Owner(agent.identity.tenant, agent.identity.user)
        self._turns = agent.user.tenant.database
        self._handlers = {
            "profile": self.profile,
            "memory_load": self.memory_load,
            "memory_save": self.memory_save,
            "database": self.database,
            "lease": self.lease,
            "cache_get": self.cache_get,
            "cache_put": self.cache_put,
        }

    async def serve(self, name: str, arguments: dict[str, Any]) -> Any:
        """Serve one call.

        Args:
            name: What is asked for.
            arguments: With what; names of tenants and users in it mean nothing.

        Returns:
            JSON.

        Raises:
            AgentFailure: If it cannot be served.
        """
        handler = self._handlers.get(name)
        if handler is None:
            raise AgentFailure("bad_request", "the platform knows no such call")
        return await handler(arguments)

    async def profile(self, arguments: dict[str, Any]) -> Any:
        """The user's own profile, or None."""
        async with self._turns.turn():
            return await self._store.get(self._owner, Scope.PROFILE, PROFILE_KEY)

    async def memory_load(self, arguments: dict[str, Any]) -> list[Any]:
        """What the agent remembers, oldest first."""
        key = self._agent.identity.agent_id
        async with self._turns.turn():
            memories = await self._store.get(self._owner, Scope.MEMORY, key)
        return memories if isinstance(memories, list) else []

    async def memory_save(self, arguments: dict[str, Any]) -> int:
        """Remember one more text; returns how many there are."""
        memories = await self.memory_load(arguments)
        if len(memories) >= MOST_MEMORIES:
            raise AgentFailure("quota_exceeded", f"an agent remembers at most {MOST_MEMORIES} texts")
        memories.append(str(arguments["text"]))
        key = self._agent.identity.agent_id
        async with self._turns.turn():
            await self._store.put(self._owner, Scope.MEMORY, key, memories)
        return len(memories)

    async def database(self, arguments: dict[str, Any]) -> int:
        """Insert, sort and remove rows over a leased connection; returns how many rows came back."""
        rows = 0
        async with self._turns.turn():
            lease = await self._lease()
        try:
            for _ in range(int(arguments["repeat"])):
                async with self._turns.turn(most=math.inf):
                    rows += await lease.query(QueryKind.ROWS, int(arguments["rows"]))
        finally:
            await lease.release()
        return rows

    async def lease(self, arguments: dict[str, Any]) -> str:
        """Lease a connection until the agent's process ends or it is taken back; returns its id."""
        return (await self._lease()).lease_id

    async def cache_get(self, arguments: dict[str, Any]) -> Any:
        """A cached answer, or None."""
        return await self._store.cache_get(self._owner, answer_key(str(arguments["question"])))

    async def cache_put(self, arguments: dict[str, Any]) -> None:
        """Keep an answer for a minute."""
        key = answer_key(str(arguments["question"]))
        self._note_answer(key)
        await self._store.cache_put(self._owner, key, arguments["answer"], ANSWER_SECONDS)

    def _note_answer(self, key: str) -> None:
        """Remember the key for the clean-up, and forget those that have expired by themselves."""
        now = time.monotonic()
        user = self._agent.user
        user.answers = {known: end for known, end in user.answers.items() if end > now}
        user.answers[key] = now + ANSWER_SECONDS

    async def _lease(self) -> Lease:
        try:
            return await self._leases.open(self._owner, self._agent.identity.agent_id)
        except QuotaExceeded as error:
            raise AgentFailure("quota_exceeded", "the tenant has as many database connections as it may") from error


def answer_key(question: str) -> str:
    """Under which key an answer is kept for its owner: a digest, so that no question stands in a key."""
    return f"ask:{hashlib.sha256(question.encode()).hexdigest()}"
