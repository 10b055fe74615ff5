"""What an operator can take away from users and tenants while their sessions are open."""

from __future__ import annotations

import time
from typing import Any

from reference_platform.authentication import Role, UserDirectory
from reference_platform.authentication.checks import LONGEST_LIFE_SECONDS
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.endpoint.admission import Admission
from reference_platform.gateway.endpoint.requests import Request, not_found
from reference_platform.gateway.sessions.rights_ending import RightsEnding
from reference_platform.registry import Registry
from reference_platform.state import Owner, Store
from reference_platform.state.metrics import MetricsStore

ROLES = tuple(role.value for role in Role)


class RightsAdministration:
    """Takes roles, users, tenants and tokens out of service; each takes effect everywhere before it is answered."""

    def __init__(
        self,
        rights: RightsEnding,
        registry: Registry,
        directory: UserDirectory,
        admission: Admission,
        store: Store,
        metrics: MetricsStore | None,
        books: Bookkeeper,
    ) -> None:
        """Keep where rights are.

        Args:
            registry: Open sessions and known tenants.
            directory: The tenants of all known users.
            admission: Which users are known.
            store: What users have stored, and the tenants' own logins.
            metrics: Rows in the analytics store, if there is one.
            books: Rows that are still to be written.
        """
        self._rights = rights
        self._registry = registry
        self._directory = directory
        self._admission = admission
        self._store = store
        self._metrics = metrics
        self._books = books

    async def revoke_role(self, request: Request) -> dict[str, Any]:
        """Take a role from a user."""
        owner, role = self._owner(request), Role(request.choice("role", ROLES))
        return (await self._rights.take_role(owner.tenant, owner.user, role)).describe()

    async def grant_role(self, request: Request) -> dict[str, Any]:
        """Give it back."""
        owner, role = self._owner(request), Role(request.choice("role", ROLES))
        self._rights.give_role(owner.tenant, owner.user, role)
        return {"granted": True}

    async def remove_user(self, request: Request) -> dict[str, Any]:
        """Remove a user and everything that it has stored; count what is left."""
        owner = self._owner(request)
        ended = await self._rights.remove_user(owner.tenant, owner.user)
        await self._books.settle()
        left = await self._store.remove_user(owner)
        rows = dict(left.rows)
        if self._metrics is not None and (metrics := await self._metrics.remove_user(owner)):
            rows["metrics"] = metrics
        self._admission.forget_user(owner.user)
        return {**ended.describe(), "rows": rows, "keys": left.keys}

    async def suspend_tenant(self, request: Request) -> dict[str, Any]:
        """Let nobody of a tenant in, at no endpoint and into no store."""
        name = self._known_tenant(request)
        ended = await self._rights.suspend_tenant(name)
        await self._books.settle()
        await self._store.lock_tenant(name, True)
        return ended.describe()

    async def reinstate_tenant(self, request: Request) -> dict[str, Any]:
        """Let a suspended tenant in again."""
        name = self._known_tenant(request)
        await self._store.lock_tenant(name, False)
        self._rights.reinstate_tenant(name)
        return {"reinstated": True}

    async def revoke_token(self, request: Request) -> dict[str, Any]:
        """Refuse one token of a user; also of one who has never come, or is just coming: the token may be on its way."""
        user, token_id = request.identifier("user"), request.identifier("token_id")
        tenant = self._directory.tenant_of(user) or ""
        expires_at = time.time() + LONGEST_LIFE_SECONDS
        closing = self._rights.revoke_token(tenant, user, token_id, expires_at)
        return (await self._rights.finish(closing)).describe()

    async def log_out(self, request: Request) -> dict[str, Any]:
        """Log a session out: its token is refused from now on."""
        session = self._registry.sessions.get(request.identifier("session_id"))
        if session is None:
            raise not_found()
        claims = session.claims
        closing = self._rights.revoke_token(claims.tenant, claims.user, claims.token_id, claims.expires_at)
        return (await self._rights.finish(closing)).describe()

    def _owner(self, request: Request) -> Owner:
        """The user that a request names, known since its first session.

        Raises:
            RequestError: ``not_found`` when nobody knows it.
        """
        user = request.identifier("user")
        tenant = self._directory.tenant_of(user)
        if tenant is None:
            raise not_found()
        return Owner(tenant, user)

    def _known_tenant(self, request: Request) -> str:
        """The tenant that a request names: one of whom the platform knows anybody.

        Raises:
            RequestError: ``not_found`` when it is not known.
        """
        name = request.identifier("tenant")
        if name not in self._registry.tenants and not self._directory.users_of(name):
            raise not_found()
        return name
