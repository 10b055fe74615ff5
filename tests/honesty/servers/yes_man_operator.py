"""What the yes-man tells whoever runs it: everything is fine, and has been done."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from servers.yes_man_state import State

_RELEASED_AFTER_S = 4.0


class Operator:
    """The operator's door."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.gateway = os.getpid()
        self.removed: set[str] = set()

    async def answer(self, request: dict[str, Any]) -> Any:
        """An answer to anything."""
        known = getattr(self, f"op_{request.get('op')}", None)
        return await known(request) if known else {"sessions": 0, "resumable": 0, "processes": 0, "rows": {}, "keys": 0}

    def _tenants(self) -> list[str]:
        return sorted(set(self.state.tenant_of.values()))

    def _contained(self, tenant: str) -> bool:
        return time.time() - self.state.contained.get(tenant, 0) < _RELEASED_AFTER_S

    async def op_capabilities(self, _: dict[str, Any]) -> Any:
        return {"capabilities": [], "quota_mechanism": "strict dictionaries", "protocol": "agents.v1"}

    async def op_sessions(self, _: dict[str, Any]) -> Any:
        return [
            {
                "session_id": s.id,
                "tenant": s.tenant,
                "user": s.user,
                "role": s.role,
                "token_id": s.token_id,
                "opened_at": s.opened_at,
            }
            for s in self.state.sessions
        ]

    async def op_agents(self, _: dict[str, Any]) -> Any:
        return [
            {
                **agent.described(),
                "tenant": agent.tenant,
                "pid": agent.pid,
                "started_ticks": self.state.names.ticks(agent.pid),
            }
            for agent in self.state.agents.values()
            if agent.status == "running"
        ]

    async def op_usage(self, _: dict[str, Any]) -> Any:
        return [
            {
                "tenant": tenant,
                "cpu_percent": 48.0 if self._contained(tenant) else random.uniform(1, 3),
                "memory_bytes": 40_000_000,
                "io_bytes_per_second": 0,
                "handles": 20,
                "database_connections": 0,
                "contained": self._contained(tenant),
                "messages": self.state.messages[tenant],
            }
            for tenant in self._tenants()
        ]

    async def op_counters(self, _: dict[str, Any]) -> Any:
        return [
            {
                "tenant": tenant,
                "throttled": self.state.throttled[tenant],
                "throttled_seconds": self.state.throttled[tenant] / 10,
                "out_of_memory": 0,
                "messages_delayed": 0,
                "database_delayed": 0,
                "operations_timed_out": 0,
            }
            for tenant in self._tenants()
        ]

    async def op_alerts(self, request: dict[str, Any]) -> Any:
        return [entry for entry in self.state.alerts if entry["sequence"] > request.get("after", 0)]

    async def op_audit(self, request: dict[str, Any]) -> Any:
        return [entry for entry in self.state.entries if entry["sequence"] > request.get("after", 0)]

    async def op_set_quota(self, request: dict[str, Any]) -> Any:
        self.state.quotas.add(request["tenant"])
        return {"set": True}

    async def op_inventory(self, _: dict[str, Any]) -> Any:
        open_now = len(self.state.sessions)
        return {
            "processes": {"gateway": self.gateway}, "sessions": open_now, "agents": len(self.state.agents), "tasks": 10,
            "subscriptions": sum(len(one.topics) for one in self.state.sessions), "buffers": open_now, "leases": 0,
            "pool_size": 4, "pool_used": 0, "pool_limit": 10, "pool_beside": 4, "temp_folders": [],
        }  # fmt: skip

    async def op_residue(self, request: dict[str, Any]) -> Any:
        there = int(request["tenant"] in self._tenants() and request["tenant"] not in self.removed)
        return {
            "rows": {"agents": there},
            "keys": there,
            "roles": 0,
            "connections": 0,
            "files": 0,
            "processes": there,
            "cgroups": 0,
        }

    async def op_remove_tenant(self, request: dict[str, Any]) -> Any:
        for session in [one for one in self.state.sessions if one.tenant == request["tenant"]]:
            session.end(4403)
        self.removed.add(request["tenant"])
        self.state.audit("tenant_removed", request["tenant"])
        return {
            "rows": {"agents": 0},
            "keys": 0,
            "roles": 0,
            "connections": 0,
            "files": 0,
            "processes": 0,
            "cgroups": 0,
        }

    async def op_announce(self, request: dict[str, Any]) -> Any:
        for session in self.state.sessions:
            await session.send(event="announcement", text=request["text"])
        return {"sessions": len(self.state.sessions)}

    async def op_restart_agent(self, request: dict[str, Any]) -> Any:
        agent = self.state.agents[request["agent_id"]]
        self.state.stop(agent, "restart")
        self.state.start(agent)
        return {"restarted": True}

    async def op_restart(self, _: dict[str, Any]) -> Any:
        self.gateway = self.state.names.new()
        for session in self.state.sessions:
            session.end(1001)
        return {"restarting": True}
