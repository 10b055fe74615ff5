"""What the analytics store knows about the own user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference_platform.gateway.requests import Request, not_found
from reference_platform.gateway.session import Session
from reference_platform.state import Owner

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform


async def metrics(platform: Platform, session: Session, request: Request) -> dict[str, Any]:
    """Count and duration of the user's work."""
    if platform.metrics is None:
        raise not_found()
    requests, milliseconds = await platform.metrics.totals(Owner(session.claims.tenant, session.claims.user))
    return {"requests": requests, "milliseconds": milliseconds}
