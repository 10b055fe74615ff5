"""Tenants that come in crowds: every session of the gateway's pool may become every one of them."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

import asyncpg
import pytest

from component.state.store_access import Tenants
from reference_platform.services import ServiceAddresses
from reference_platform.state import Owner, Store
from reference_platform.state.names import GATEWAY_ROLE, quoted_name, tenant_role
from reference_platform.state.relational.database import connect

pytestmark = pytest.mark.asyncio

_CROWDS = 25
"""Without new sessions for stale ones, about one crowd in ten had a tenant that some session refused."""


async def test_every_session_serves_the_last_of_a_crowd_of_newcomers(store: Store, new_owner: Tenants) -> None:
    sessions = store.pool_use().limit
    for _ in range(_CROWDS):
        newcomers: list[Owner] = []

        async def come(newcomers: list[Owner] = newcomers) -> None:
            newcomers.append(await new_owner())

        async def work(newcomers: list[Owner] = newcomers) -> None:
            while len(newcomers) < 25:
                if newcomers:
                    async with store.database.transaction(random.choice(newcomers[-3:])) as session:
                        await session.execute("SELECT 1")
                await asyncio.sleep(0)

        await asyncio.gather(*(come() for _ in range(25)), *(work() for _ in range(sessions)))
        async with AsyncExitStack() as held:
            for owner in newcomers[:sessions]:  # each holds one session, so the last newcomer meets them all
                async with store.database.transaction(newcomers[-1]) as session:
                    await session.execute("SELECT 1")
                await held.enter_async_context(store.database.transaction(owner))
        await asyncio.gather(*(store.remove_tenant(owner.tenant) for owner in newcomers))


async def test_a_role_that_the_gateway_may_not_become_is_refused_and_the_pool_lives_on(
    store: Store, new_owner: Tenants, addresses: ServiceAddresses
) -> None:
    owner, other = await new_owner(), await new_owner()
    admin = await connect(addresses, addresses.postgres_admin_user, addresses.postgres_admin_password)
    await admin.execute(f"REVOKE {quoted_name(tenant_role(owner.tenant))} FROM {GATEWAY_ROLE}")
    await admin.close()
    for _ in range(10):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await store.append_history(owner, "main", "hello")
    numbers = await asyncio.gather(*(store.append_history(other, "main", "hello") for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
