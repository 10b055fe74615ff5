"""``connection_leak``: a tenant holds database connections that nobody uses."""

from __future__ import annotations

from reference_platform.governor.detection.detector import Detection, Episodes
from reference_platform.governor.observation import Observation
from reference_platform.governor.settings import GovernorSettings


class ConnectionLeakDetector:
    """Tells when a lease has lain unused for too long.

    Args:
        settings: ``lease_idle_seconds`` is used; also as the pause before the same tenant is told of again.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._idle_seconds = settings.lease_idle_seconds
        self._episodes = Episodes(settings.lease_idle_seconds)

    def observe(self, seen: Observation) -> list[Detection]:
        """Look at the oldest unused lease of every tenant."""
        found = []
        for name, tenant in seen.tenants.items():
            leaking = tenant.leases > 0 and tenant.oldest_idle_seconds > self._idle_seconds
            if leaking and self._episodes.begins(name, seen.at):
                detail: dict[str, object] = {
                    "leases": tenant.leases,
                    "oldest_idle_seconds": round(tenant.oldest_idle_seconds, 1),
                }
                found.append(Detection("connection_leak", name, resource="database", detail=detail))
        return found
