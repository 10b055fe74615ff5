"""What an operator can see."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from process_control.folders import everything_below
from reference_platform.agents import AgentFactory
from reference_platform.authentication import UserDirectory
from reference_platform.gateway.endpoint.requests import Request
from reference_platform.gateway.governing.governor_orders import GovernorOrders
from reference_platform.governor.client import GovernorClient
from reference_platform.registry import Registry
from reference_platform.state import Store


class Inspection:
    """Shows tenants, sessions, agents, usage and what the platform holds."""

    def __init__(
        self,
        registry: Registry,
        directory: UserDirectory,
        store: Store,
        factory: AgentFactory,
        governor: GovernorClient,
        orders: GovernorOrders,
        processes: Mapping[str, int],
    ) -> None:
        """Keep where to look.

        Args:
            registry: Who is there.
            directory: Who is known.
            store: What is kept.
            factory: Agents' processes and folders.
            orders: What it has said of usage.
            processes: Process ids of the platform outside the gateway, by role.
        """
        self._registry = registry
        self._directory = directory
        self._store = store
        self._factory = factory
        self._governor = governor
        self._orders = orders
        self._processes = processes

    async def tenants(self, request: Request) -> list[dict[str, Any]]:
        """Every tenant that is known."""
        return [
            {
                "tenant": tenant.name,
                "users": self._directory.users_of(tenant.name),
                "sessions": sum(len(self._registry.sessions_of(user)) for user in self._registry.users_of(tenant.name)),
                "agents": sum(len(self._registry.all_agents_of(user)) for user in self._registry.users_of(tenant.name)),
                "cpu_percent_quota": tenant.quota.cpu_percent,
                "memory_bytes_quota": tenant.quota.memory_bytes,
                "contained": tenant.contained,
            }
            for tenant in self._registry.tenants.values()
        ]

    async def sessions(self, request: Request) -> list[dict[str, Any]]:
        """Every open session, or those of a tenant."""
        tenant = request.optional_identifier("tenant")
        return [
            {
                "session_id": session.session_id,
                "tenant": session.user.tenant.name,
                "user": session.user.name,
                "role": session.claims.role.value,
                "token_id": session.claims.token_id,
                "opened_at": session.opened_at,
            }
            for session in self._registry.sessions.values()
            if tenant is None or session.user.tenant.name == tenant
        ]

    async def agents(self, request: Request) -> list[dict[str, Any]]:
        """Every agent, or those of a tenant, with its process."""
        tenant = request.optional_identifier("tenant")
        return [
            {
                "tenant": agent.identity.tenant,
                **{name: value for name, value in agent.describe().items() if name != "created_at"},
                "pid": None if agent.process is None else agent.process.pid,
                "started_ticks": None if agent.process is None else agent.process.started_ticks,
            }
            for agent in self._registry.agents.values()
            if tenant is None or agent.identity.tenant == tenant
        ]

    async def usage(self, request: Request) -> list[dict[str, Any]]:
        """What each tenant used over the last second."""
        connections = await self._store.connection_counts()
        return [
            {
                "tenant": entry.tenant,
                "cpu_percent": entry.cpu_percent,
                "memory_bytes": entry.memory_bytes,
                "io_bytes_per_second": entry.io_bytes_per_second,
                "handles": entry.handles,
                "database_connections": connections.get(entry.tenant, 0),
                "contained": entry.contained,
                "messages": self._messages(entry.tenant),
            }
            for entry in self._orders.usage.values()
        ]

    def _messages(self, name: str) -> int:
        tenant = self._registry.tenants.get(name)
        return 0 if tenant is None else tenant.messages.taken + tenant.progress.taken

    async def counters(self, request: Request) -> list[dict[str, Any]]:
        """What has happened to each tenant since it is known."""
        found = []
        for tenant in self._registry.tenants.values():
            used = self._orders.usage.get(tenant.name)
            found.append(
                {
                    "tenant": tenant.name,
                    "throttled": tenant.counters.throttled + (used.throttled if used else 0),
                    "throttled_seconds": tenant.counters.throttled_seconds + (used.throttled_seconds if used else 0.0),
                    "out_of_memory": tenant.counters.out_of_memory + (used.out_of_memory if used else 0),
                    "messages_delayed": tenant.messages.delayed + tenant.progress.delayed,
                    "database_delayed": tenant.database.delayed,
                    "operations_timed_out": tenant.counters.operations_timed_out,
                }
            )
        return found

    async def footprint(self, request: Request) -> dict[str, Any]:
        """By which names things of a tenant are found, known or not: nobody has to guess them."""
        name = request.identifier("tenant")
        return {
            **asdict(self._store.names_of(name)),
            "cgroups": [pattern.replace("{tenant}", name) for pattern in self._governor.group_patterns],
            "folder": str(self._factory.folder_of(name)),
        }

    async def inventory(self, request: Request) -> dict[str, Any]:
        """What the platform holds at this moment."""
        users = list(self._registry.users())
        open_sessions = list(self._registry.sessions.values())
        pool = self._store.pool_use()
        own = {"gateway": os.getpid(), "zygote": self._factory.zygote_pid, "governor": self._governor.pid}
        return {
            "processes": {**self._processes, **own},
            "sessions": len(open_sessions),
            "agents": len(self._registry.agents),
            "tasks": len(asyncio.all_tasks()),
            "subscriptions": sum(len(session.subscriptions) for session in open_sessions),
            "buffers": len(open_sessions) + sum(len(self._registry.cut_sessions_of(user)) for user in users),
            "leases": len(self._store.leases()),
            "pool_size": pool.size,
            "pool_limit": pool.limit,
            "pool_used": pool.used,
            "pool_beside": pool.beside,
            "temp_folders": _folders_of_agents(self._factory.folder),
        }


def _folders_of_agents(folder: Path) -> list[str]:
    """Private folders of agents: one level below those of their tenants."""
    return sorted(str(path) for path in everything_below(folder) if path.parent.parent == folder)
