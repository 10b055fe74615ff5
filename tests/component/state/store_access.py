"""What the fixtures of these tests give."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import asyncpg

from reference_platform.state import Owner


class Tenants(Protocol):
    """Makes owners in tenants of their own, so that tests do not meet."""

    async def __call__(self, user: str = "ann", connection_limit: int = 5) -> Owner:
        """A new owner in a new tenant."""
        ...


class Login(Protocol):
    """Logs in to PostgreSQL or Redis with a tenant's own credentials."""

    def postgres(self, tenant: str) -> AbstractAsyncContextManager[asyncpg.Connection[asyncpg.Record]]:
        """To PostgreSQL."""
        ...

    def redis(self, tenant: str) -> AbstractAsyncContextManager[Any]:
        """To Redis, any command (the client library types few of them)."""
        ...
