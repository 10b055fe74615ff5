"""Documents and history of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference_platform.authentication.checks import is_id
from reference_platform.gateway.addressing import own_user
from reference_platform.gateway.requests import Request, bad_request, not_found
from reference_platform.gateway.session import Session
from reference_platform.state import Owner, Scope

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

SCOPES = tuple(scope.value for scope in Scope)
MOST_ENTRIES = 10_000


def owner_of(platform: Platform, session: Session, request: Request) -> Owner:
    """Whose state a request is about: the session's own user's, or nobody's.

    Raises:
        RequestError: ``not_found`` when the request addresses anybody else.
    """
    user = own_user(platform, session, request)
    return Owner(user.tenant.name, user.name)


async def state_put(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Save a document."""
    scope, key, value = Scope(request.choice("scope", SCOPES)), request.identifier("key"), request.value("value")
    owner = owner_of(platform, session, request)
    async with session.user.tenant.database.turn():
        await platform.store.put(owner, scope, key, value)
    return {"saved": True}


async def state_get(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Read a document."""
    scope, key = Scope(request.choice("scope", SCOPES)), request.identifier("key")
    owner = owner_of(platform, session, request)
    async with session.user.tenant.database.turn():
        value = await platform.store.get(owner, scope, key)
        if value is None and key not in await platform.store.list_keys(owner, scope, key):
            raise not_found()
    return {"value": value}


async def state_list(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """List the keys of documents."""
    scope, prefix = Scope(request.choice("scope", SCOPES)), request.text("prefix", "")
    if prefix and not is_id(prefix):
        raise bad_request("'prefix' must be empty or the beginning of an id")
    owner = owner_of(platform, session, request)
    async with session.user.tenant.database.turn():
        return {"keys": await platform.store.list_keys(owner, scope, prefix)}


async def state_delete(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Remove a document."""
    scope, key = Scope(request.choice("scope", SCOPES)), request.identifier("key")
    owner = owner_of(platform, session, request)
    async with session.user.tenant.database.turn():
        if not await platform.store.delete(owner, scope, key):
            raise not_found()
    return {"deleted": True}


async def history_append(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Append an entry to a thread."""
    thread, entry = request.identifier("thread"), request.value("entry")
    owner = owner_of(platform, session, request)
    async with session.user.tenant.database.turn():
        return {"number": await platform.store.append_history(owner, thread, entry)}


async def history_read(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Read the latest entries of a thread."""
    thread, limit = request.identifier("thread"), request.whole_number("limit", 100, 1, MOST_ENTRIES)
    owner = owner_of(platform, session, request)
    async with session.user.tenant.database.turn():
        return {"entries": await platform.store.read_history(owner, thread, limit)}
