"""``sustained_cpu``: a tenant has used nearly all it may have for a long time, with whatever it did."""

from __future__ import annotations

from reference_platform.governor.detection.detector import Detection, Episodes, Streaks, burning
from reference_platform.governor.observation import Observation
from reference_platform.governor.settings import GovernorSettings


class SustainedCpuDetector:
    """Tells of a tenant that burned without a break.

    Args:
        settings: ``sustained_seconds``, ``burning_share`` and ``hold_seconds`` are used.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._limit_seconds = settings.sustained_seconds
        self._share = settings.burning_share
        self._streaks = Streaks()
        self._episodes = Episodes(settings.hold_seconds)

    def observe(self, seen: Observation) -> list[Detection]:
        """Measure each tenant's streak."""
        found = []
        for name, tenant in seen.tenants.items():
            held_back = tenant.contained and tenant.wants_cpu
            burns = burning(tenant.cpu_percent, held_back, tenant.contained, tenant.cpu_quota_percent, self._share)
            streak = self._streaks.seconds(name, burns, seen)
            if streak >= self._limit_seconds and self._episodes.begins(name, seen.at):
                detail: dict[str, object] = {
                    "seconds": round(streak, 1),
                    "cpu_percent": round(tenant.cpu_percent, 1),
                    "quota_percent": tenant.cpu_quota_percent,
                }
                found.append(Detection("sustained_cpu", name, resource="cpu", detail=detail))
        return found
