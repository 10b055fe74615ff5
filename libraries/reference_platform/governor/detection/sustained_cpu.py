"""``sustained_cpu``: a tenant has used most of a core, on average, for a long time, with whatever it did."""

from __future__ import annotations

from collections import defaultdict, deque

from reference_platform.governor.detection.detector import Detection, Episodes
from reference_platform.governor.observation import Observation
from reference_platform.governor.settings import GovernorSettings


class SustainedCpuDetector:
    """Tells of a tenant whose mean use over the whole window was above the limit; a short pause does not hide it.

    Args:
        settings: ``sustained_seconds``, ``sustained_percent`` and ``hold_seconds`` are used.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._window = settings.sustained_seconds
        self._limit = settings.sustained_percent
        self._looks: dict[str, deque[tuple[float, float]]] = defaultdict(deque)
        self._episodes = Episodes(settings.hold_seconds)

    def observe(self, seen: Observation) -> list[Detection]:
        """Add this look to each tenant's window, and judge the windows that are full."""
        found = []
        for gone in self._looks.keys() - seen.tenants.keys():
            del self._looks[gone]
        for name, tenant in seen.tenants.items():
            looks = self._looks[name]
            looks.append((seen.at, tenant.cpu_percent))
            mean = sum(percent for _, percent in looks) / len(looks)
            full = seen.at - looks[0][0] >= self._window
            if full and mean > self._limit and self._episodes.begins(name, seen.at):
                detail: dict[str, object] = {"seconds": round(seen.at - looks[0][0], 1), "cpu_percent": round(mean, 1)}
                found.append(Detection("sustained_cpu", name, resource="cpu", detail=detail))
            while looks and seen.at - looks[0][0] >= self._window:
                looks.popleft()
        return found
