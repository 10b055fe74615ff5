"""The users of a run."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TenantAgent:
    """One user of one tenant, ready to connect.

    Attributes:
        name: How scenarios call it, such as ``tenant-03``.
        tenant_id: Unique over all runs; carries the run's id.
        user_id: Unique over all runs.
        role: Its role, in the suite's words.
        words: What the target file's placeholders stand for with this user: token, thread, kernel ...; never shown.
    """

    name: str
    tenant_id: str
    user_id: str
    role: str
    words: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def token(self) -> str:
        """What proves who it is, where that is one word called ``token``; else empty. Never shown."""
        return str(self.words.get("token") or "")


def words_of(tenant: str, user: str, role: str) -> dict[str, object]:
    """The words that every user has; ``role`` is the platform's."""
    return {"tenant": tenant, "user": user, "role": role}


def new_run_id() -> str:
    """An id that marks everything that a run creates in any store."""
    return f"it{time.strftime('%m%d%H%M')}{uuid.uuid4().hex[:6]}"
