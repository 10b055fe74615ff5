"""Defects of names that are compared loosely: prefixes, case, joined texts, cut ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_platform.defects.surgery import replace

_CUT = 40


def cache_login_by_prefix() -> None:
    """The pattern of a tenant's cache login ends with its id, and so covers tenants whose ids go on."""
    from reference_platform.state.cache import Cache

    acl = Cache._acl

    async def wide(self: Cache, *words: str) -> object:
        return await acl(self, *(f"{word[:-2]}*" if word.startswith("~") else word for word in words))

    replace(Cache, "_acl", wide)


def state_without_case() -> None:
    """Saved things belong to whoever has the same name in small letters."""
    from reference_platform.gateway.operations import StateOperations
    from reference_platform.state import Owner

    owner_of = StateOperations.owner_of

    def folded(self: StateOperations, session: Any, request: Any) -> Owner:
        owner = owner_of(self, session, request)
        return Owner(owner.tenant, owner.user.lower())

    replace(StateOperations, "owner_of", folded)


def answers_by_joined_names() -> None:
    """Answers are kept in the gateway under tenant and user joined by a line: ``a_b`` and ``c``, ``a`` and ``b_c``."""
    _keep_answers(lambda tenant, user: f"{tenant}_{user}")


def answers_by_cut_names() -> None:
    """Answers are kept in the gateway under the beginnings of tenant and user."""
    _keep_answers(lambda tenant, user: f"{tenant[:_CUT]} {user[:_CUT]}")


def _keep_answers(name: Callable[[str, str], str]) -> None:
    from reference_platform.state.cache import Cache

    kept: dict[str, Any] = {}

    async def put(self: Cache, owner: Any, key: str, value: Any, seconds: float) -> None:
        kept[f"{name(owner.tenant, owner.user)} {key}"] = value

    async def get(self: Cache, owner: Any, key: str) -> Any:
        return kept.get(f"{name(owner.tenant, owner.user)} {key}")

    replace(Cache, "put", put)
    replace(Cache, "get", get)


def removal_by_prefix() -> None:
    """What is removed with a tenant is everything of every tenant whose id begins with its id."""
    from reference_platform.state.provisioning import Provisioning

    expel = Provisioning.expel

    async def expel_all(self: Provisioning, tenant: str) -> Any:
        for other in await self.tenants():
            if other.startswith(tenant) and other != tenant:
                await expel(self, other)
        return await expel(self, tenant)

    replace(Provisioning, "expel", expel_all)
