"""The gateway's way to PostgreSQL: a pool that becomes a tenant's role for one transaction at a time."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.connecting import postgres_login
from reference_platform.state.errors import StoreError
from reference_platform.state.names import GATEWAY_ROLE, quoted_name, quoted_text, tenant_role
from reference_platform.state.passwords import new_password, scram_verifier
from reference_platform.state.records import Owner, PoolUse
from reference_platform.state.relational.ownership import earlier_run, require_usable_server, sign
from reference_platform.state.relational.schema import check_schema, create_schema

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
"""A connection, pooled or not."""

_PLATFORM_LOCK = 7_236_153_370
_LOCK_ATTEMPTS = 50
_CLOSE_SECONDS = 3.0
_LOGIN_REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
_STATEMENT_MILLISECONDS = 10_000
_OPERATOR_POOL = 3
OPERATOR_CONNECTIONS = 1 + _OPERATOR_POOL
"""Connections that the platform itself may have beside the pool: one that guards the database, and the operator's."""
_ATTEMPTS = 4
"""How many sessions are tried until one knows that the gateway may become the tenant's role."""


class Database:
    """Connections of the operator (roles, schema, counting) and of the gateway (tenants' data).

    Attributes:
        delayed: Tenant to the number of its transactions that had to wait because it used its share of the pool.
        has_remains: Whether an earlier run that did not end in order has left its tenants here.
    """

    def __init__(
        self,
        addresses: ServiceAddresses,
        guard: asyncpg.Connection[asyncpg.Record],
        admin: asyncpg.Pool[asyncpg.Record],
        pool: asyncpg.Pool[asyncpg.Record],
        share: int,
    ) -> None:
        """Use ``open``; this only keeps what it made."""
        self.addresses = addresses
        self.admin = admin
        self.delayed: Counter[str] = Counter()
        self.has_remains = False
        self._guard = guard
        self._pool = pool
        self._share = share
        self._turns: dict[str, asyncio.Semaphore] = {}

    @classmethod
    async def open(
        cls, addresses: ServiceAddresses, run: str = "0", pool_size: int = 10, tenant_share: int = 3
    ) -> Database:
        """Connect, make the schema and check it.

        Args:
            addresses: Where PostgreSQL is.
            run: Which run this is (hexadecimal digits): what another one has left is not taken for this one's.
            pool_size: The most connections of the pool.
            tenant_share: The most of them that one tenant may use at a time.

        Raises:
            StoreError: When the server or the database must not be used, or another platform works there.
            SchemaError: When a table does not separate the tenants.
        """
        guard = await connect(addresses, addresses.postgres_admin_user, addresses.postgres_admin_password)
        try:
            await require_usable_server(guard, addresses)
            await _be_the_only_platform(guard)
            earlier = await earlier_run(guard)
            await create_schema(guard, addresses.own_servers)
            await check_schema(guard)
            await sign(guard, run)
            password = new_password()
            await guard.execute(f"ALTER ROLE {GATEWAY_ROLE} LOGIN PASSWORD {quoted_text(scram_verifier(password))}")
            admin = await _pool(
                addresses, addresses.postgres_admin_user, addresses.postgres_admin_password, 1, _OPERATOR_POOL
            )
            pool = await _pool(addresses, GATEWAY_ROLE, password, 2, pool_size)
        except BaseException:
            guard.terminate()
            raise
        database = cls(addresses, guard, admin, pool, tenant_share)
        database.has_remains = earlier not in (None, run)
        return database

    @staticmethod
    async def check(addresses: ServiceAddresses) -> None:
        """Prove that the database may be used, and change nothing.

        Args:
            addresses: Where PostgreSQL is.

        Raises:
            StoreError: It must not be used; one sentence says why.
        """
        connection = await connect(addresses, addresses.postgres_admin_user, addresses.postgres_admin_password)
        try:
            await require_usable_server(connection, addresses)
            await earlier_run(connection)
        finally:
            await connection.close(timeout=_CLOSE_SECONDS)

    async def close(self) -> None:
        """Close every connection."""
        await self.close_pool()
        await _close(self.admin)
        await self._guard.close(timeout=_CLOSE_SECONDS)

    async def close_pool(self) -> None:
        """Close the gateway's pool only."""
        await _close(self._pool)

    @asynccontextmanager
    async def transaction(self, owner: Owner) -> AsyncIterator[Connection]:
        """One transaction in the role of a tenant, in which only one user's rows exist.

        Args:
            owner: Whose rows are meant.

        Raises:
            StoreError: When the tenant has no role.
        """
        turn = self._turn(owner.tenant)
        if turn.locked():
            self.delayed[owner.tenant] += 1
        async with turn:
            connection = await self._begin(owner)
            try:
                try:
                    yield connection
                except BaseException:
                    if not connection.is_closed():
                        await connection.execute("ROLLBACK")
                    raise
                await connection.execute("COMMIT")
            finally:
                await self._pool.release(connection)

    async def _begin(self, owner: Owner) -> asyncpg.pool.PoolConnectionProxy[asyncpg.Record]:
        attempts = 0
        while True:
            attempts += 1
            connection = await self._pool.acquire()
            try:
                await self._enter(connection, owner)
                return connection
            except BaseException as error:
                # A session of PostgreSQL that looks up who may become whom, just while another role is granted, goes on
                # without that role until the next grant (measured with version 18: after one in ten crowds of newcomers
                # the last of them was refused by some session). A new session knows all.
                stale = isinstance(error, asyncpg.InsufficientPrivilegeError)
                await self._give_back(connection, broken=stale)
                if not stale or attempts == _ATTEMPTS:
                    raise

    async def _give_back(self, connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record], broken: bool) -> None:
        try:
            if broken:
                connection.terminate()
            elif not connection.is_closed():
                await connection.execute("ROLLBACK")
        finally:
            await self._pool.release(connection)

    async def _enter(self, connection: Connection, owner: Owner) -> None:
        try:
            await connection.execute(self.entry(owner))
        except asyncpg.InvalidParameterValueError:
            raise StoreError(f"The tenant '{owner.tenant}' is not known to the store") from None

    @staticmethod
    def entry(owner: Owner) -> str:
        """The statements that begin a transaction as a tenant's role; ``SET LOCAL`` ends with the transaction."""
        return f'BEGIN; SET LOCAL ROLE {quoted_name(tenant_role(owner.tenant))}; SET LOCAL app."user" = ' + quoted_text(
            owner.user
        )

    @asynccontextmanager
    async def without_transactions(self, tenant: str) -> AsyncIterator[None]:
        """Wait until a tenant has no transaction in the pool, and let none begin meanwhile."""
        turn = self._turn(tenant)
        taken = 0
        try:
            for _ in range(self._share):
                await turn.acquire()
                taken += 1
            yield
        finally:
            for _ in range(taken):
                turn.release()

    def pool_use(self) -> PoolUse:
        """How much of the pool is in use."""
        size = self._pool.get_size()
        return PoolUse(size, size - self._pool.get_idle_size(), self._pool.get_max_size(), OPERATOR_CONNECTIONS)

    def _turn(self, tenant: str) -> asyncio.Semaphore:
        if tenant not in self._turns:
            self._turns[tenant] = asyncio.Semaphore(self._share)
        return self._turns[tenant]


