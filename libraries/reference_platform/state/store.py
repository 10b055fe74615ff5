"""The platform's state behind one face: documents, history, registrations, cache, leases, tenants."""

from __future__ import annotations

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.state.cache import Cache
from reference_platform.state.names import redis_prefix, redis_user, tenant_role
from reference_platform.state.provisioning import Provisioning
from reference_platform.state.records import (
    JSON,
    AgentRow,
    Document,
    LeaseInfo,
    Owner,
    PoolUse,
    Residue,
    Scope,
    StoreNames,
    TenantCredentials,
)
from reference_platform.state.relational.database import Database
from reference_platform.state.relational.documents import Documents
from reference_platform.state.relational.history import History
from reference_platform.state.relational.leases import Lease, Leases
from reference_platform.state.relational.registrations import Registrations
from reference_platform.state.relational.schema import SCHEMA, USER_TABLES
from reference_platform.state.removal import remove_platform


class Store:
    """Everything that the gateway keeps, by owner.

    A tenant has to be provisioned before anything else is done for it; a removed one is refused until it is
    provisioned again (``StoreError``). What belongs to somebody else and what does not exist give the same result on
    the same path.

    Attributes:
        database: The gateway's way to PostgreSQL.
        documents: Documents of users.
        conversations: What was said in threads.
        registrations: Users, sessions and agents.
        cache: The answer cache.
        lease_book: Connections that agents hold.
        tenants: Who may use the stores.
    """

    def __init__(self, database: Database, cache: Cache) -> None:
        """Use ``open``; this only puts the parts together."""
        self.database = database
        self.documents = Documents(database)
        self.conversations = History(database)
        self.registrations = Registrations(database)
        self.cache = cache
        self.lease_book = Leases(database.addresses)
        self.tenants = Provisioning(database, cache, self.lease_book)

    @classmethod
    async def open(
        cls, addresses: ServiceAddresses, run: str = "0", pool_size: int = 10, tenant_share: int = 3
    ) -> Store:
        """Connect to the stores, make and check the schema.

        Args:
            addresses: Where the stores are.
            run: Which run of the platform this is (hexadecimal digits); what an earlier one has left is removed.
            pool_size: The most pooled database connections.
            tenant_share: The most of them that one tenant may use at a time.

        Raises:
            StoreError: When a store cannot be used; one sentence says why.
            SchemaError: When a table does not separate the tenants.
        """
        # Nothing is made in one store before both are known to be good.
        await Database.check(addresses)
        cache = Cache(addresses)
        try:
            await cache.connect()
            store = cls(await Database.open(addresses, run, pool_size, tenant_share), cache)
        except BaseException:
            await cache.close()
            raise
        if store.database.has_remains:
            for tenant in await store.tenants.tenants():
                await store.remove_tenant(tenant)
        await store.registrations.end_all_sessions()
        await store.registrations.remove_all_agents()
        return store

    async def close(self) -> None:
        """Give every lease back and close every connection; what was stored stays."""
        for lease in self.lease_book.of_tenant(None):
            await lease.release()
        await self.cache.close()
        await self.database.close()

    async def remove_platform(self) -> dict[str, Residue]:
        """Remove tenants, schema and roles from stores that go on living; then only ``close`` may follow.

        Returns:
            Tenant to what could not be removed; empty when all is gone.
        """
        return await remove_platform(self.database, self.tenants)

    # Tenants

    async def provision_tenant(self, tenant: str, connection_limit: int = 5) -> TenantCredentials:
        """Give a tenant its roles; again is quick and only changes the limit.

        Args:
            connection_limit: How many database connections its own role may have.
        """
        return await self.tenants.admit(tenant, connection_limit)

    async def remove_tenant(self, tenant: str) -> Residue:
        """Remove everything of a tenant: leases, connections, rows, roles, keys. Returns what could not be removed."""
        return await self.tenants.expel(tenant)

    async def remove_user(self, owner: Owner) -> Residue:
        """Remove everything of one user: rows and keys. Returns what could not be removed."""
        return await self.tenants.remove_user(owner)

    async def lock_tenant(self, tenant: str, locked: bool) -> None:
        """Keep a tenant's own logins out of all stores, or let them in again; what it has stored stays."""
        await self.tenants.lock(tenant, locked)

    async def residue(self, tenant: str) -> Residue:
        """What a tenant has in the stores."""
        return await self.tenants.residue(tenant)

    def names_of(self, tenant: str) -> StoreNames:
        """By which names things of a tenant are found in the stores."""
        return StoreNames(
            database_role=tenant_role(tenant),
            schema=SCHEMA,
            tables=[*USER_TABLES, "tenants"],
            cache_user=redis_user(tenant),
            cache_keys=f"{redis_prefix(tenant)}*",
        )

    async def connection_counts(self) -> dict[str, int]:
        """Tenant to the database connections of its own role, as PostgreSQL counts them."""
        return await self.tenants.connection_counts()

    def pool_use(self) -> PoolUse:
        """How much of the gateway's pool is in use."""
        return self.database.pool_use()

    def delays(self) -> dict[str, int]:
        """Tenant to the number of its transactions that waited because it used its share of the pool."""
        return dict(self.database.delayed)

    # Documents and conversations

    async def put(self, owner: Owner, scope: Scope, key: str, value: JSON) -> None:
        """Save a document, or replace it."""
        await self.documents.put(owner, scope, key, value)

    async def get(self, owner: Owner, scope: Scope, key: str) -> JSON:
        """The value of a document, or None. A saved ``null`` reads as None too; ``find`` tells them apart."""
        found = await self.documents.find(owner, scope, key)
        return None if found is None else found.value

    async def find(self, owner: Owner, scope: Scope, key: str) -> Document | None:
        """A document, or None when the owner has none of that key."""
        return await self.documents.find(owner, scope, key)

    async def list_keys(self, owner: Owner, scope: Scope, prefix: str = "") -> list[str]:
        """The keys of the owner's documents that start with a prefix, in order."""
        return await self.documents.list_keys(owner, scope, prefix)

    async def delete(self, owner: Owner, scope: Scope, key: str) -> bool:
        """Remove a document; whether there was one."""
        return await self.documents.delete(owner, scope, key)

    async def append_history(self, owner: Owner, thread: str, entry: JSON) -> int:
        """Append to a thread; returns the entry's number: 1, 2, 3 ... without gaps."""
        return await self.conversations.append(owner, thread, entry)

    async def read_history(self, owner: Owner, thread: str, limit: int = 100) -> list[JSON]:
        """The latest entries of a thread, oldest first."""
        return await self.conversations.read(owner, thread, limit)

    # Users, sessions, agents

    async def save_user(self, owner: Owner) -> None:
        """Remember a user."""
        await self.registrations.save_user(owner)

    async def known_users(self) -> dict[str, str]:
        """User id to tenant id of every known user."""
        return await self.registrations.known_users()

    async def save_session(self, owner: Owner, session_id: str) -> None:
        """Note that a session was opened."""
        await self.registrations.save_session(owner, session_id)

    async def end_session(self, owner: Owner, session_id: str) -> bool:
        """Note that a session ended; whether it was open."""
        return await self.registrations.end_session(owner, session_id)

    async def save_agent(self, owner: Owner, agent: AgentRow) -> None:
        """Save an agent, or replace what was saved of it."""
        await self.registrations.save_agent(owner, agent)

    async def remove_agent(self, owner: Owner, agent_id: str) -> bool:
        """Remove an agent; whether the owner had it."""
        return await self.registrations.remove_agent(owner, agent_id)

    async def list_agents(self, owner: Owner) -> list[AgentRow]:
        """The owner's agents in order of creation."""
        return await self.registrations.list_agents(owner)

    # Cache

    async def cache_put(self, owner: Owner, key: str, value: JSON, ttl_s: float) -> None:
        """Keep a value for that many seconds."""
        await self.cache.put(owner, key, value, ttl_s)

    async def cache_get(self, owner: Owner, key: str) -> JSON:
        """A value that is still kept, or None."""
        return await self.cache.get(owner, key)

    async def cache_keys(self, tenant: str) -> list[str]:
        """Every key of a tenant, for the operator."""
        return await self.cache.keys(tenant)

    # Leases

    async def lease_connection(self, owner: Owner, holder: str = "") -> Lease:
        """A database connection of the tenant's own role, for one holder alone.

        Args:
            owner: For whom.
            holder: Who will use it, such as an agent's id; the operator sees it.

        Raises:
            QuotaExceeded: When the tenant has as many connections as it may.
        """
        known = self.tenants.known(owner.tenant)
        return await self.lease_book.open(owner, holder, known.credentials, known.connection_limit)

    def leases(self, tenant: str | None = None) -> list[LeaseInfo]:
        """The leases of a tenant, or of all, oldest first."""
        return [lease.info() for lease in self.lease_book.of_tenant(tenant)]

    async def reclaim(self, lease_id: str) -> bool:
        """Take a lease away from its holder, at the server too; whether it was still held."""
        lease = self.lease_book.find(lease_id)
        if lease is None:
            return False
        lease.cut()
        await self.tenants.terminate(lease.server_pid)
        return True
