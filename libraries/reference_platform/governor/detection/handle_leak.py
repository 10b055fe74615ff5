"""``handle_leak``: an agent with nothing to do holds more handles than before its first work. Exact counting."""

from __future__ import annotations

from collections.abc import Hashable

from reference_platform.governor.detection.detector import Detection
from reference_platform.governor.observation import Observation
from reference_platform.governor.settings import GovernorSettings


class HandleLeakDetector:
    """Compares the handles of idle agents with those that they had at the start.

    Args:
        settings: ``handle_margin`` and ``handle_idle_seconds`` are used.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._margin = settings.handle_margin
        self._idle_seconds = settings.handle_idle_seconds
        self._told: set[Hashable] = set()

    def observe(self, seen: Observation) -> list[Detection]:
        """Count; tell of each leaking process once."""
        found = []
        present: set[Hashable] = set()
        for tenant in seen.tenants.values():
            for agent in tenant.agents:
                key = (agent.agent, agent.pid)
                present.add(key)
                idle = agent.operations == 0 and agent.idle_seconds >= self._idle_seconds
                leaking = idle and agent.handles > agent.handles_at_start + self._margin
                if leaking and key not in self._told:
                    self._told.add(key)
                    detail: dict[str, object] = {"handles": agent.handles, "at_start": agent.handles_at_start}
                    found.append(Detection("handle_leak", tenant.tenant, agent.agent, agent.pid, "handles", detail))
        self._told &= present
        return found
