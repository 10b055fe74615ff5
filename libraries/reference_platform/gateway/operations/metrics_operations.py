"""What the analytics store knows about the own user."""

from __future__ import annotations

from typing import Any

from reference_platform.gateway.endpoint.requests import Request, not_found
from reference_platform.registry import Session
from reference_platform.state import Owner
from reference_platform.state.metrics import MetricsStore


class MetricsOperations:
    """Counts work."""

    def __init__(self, store: MetricsStore | None) -> None:
        """Read from the analytics store, if there is one."""
        self._store = store

    async def metrics(self, session: Session, request: Request) -> dict[str, Any]:
        """Count and duration of the user's work."""
        if self._store is None:
            raise not_found()
        requests, milliseconds = await self._store.totals(Owner(session.claims.tenant, session.claims.user))
        return {"requests": requests, "milliseconds": milliseconds}
