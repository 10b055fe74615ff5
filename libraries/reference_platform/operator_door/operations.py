"""What an operator may ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from reference_platform.gateway.requests import Request, bad_request, not_found
from reference_platform.handover import RESTART_EXIT_CODE
from reference_platform.operator_door import inspection, tenants

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

Operation = Callable[["Platform", Request], Awaitable[Any]]
LARGEST_NUMBER = 2**53
CAPABILITIES = [
    "agents",
    "alerts",
    "audit",
    "containment",
    "counters",
    "credentials",
    "inventory",
    "orchestration",
    "quotas",
    "remove_tenant",
    "residue",
    "restart",
    "state",
    "subscriptions",
    "usage",
]


async def capabilities(platform: Platform, request: Request) -> dict[str, Any]:
    """What this platform can do."""
    analytics = [] if platform.metrics is None else ["analytics"]
    return {
        "capabilities": sorted(CAPABILITIES + analytics),
        "quota_mechanism": platform.governor.mechanism,
        "protocol": "agents.v1",
    }


async def alerts(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """What an operator should know."""
    return platform.alerts.after(request.whole_number("after", 0, 0, LARGEST_NUMBER))


async def audit(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """What was done."""
    return platform.audit.after(request.whole_number("after", 0, 0, LARGEST_NUMBER))


async def announce(platform: Platform, request: Request) -> dict[str, Any]:
    """Tell every session something."""
    text = request.text("text")
    if len(text) > 4096:
        raise bad_request("'text' must be at most 4096 characters")
    sessions = list(platform.registry.sessions.values())
    for session in sessions:
        session.send({"event": "announcement", "text": text})
    return {"sessions": len(sessions)}


async def restart_agent(platform: Platform, request: Request) -> dict[str, Any]:
    """Give an agent a fresh process."""
    agent = platform.registry.agents.get(request.identifier("agent_id"))
    if agent is None:
        raise not_found()
    await agent.stop_process("the agent was restarted by the operator")
    agent.stopped = False
    await agent.running_process()
    return {"restarted": True}


async def restart(platform: Platform, request: Request) -> dict[str, Any]:
    """Let the gateway end; the supervisor starts it again."""
    platform.end_soon(RESTART_EXIT_CODE)
    return {"restarting": True}


OPERATIONS: dict[str, Operation] = {
    "capabilities": capabilities,
    "tenants": inspection.tenants,
    "sessions": inspection.sessions,
    "agents": inspection.agents,
    "usage": inspection.usage,
    "counters": inspection.counters,
    "alerts": alerts,
    "audit": audit,
    "inventory": inspection.inventory,
    "set_quota": tenants.set_quota,
    "credentials": tenants.credentials,
    "residue": tenants.residue,
    "remove_tenant": tenants.remove_tenant,
    "announce": announce,
    "restart_agent": restart_agent,
    "restart": restart,
}
