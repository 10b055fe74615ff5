"""Database connections that an agent holds for itself, each logged in as its tenant's own role."""

from __future__ import annotations

import asyncio
import secrets
import time
from enum import StrEnum

import asyncpg

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.state.errors import QuotaExceeded, StoreError
from reference_platform.state.records import LeaseInfo, Owner, TenantCredentials
from reference_platform.state.relational.database import connect
from reference_platform.state.relational.schema import SCHEMA

_ATTEMPTS = 10
_PAUSE_SECONDS = 0.05
_CLOSE_SECONDS = 1.0


class QueryKind(StrEnum):
    """What a lease's query makes the database do."""

    ROWS = "rows"
    """Insert rows, read them back sorted, remove them."""
    SORT = "sort"
    """Sort made-up rows without writing any."""


class Lease:
    """One dedicated connection. It counts against the tenant's connection limit until it is released or reclaimed."""

    def __init__(
        self, lease_id: str, owner: Owner, holder: str, connection: asyncpg.Connection[asyncpg.Record], book: Leases
    ) -> None:
        """Use ``Leases.open``; this only keeps what it made."""
        self.lease_id = lease_id
        self.owner = owner
        self.holder = holder
        self.server_pid = connection.get_server_pid()
        self._connection = connection
        self._book = book
        self._since = self._last_used = time.monotonic()
        self._running = 0

    async def query(self, kind: QueryKind, size: int) -> int:
        """Let the database work.

        Args:
            kind: At what.
            size: With how many rows.

        Returns:
            The number of rows that it gave back. Nothing stays in the tables, also when the query is cancelled.

        Raises:
            StoreError: When the lease was released, reclaimed or cut.
        """
        self._running += 1
        try:
            if kind is QueryKind.SORT:
                return int(await self._connection.fetchval(_SORT, size))
            async with self._connection.transaction():
                await self._connection.execute(_INSERT, self.owner.user, self.lease_id, size)
                rows = await self._connection.fetch(_READ, self.lease_id)
                await self._connection.execute(_REMOVE, self.lease_id)
            return len(rows)
        except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, OSError):
            raise StoreError(f"The leased connection {self.lease_id} is closed") from None
        finally:
            self._running -= 1
            self._last_used = time.monotonic()

    async def release(self) -> None:
        """Give the connection back. May be called any number of times."""
        self._book.forget(self)
        try:
            await self._connection.close(timeout=_CLOSE_SECONDS)
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self._connection.terminate()

    def cut(self) -> None:
        """Close the connection at once, whatever it is doing."""
        self._book.forget(self)
        self._connection.terminate()

    def info(self) -> LeaseInfo:
        """What the operator sees of it."""
        now = time.monotonic()
        idle = 0.0 if self._running else now - self._last_used
        return LeaseInfo(self.lease_id, self.owner.tenant, self.owner.user, self.holder, now - self._since, idle)


class Leases:
    """Every lease that is held."""

    def __init__(self, addresses: ServiceAddresses) -> None:
        """Start with none."""
        self._addresses = addresses
        self._held: dict[str, Lease] = {}

    async def open(self, owner: Owner, holder: str, credentials: TenantCredentials, limit: int) -> Lease:
        """Lease a connection.

        Args:
            owner: For whom.
            holder: Who will use it, such as an agent's id.
            credentials: The tenant's own.
            limit: The tenant's connection limit. PostgreSQL enforces it; here it tells a full quota from a connection
                that was closed a moment ago and is still counted.

        Raises:
            QuotaExceeded: When the tenant has as many connections as it may.
        """
        for attempt in range(_ATTEMPTS):
            try:
                connection = await connect(self._addresses, credentials.database_role, credentials.database_password)
            except asyncpg.TooManyConnectionsError:
                if len(self.of_tenant(owner.tenant)) >= limit or attempt == _ATTEMPTS - 1:
                    break
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            lease = Lease(secrets.token_hex(8), owner, holder, connection, self)
            self._held[lease.lease_id] = lease
            return lease
        raise QuotaExceeded(f"The tenant '{owner.tenant}' has as many database connections as it may ({limit})")

    def find(self, lease_id: str) -> Lease | None:
        """A lease that is held, or None."""
        return self._held.get(lease_id)

    def of_tenant(self, tenant: str | None) -> list[Lease]:
        """The leases of a tenant, or of all, oldest first."""
        return [lease for lease in self._held.values() if tenant is None or lease.owner.tenant == tenant]

    def forget(self, lease: Lease) -> None:
        """Take a lease off the list."""
        self._held.pop(lease.lease_id, None)


_INSERT = f"""
INSERT INTO {SCHEMA}.scratch (user_id, lease_id, number, payload)
SELECT $1, $2, number, md5(number::text) FROM generate_series(1, $3::integer) AS number
"""
_READ = f"SELECT number, payload FROM {SCHEMA}.scratch WHERE lease_id = $1 ORDER BY payload"
_REMOVE = f"DELETE FROM {SCHEMA}.scratch WHERE lease_id = $1"
_SORT = """
SELECT count(*) FROM (SELECT md5(number::text) AS payload FROM generate_series(1, $1::integer) AS number
                      ORDER BY payload OFFSET 0) AS sorted
"""
