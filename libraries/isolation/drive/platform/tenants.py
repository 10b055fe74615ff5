"""Tenants of a run and the tokens by which they prove who they are."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt

from isolation.target.target import Token


@dataclass(frozen=True, slots=True)
class TenantAgent:
    """One user of one tenant, ready to connect.

    Attributes:
        name: How scenarios call it, such as ``tenant-03``.
        tenant_id: Unique over all runs; carries the run's id.
        user_id: Unique over all runs.
        role: Its role on the platform.
        address: WebSocket address of the tenant door.
        token: Signed token; never shown.
    """

    name: str
    tenant_id: str
    user_id: str
    role: str
    address: str
    token: str = field(repr=False)


def new_run_id() -> str:
    """An id that marks everything that a run creates in any store."""
    return f"it{time.strftime('%m%d%H%M')}{uuid.uuid4().hex[:6]}"


class TokenMint:
    """Makes tokens as the target file says."""

    def __init__(self, token: Token, secret: str) -> None:
        """Keep the recipe and the secret."""
        self._token = token
        self._secret = secret

    def claims(self, tenant: str, user: str, role: str) -> dict[str, object]:
        """The claims of a good token of that user, valid from now on."""
        now = int(time.time())
        words = {"{tenant}": tenant, "{user}": user, "{role}": role}
        claims: dict[str, object] = {name: words.get(value, value) for name, value in self._token.claims.items()}
        return {**claims, "iat": now, "nbf": now, "exp": now + int(self._token.lifetime), "jti": uuid.uuid4().hex}

    def sign(self, claims: Mapping[str, object], headers: Mapping[str, object] | None = None) -> str:
        """A token with exactly these claims."""
        return jwt.encode(dict(claims), self._secret, algorithm=self._token.algorithm, headers=dict(headers or {}))

    def mint(self, tenant: str, user: str, role: str = "standard") -> str:
        """A good token of that user."""
        return self.sign(self.claims(tenant, user, role))
