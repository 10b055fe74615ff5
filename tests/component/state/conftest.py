"""One pair of started stores for all tests of the state, one open store per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
import redis.asyncio as redis

from component.state.store_access import Login, Tenants
from reference_platform.services import EmbeddedServices, ServiceAddresses
from reference_platform.state import Owner, Store


@pytest.fixture(scope="session")
def addresses() -> Iterator[ServiceAddresses]:
    """Really started stores."""
    with EmbeddedServices() as services:
        yield services.addresses


@pytest_asyncio.fixture
async def store(addresses: ServiceAddresses) -> AsyncIterator[Store]:
    """An open store."""
    opened = await Store.open(addresses)
    yield opened
    await opened.close()


@pytest.fixture
def new_owner(store: Store) -> Tenants:
    """Makes provisioned owners."""

    async def make(user: str = "ann", connection_limit: int = 5) -> Owner:
        owner = Owner(f"Tenant-{uuid4().hex[:8]}", user)
        await store.provision_tenant(owner.tenant, connection_limit)
        return owner

    return make


@pytest.fixture
def login(store: Store, addresses: ServiceAddresses) -> Login:
    """Direct logins, around the platform."""

    class Direct:
        @asynccontextmanager
        async def postgres(self, tenant: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
            own = await store.provision_tenant(tenant)
            connection = await asyncpg.connect(
                host=addresses.postgres_host,
                port=addresses.postgres_port,
                database=addresses.postgres_database,
                user=own.database_role,
                password=own.database_password,
            )
            try:
                yield connection
            finally:
                await connection.close()

        @asynccontextmanager
        async def redis(self, tenant: str) -> AsyncIterator[redis.Redis]:
            own = await store.provision_tenant(tenant)
            client = redis.Redis(
                host=addresses.redis_host,
                port=addresses.redis_port,
                username=own.redis_user,
                password=own.redis_password,
                protocol=2,
            )
            try:
                yield client
            finally:
                await client.aclose()

    return Direct()
