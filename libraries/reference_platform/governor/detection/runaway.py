"""``runaway``: one agent burns processor time on and on and finishes nothing."""

from __future__ import annotations

from collections.abc import Hashable

from reference_platform.governor.detection.detector import Detection, Streaks, burning
from reference_platform.governor.observation import AgentSeen, Observation, TenantSeen
from reference_platform.governor.settings import GovernorSettings


class RunawayDetector:
    """Tells of an agent that burns without a break and without bringing any operation to an end.

    A busy agent that works off a queue is none: each finished operation starts its clock again. Being held back by a
    quota or in the box does not stop the clock, and neither does the gateway giving up an operation.

    Args:
        settings: ``runaway_seconds`` and ``burning_share`` are used.
    """

    def __init__(self, settings: GovernorSettings) -> None:
        self._limit_seconds = settings.runaway_seconds
        self._share = settings.burning_share
        self._streaks = Streaks()
        self._finished: dict[Hashable, int] = {}
        self._told: set[Hashable] = set()

    def observe(self, seen: Observation) -> list[Detection]:
        """Measure each agent's streak; tell of each runaway process once."""
        found = []
        present: set[Hashable] = set()
        for tenant in seen.tenants.values():
            for agent in tenant.agents:
                key = (agent.agent, agent.pid)
                present.add(key)
                streak = self._streaks.seconds(key, self._burns_for_nothing(key, agent, tenant), seen)
                if streak >= self._limit_seconds and key not in self._told:
                    self._told.add(key)
                    detail: dict[str, object] = {
                        "seconds": round(streak, 1),
                        "cpu_percent": round(agent.cpu_percent, 1),
                        "quota_percent": tenant.cpu_quota_percent,
                    }
                    found.append(Detection("runaway", tenant.tenant, agent.agent, agent.pid, "cpu", detail))
        self._told &= present
        self._finished = {key: count for key, count in self._finished.items() if key in present}
        return found

    def _burns_for_nothing(self, key: Hashable, agent: AgentSeen, tenant: TenantSeen) -> bool:
        before, self._finished[key] = self._finished.get(key, agent.finished), agent.finished
        if agent.finished != before:
            return False
        quota = tenant.cpu_quota_percent
        return burning(agent.cpu_percent, agent.wants_cpu, tenant.contained, quota, self._share)
