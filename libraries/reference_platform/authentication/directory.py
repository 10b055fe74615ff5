"""Which tenant a user belongs to."""

from __future__ import annotations

from collections.abc import Mapping


class UserDirectory:
    """The tenant of every known user: a user belongs to exactly one.

    A plain dictionary in the gateway, filled from the store at the start. Claims are synchronous, so that two
    handshakes at the same time cannot both win.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        """Start with what the store knows.

        Args:
            known: User id to tenant id.
        """
        self._tenants: dict[str, str] = dict(known or {})

    def tenant_of(self, user: str) -> str | None:
        """The tenant that a user belongs to, or None for an unknown user."""
        return self._tenants.get(user)

    def claim(self, user: str, tenant: str) -> None:
        """Bind a user to its tenant from the first valid token on."""
        self._tenants.setdefault(user, tenant)

    def users_of(self, tenant: str) -> int:
        """How many users of a tenant are known."""
        return sum(owner == tenant for owner in self._tenants.values())

    def forget_user(self, user: str) -> None:
        """Forget a user that the operator removed."""
        self._tenants.pop(user, None)

    def forget_tenant(self, tenant: str) -> None:
        """Forget the users of a tenant that the operator removed."""
        self._tenants = {user: owner for user, owner in self._tenants.items() if owner != tenant}
