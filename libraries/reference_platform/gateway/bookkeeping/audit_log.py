"""Alerts and audit entries: what an operator reads."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; the fields are those of PROTOCOL.md."""

    sequence: int
    at: float
    kind: str
    tenant: str = ""
    agent: str = ""
    resource: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


class AuditLog:
    """Entries in order, numbered from 1; the oldest are forgotten after ``KEPT_ENTRIES``."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: deque[Entry] = deque(maxlen=KEPT_ENTRIES)
        self._last = 0

    def add(
        self,
        kind: str,
        tenant: str = "",
        agent: str = "",
        resource: str = "",
        detail: dict[str, Any] | None = None,
        at: float | None = None,
    ) -> None:
        """Write an entry.

        Args:
            kind: What happened.
            tenant: Whom it is about, or empty.
            agent: Which agent, or empty.
            resource: Which resource, or empty.
            detail: Everything else; never a secret.
            at: When (seconds since 1970); now when left out.
        """
        self._last += 1
        moment = time.time() if at is None else at
        self._entries.append(Entry(self._last, moment, kind, tenant, agent, resource, detail or {}))

    def after(self, sequence: int) -> list[dict[str, Any]]:
        """The entries with a higher number, oldest first."""
        found: list[dict[str, Any]] = []
        for entry in reversed(self._entries):
            if entry.sequence <= sequence:
                break
            found.append(asdict(entry))
        found.reverse()
        return found
