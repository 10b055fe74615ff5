"""Rights that an operator has taken away: roles of users, users, whole tenants. Kept over a restart."""

from __future__ import annotations

import json
import time
from pathlib import Path

#: A token of a removed user may have been issued this far ahead of the clock that removed it.
ISSUED_AHEAD_SECONDS = 5.0


class EndedRights:
    """What a token may say and is not believed any more.

    Attributes:
        changes: Grows with every change: who has checked a token before has to check it again.
    """

    def __init__(self, path: Path) -> None:
        """Read what earlier processes wrote.

        Args:
            path: File of JSON lines ``[what, name, more]``; need not exist.
        """
        self._path = path
        self.changes = 0
        self._roles: set[tuple[str, str]] = set()
        self._users: dict[str, float] = {}
        self._tenants: set[str] = set()
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._follow(*json.loads(line))

    def take_role(self, user: str, role: str) -> None:
        """Believe no token of a user that claims this role."""
        self._write("role taken", user, role)

    def give_role(self, user: str, role: str) -> None:
        """Believe it again."""
        self._write("role given", user, role)

    def remove_user(self, user: str) -> None:
        """Believe no token of a user that was issued until now."""
        self._write("user removed", user, time.time())

    def suspend_tenant(self, tenant: str) -> None:
        """Believe no token of a tenant."""
        self._write("tenant suspended", tenant, "")

    def reinstate_tenant(self, tenant: str) -> None:
        """Believe them again."""
        self._write("tenant reinstated", tenant, "")

    def is_role_taken(self, user: str, role: str) -> bool:
        """Whether a user has lost a role."""
        return (user, role) in self._roles

    def is_removed(self, user: str, issued_at: float) -> bool:
        """Whether a user was removed after a token was issued."""
        removed_at = self._users.get(user)
        return removed_at is not None and issued_at <= removed_at + ISSUED_AHEAD_SECONDS

    def is_suspended(self, tenant: str) -> bool:
        """Whether a tenant is suspended."""
        return tenant in self._tenants

    def _write(self, what: str, name: str, more: str | float) -> None:
        self._follow(what, name, more)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, name, more]) + "\n")

    def _follow(self, what: str, name: str, more: str | float) -> None:
        self.changes += 1
        match what:
            case "role taken":
                self._roles.add((name, str(more)))
            case "role given":
                self._roles.discard((name, str(more)))
            case "user removed":
                self._users[name] = float(more)
            case "tenant suspended":
                self._tenants.add(name)
            case "tenant reinstated":
                self._tenants.discard(name)
