"""Tenant agents are created, connected and cleaned up, with one stranger among them (TM-1 to TM-3)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace

from isolation.drive.load.engine import ConnectOptions
from isolation.drive.platform.doors import tenant_endpoint
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.agent_manager import AgentIdentity, AgentManagerRecord, CleanUpDone, TriedCount
from isolation.scenarios.api import Api, NotExamined
from isolation.target.needs import Needs, missing
from isolation.target.words import OperatorOperation

NEEDS = Needs()
SEES_SESSIONS = Needs(operator=(OperatorOperation.SESSIONS,))
_AGENTS = 10
_CLEAN_UPS = 3
_IMPOSSIBLE: tuple[object, ...] = (None, 1.5, "3", True, -1, 10_000_000)
_STRANGER = "stranger"
_EVERY_S = 0.2


def run(api: Api) -> AgentManagerRecord:
    """Create ten, connect them and a stranger, and clean up three times."""
    agents = api.make(_AGENTS)
    tried = tuple(TriedCount(repr(count), _refuses(api.manager.create_tenant_agents, count)) for count in _IMPOSSIBLE)
    stranger = replace(agents[0], name=_STRANGER, words={**agents[0].words, "token": "no.good.token"})
    connected = api.manager.establish_agent_connections([*agents, stranger], ConnectOptions(attempts=2))
    failed = dict(api.manager.failed)
    if not any(agent in connected for agent in agents):
        raise NotExamined(f"none of {len(agents)} good agents could be connected: {failed[agents[0].name]}")
    before = _sessions(api, agents)
    clean_ups = [api.manager.cleanup_all_agents() for _ in range(_CLEAN_UPS)]
    return AgentManagerRecord(
        agents=tuple(_identity(api, agent) for agent in agents),
        tried_counts=tried,
        connected=tuple(agent.name for agent in connected),
        failed=failed,
        stranger=_STRANGER,
        clean_ups=tuple(CleanUpDone(len(one.closed), one.left) for one in clean_ups),
        sessions_before=before,
        sessions_after=_sessions_at_rest(api, agents),
    )


def _identity(api: Api, agent: TenantAgent) -> AgentIdentity:
    digest = hashlib.sha256(agent.token.encode()).hexdigest()[:16] if agent.token else ""
    return AgentIdentity(agent.name, agent.tenant_id, agent.user_id, digest, tenant_endpoint(api.target, api.doors))


def _refuses(create: Callable[..., object], count: object) -> bool:
    try:
        create(count)
    except (TypeError, ValueError):
        return True
    return False


def _sessions(api: Api, agents: list[TenantAgent]) -> int | None:
    """How many sessions of the agents' tenants the operator sees; None where nobody can ask."""
    if missing(api.target, SEES_SESSIONS):
        return None
    tenants = {agent.tenant_id for agent in agents}
    return sum(session["tenant"] in tenants for session in api.monitor.operator(OperatorOperation.SESSIONS))


def _sessions_at_rest(api: Api, agents: list[TenantAgent]) -> int | None:
    """The same when all have gone, or when the promised time for it is over: the platform hears of a close a moment later."""
    until = time.monotonic() + api.limits["gone"].value
    while (seen := _sessions(api, agents)) and time.monotonic() < until:
        api.rest(_EVERY_S)
    return seen
