"""Making whoever comes known to the stores."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from reference_platform.authentication import Claims, UserDirectory
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.registry import Registry, Tenant
from reference_platform.state import Owner, Store


class Admission:
    """Gives tenants their roles in the stores before their first session, and remembers users."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        directory: UserDirectory,
        books: Bookkeeper,
        connection_limit: int,
        saved_users: Iterable[str],
    ) -> None:
        """Start with what the store knows.

        Args:
            store: Where tenants get their roles.
            registry: Tenants that are there.
            directory: The tenants of all known users.
            books: Where users are noted.
            connection_limit: How many database connections a tenant may have.
            saved_users: Users that are noted already.
        """
        self._store = store
        self._registry = registry
        self._directory = directory
        self._books = books
        self._connection_limit = connection_limit
        self._saved_users = set(saved_users)

    async def prepare(self, claims: Claims) -> None:
        """Make tenant and user known to the stores; quick when they are.

        Args:
            claims: Who has come.
        """
        tenant = self._registry.tenant(claims.tenant)
        if tenant.prepared is None:
            tenant.prepared = asyncio.get_running_loop().create_task(self._prepare_tenant(tenant))
        try:
            await asyncio.shield(tenant.prepared)
        except Exception:
            tenant.prepared = None
            raise
        if claims.user not in self._saved_users:
            self._saved_users.add(claims.user)
            self._books.user_seen(Owner(claims.tenant, claims.user))

    def forget_user(self, name: str) -> None:
        """Forget a user that was removed from the stores."""
        self._saved_users.discard(name)
        self._directory.forget_user(name)

    def forget_tenant(self, name: str) -> None:
        """Forget a tenant that was removed from the stores, with its users."""
        self._saved_users = {user for user in self._saved_users if self._directory.tenant_of(user) != name}
        self._directory.forget_tenant(name)

    async def _prepare_tenant(self, tenant: Tenant) -> None:
        await self._store.provision_tenant(tenant.name, self._connection_limit)