async def connect(addresses: ServiceAddresses, user: str, password: str) -> asyncpg.Connection[asyncpg.Record]:
    """One connection outside of any pool.

    Raises:
        StoreError: When the server cannot be reached or refuses the login.
        asyncpg.TooManyConnectionsError: When the login has as many connections as it may.
    """
    try:
        return await asyncpg.connect(
            **postgres_login(addresses, user, password),
            timeout=10.0,
            server_settings={"application_name": "reference platform"},
        )
    except asyncpg.TooManyConnectionsError:
        raise
    except _LOGIN_REFUSED as error:
        raise StoreError(f"PostgreSQL at {addresses.postgres_place} does not let '{user}' in: {error}") from None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ssl.SSLError, ValueError) as error:
        said = str(error) or type(error).__name__
        raise StoreError(f"PostgreSQL at {addresses.postgres_place} cannot be reached: {said}") from None


async def _pool(
    addresses: ServiceAddresses, user: str, password: str, least: int, most: int
) -> asyncpg.Pool[asyncpg.Record]:
    return await asyncpg.create_pool(
        **postgres_login(addresses, user, password),
        min_size=min(least, most),
        max_size=most,
        max_inactive_connection_lifetime=0,
        server_settings={
            "application_name": "reference platform",
            "statement_timeout": str(_STATEMENT_MILLISECONDS),
            "idle_in_transaction_session_timeout": str(2 * _STATEMENT_MILLISECONDS),
        },
    )


async def _close(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    try:
        await asyncio.wait_for(pool.close(), _CLOSE_SECONDS)
    except TimeoutError:
        pool.terminate()


async def _be_the_only_platform(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Hold a lock for as long as this connection lives; a gateway that just ended may still hold it for a moment."""
    for _ in range(_LOCK_ATTEMPTS):
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _PLATFORM_LOCK):
            return
        await asyncio.sleep(0.1)
    raise StoreError("Another platform works in this database: give each platform a database server of its own")
