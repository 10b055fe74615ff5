"""Documents and history of a user."""

from __future__ import annotations

from typing import Any

from reference_platform.authentication.checks import is_id
from reference_platform.gateway.endpoint.addressing import Addressing
from reference_platform.gateway.endpoint.requests import Request, bad_request, not_found
from reference_platform.registry.session import Session
from reference_platform.state import Owner, Scope, Store

SCOPES = tuple(scope.value for scope in Scope)
MOST_ENTRIES = 10_000


class StateOperations:
    """Saves, reads and removes what users keep."""

    def __init__(self, store: Store, addressing: Addressing) -> None:
        """Keep where it is.

        Args:
            store: Documents and history.
            addressing: Whose are meant.
        """
        self._store = store
        self._addressing = addressing

    def owner_of(self, session: Session, request: Request) -> Owner:
        """Whose state a request is about: the session's own user's, or nobody's.

        Raises:
            RequestError: ``not_found`` when the request addresses anybody else.
        """
        user = self._addressing.own_user(session, request)
        return Owner(user.tenant.name, user.name)

    async def state_put(self, session: Session, request: Request) -> dict[str, Any]:
        """Save a document."""
        scope, key, value = Scope(request.choice("scope", SCOPES)), request.identifier("key"), request.value("value")
        owner = self.owner_of(session, request)
        async with session.user.tenant.database.turn():
            await self._store.put(owner, scope, key, value)
        return {"saved": True}

    async def state_get(self, session: Session, request: Request) -> dict[str, Any]:
        """Read a document."""
        scope, key = Scope(request.choice("scope", SCOPES)), request.identifier("key")
        owner = self.owner_of(session, request)
        async with session.user.tenant.database.turn():
            value = await self._store.get(owner, scope, key)
            if value is None and key not in await self._store.list_keys(owner, scope, key):
                raise not_found()
        return {"value": value}

    async def state_list(self, session: Session, request: Request) -> dict[str, Any]:
        """List the keys of documents."""
        scope, prefix = Scope(request.choice("scope", SCOPES)), request.text("prefix", "")
        if prefix and not is_id(prefix):
            raise bad_request("'prefix' must be empty or the beginning of an id")
        owner = self.owner_of(session, request)
        async with session.user.tenant.database.turn():
            return {"keys": await self._store.list_keys(owner, scope, prefix)}

    async def state_delete(self, session: Session, request: Request) -> dict[str, Any]:
        """Remove a document."""
        scope, key = Scope(request.choice("scope", SCOPES)), request.identifier("key")
        owner = self.owner_of(session, request)
        async with session.user.tenant.database.turn():
            if not await self._store.delete(owner, scope, key):
                raise not_found()
        return {"deleted": True}

    async def history_append(self, session: Session, request: Request) -> dict[str, Any]:
        """Append an entry to a thread."""
        thread, entry = request.identifier("thread"), request.value("entry")
        owner = self.owner_of(session, request)
        async with session.user.tenant.database.turn():
            return {"number": await self._store.append_history(owner, thread, entry)}

    async def history_read(self, session: Session, request: Request) -> dict[str, Any]:
        """Read the latest entries of a thread."""
        thread, limit = request.identifier("thread"), request.whole_number("limit", 100, 1, MOST_ENTRIES)
        owner = self.owner_of(session, request)
        async with session.user.tenant.database.turn():
            return {"entries": await self._store.read_history(owner, thread, limit)}
