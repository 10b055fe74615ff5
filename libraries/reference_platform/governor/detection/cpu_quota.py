"""``quota_exceeded`` for processor time: the quota has held a tenant back for a good part of the time."""

from __future__ import annotations

from reference_platform.governor.detection.detector import Detection, Episodes, Streaks
from reference_platform.governor.observation import Observation
from reference_platform.governor.settings import GovernorSettings

_STEADY_SECONDS = 2.0


class CpuQuotaDetector:
    """Tells when a tenant's own quota held it back in several samples in a row; a single burst is no excess.

    Args:
        settings: ``throttled_share`` and ``hold_seconds`` are used.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._share = settings.throttled_share
        self._episodes = Episodes(settings.hold_seconds)
        self._streaks = Streaks()
        self._before: dict[str, float] = {}

    def observe(self, seen: Observation) -> list[Detection]:
        """Compare what the throttle counters moved with the time that passed."""
        found = []
        for name, tenant in seen.tenants.items():
            moved = tenant.throttled_seconds - self._before.get(name, 0.0)
            self._before[name] = tenant.throttled_seconds
            share = moved / seen.seconds
            # In the penalty box it is the box that holds back, not the tenant's own quota.
            held_back = share >= self._share and not tenant.contained
            steady = self._streaks.seconds(name, held_back, seen) >= _STEADY_SECONDS - 0.1
            if steady and self._episodes.begins(name, seen.at):
                detail: dict[str, object] = {
                    "cpu_percent": round(tenant.cpu_percent, 1),
                    "quota_percent": tenant.cpu_quota_percent,
                    "throttled_share": round(share, 2),
                }
                found.append(Detection("quota_exceeded", name, resource="cpu", detail=detail))
        return found
