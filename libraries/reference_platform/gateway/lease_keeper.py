"""Database connections that agents hold: taken back when their process ends or when they lie unused."""

from __future__ import annotations

import asyncio

from reference_platform.agents import AgentIdentity
from reference_platform.gateway.background import BackgroundTasks
from reference_platform.state import Lease, LeaseInfo, Owner, Store


class LeaseKeeper:
    """Leases connections and takes them back."""

    def __init__(self, store: Store, tasks: BackgroundTasks, idle_seconds: float) -> None:
        """Lease from a store.

        Args:
            store: Where the connections come from.
            tasks: Runs what nobody waits for.
            idle_seconds: How long a lease may lie unused before it may be taken back (s).
        """
        self._store = store
        self._tasks = tasks
        self._idle_seconds = idle_seconds

    async def open(self, owner: Owner, agent_id: str) -> Lease:
        """Lease a connection.

        Args:
            owner: For whom.
            agent_id: Which agent holds it.

        Raises:
            QuotaExceeded: When the tenant has as many as it may.
        """
        return await self._store.lease_connection(owner, agent_id)

    def held_by(self, tenant: str | None = None) -> list[LeaseInfo]:
        """The leases of a tenant, or of all."""
        return self._store.leases(tenant)

    def summary(self) -> dict[str, tuple[int, float]]:
        """Tenant to how many leases it has, and for how long the least used one has lain unused (s)."""
        found: dict[str, tuple[int, float]] = {}
        for lease in self.held_by():
            number, idle = found.get(lease.tenant, (0, 0.0))
            found[lease.tenant] = (number + 1, max(idle, lease.idle_seconds))
        return found

    def return_soon(self, identity: AgentIdentity) -> None:
        """Take back everything that an agent holds whose process has ended."""
        leases = [lease for lease in self.held_by(identity.tenant) if lease.holder == identity.agent_id]
        if leases:
            self._tasks.start(self.take_back(leases))

    def reclaim_soon(self, tenant: str) -> None:
        """Take back what lies unused."""
        leases = [lease for lease in self.held_by(tenant) if lease.idle_seconds >= self._idle_seconds]
        if leases:
            self._tasks.start(self.take_back(leases))

    async def take_back(self, leases: list[LeaseInfo]) -> None:
        """Take leases away from their holders, at the server too."""
        await asyncio.gather(*(self._store.reclaim(lease.lease_id) for lease in leases))
