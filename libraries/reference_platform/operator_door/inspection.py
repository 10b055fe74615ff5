"""What an operator can see."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from process_control.folders import everything_below
from reference_platform.gateway.requests import Request

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform


async def tenants(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """Every tenant that is known."""
    return [
        {
            "tenant": tenant.name,
            "users": platform.directory.users_of(tenant.name),
            "sessions": sum(len(user.sessions) for user in tenant.users.values()),
            "agents": sum(len(user.agents) for user in tenant.users.values()),
            "cpu_percent_quota": tenant.quota.cpu_percent,
            "memory_bytes_quota": tenant.quota.memory_bytes,
            "contained": tenant.contained,
        }
        for tenant in platform.registry.tenants.values()
    ]


async def sessions(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """Every open session, or those of a tenant."""
    tenant = request.optional_identifier("tenant")
    return [
        {
            "session_id": session.session_id,
            "tenant": session.user.tenant.name,
            "user": session.user.name,
            "opened_at": session.opened_at,
        }
        for session in platform.registry.sessions.values()
        if tenant is None or session.user.tenant.name == tenant
    ]


async def agents(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """Every agent, or those of a tenant, with its process."""
    tenant = request.optional_identifier("tenant")
    return [
        {
            "tenant": agent.identity.tenant,
            **{name: value for name, value in agent.describe().items() if name != "created_at"},
            "pid": None if agent.process is None else agent.process.pid,
            "started_ticks": None if agent.process is None else agent.process.started_ticks,
        }
        for agent in platform.registry.agents.values()
        if tenant is None or agent.identity.tenant == tenant
    ]


async def usage(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """What each tenant used over the last second."""
    connections = await platform.store.connection_counts()
    return [
        {
            "tenant": entry.tenant,
            "cpu_percent": entry.cpu_percent,
            "memory_bytes": entry.memory_bytes,
            "io_bytes_per_second": entry.io_bytes_per_second,
            "handles": entry.handles,
            "database_connections": connections.get(entry.tenant, 0),
            "contained": entry.contained,
            "messages": _messages(platform, entry.tenant),
        }
        for entry in platform.governor_link.usage.values()
    ]


def _messages(platform: Platform, name: str) -> int:
    tenant = platform.registry.tenants.get(name)
    return 0 if tenant is None else tenant.messages.taken + tenant.progress.taken


async def counters(platform: Platform, request: Request) -> list[dict[str, Any]]:
    """What has happened to each tenant since it is known."""
    found = []
    for tenant in platform.registry.tenants.values():
        used = platform.governor_link.usage.get(tenant.name)
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


async def inventory(platform: Platform, request: Request) -> dict[str, Any]:
    """What the platform holds at this moment."""
    users = list(platform.registry.users())
    open_sessions = list(platform.registry.sessions.values())
    pool = platform.store.pool_use()
    own = {"gateway": os.getpid(), "zygote": platform.factory.zygote_pid, "governor": platform.governor.pid}
    return {
        "processes": {**platform.processes, **own},
        "sessions": len(open_sessions),
        "agents": len(platform.registry.agents),
        "tasks": len(asyncio.all_tasks()),
        "subscriptions": sum(len(session.subscriptions) for session in open_sessions),
        "buffers": len(open_sessions) + sum(len(user.cut) for user in users),
        "leases": len(platform.store.leases()),
        "pool_size": pool.size,
        "pool_limit": pool.limit,
        "pool_used": pool.used,
        "temp_folders": _folders_of_agents(platform.factory.folder),
    }


def _folders_of_agents(folder: Path) -> list[str]:
    """Private folders of agents: one level below those of their tenants."""
    return sorted(str(path) for path in everything_below(folder) if path.parent.parent == folder)
