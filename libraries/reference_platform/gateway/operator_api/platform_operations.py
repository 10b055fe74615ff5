"""What an operator may ask for."""

from __future__ import annotations

from typing import Any

from reference_platform.build import build
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.ending import Ending
from reference_platform.gateway.endpoint.requests import Request, bad_request, not_found
from reference_platform.governor.client import GovernorClient
from reference_platform.handover import RESTART_EXIT_CODE
from reference_platform.registry import Registry
from reference_platform.state.metrics import MetricsStore

LARGEST_NUMBER = 2**53
CAPABILITIES = [
    "agents",
    "alerts",
    "audit",
    "containment",
    "counters",
    "credentials",
    "footprint",
    "inventory",
    "orchestration",
    "quotas",
    "remove_tenant",
    "residue",
    "restart",
    "rights",
    "state",
    "subscriptions",
    "usage",
]


class PlatformOperations:
    """Says what the platform can do and has done, speaks to everybody, and starts things again."""

    def __init__(
        self,
        registry: Registry,
        governor: GovernorClient,
        metrics: MetricsStore | None,
        alerts: AuditLog,
        audit: AuditLog,
        ending: Ending,
    ) -> None:
        """Keep what is asked about.

        Args:
            registry: Sessions and agents.
            governor: How quotas are enforced.
            metrics: The analytics store, if there is one.
            alerts: What an operator should know.
            audit: What was done.
            ending: How the gateway comes to its end.
        """
        self._registry = registry
        self._governor = governor
        self._metrics = metrics
        self._alerts = alerts
        self._audit = audit
        self._ending = ending

    async def capabilities(self, request: Request) -> dict[str, Any]:
        """What this platform can do."""
        analytics = [] if self._metrics is None else ["analytics"]
        return {
            "capabilities": sorted(CAPABILITIES + analytics),
            "quota_mechanism": self._governor.mechanism,
            "protocol": "agents.v1",
            "build": build(),
        }

    async def alerts(self, request: Request) -> list[dict[str, Any]]:
        """What an operator should know."""
        return self._alerts.after(request.whole_number("after", 0, 0, LARGEST_NUMBER))

    async def audit(self, request: Request) -> list[dict[str, Any]]:
        """What was done."""
        return self._audit.after(request.whole_number("after", 0, 0, LARGEST_NUMBER))

    async def announce(self, request: Request) -> dict[str, Any]:
        """Tell every session something."""
        text = request.text("text")
        if len(text) > 4096:
            raise bad_request("'text' must be at most 4096 characters")
        sessions = list(self._registry.sessions.values())
        for session in sessions:
            session.send({"event": "announcement", "text": text})
        return {"sessions": len(sessions)}

    async def restart_agent(self, request: Request) -> dict[str, Any]:
        """Give an agent a fresh process."""
        agent = self._registry.agents.get(request.identifier("agent_id"))
        if agent is None:
            raise not_found()
        await agent.stop_process("the agent was restarted by the operator")
        agent.stopped = False
        await agent.running_process()
        return {"restarted": True}

    async def restart(self, request: Request) -> dict[str, Any]:
        """Let the gateway end; the supervisor starts it again."""
        self._ending.end_soon(RESTART_EXIT_CODE)
        return {"restarting": True}
