"""What an operator can do to a tenant."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from process_control.folders import everything_below
from reference_platform.gateway.requests import Request, bad_request, not_found
from reference_platform.governor.messages import SetQuota
from reference_platform.registry import Tenant
from reference_platform.registry.tenants import Quota
from reference_platform.state.records import Residue

if TYPE_CHECKING:
    from reference_platform.gateway.platform import Platform

LARGEST_CPU_PERCENT = 100_000.0
LARGEST_MEMORY_BYTES = float(2**50)


async def set_quota(platform: Platform, request: Request) -> dict[str, Any]:
    """Set a tenant's quotas; null means none."""
    tenant = tenant_of(platform, request)
    cpu_percent = quota_argument(request, "cpu_percent", LARGEST_CPU_PERCENT)
    memory_bytes = quota_argument(request, "memory_bytes", LARGEST_MEMORY_BYTES)
    tenant.quota = Quota(cpu_percent, None if memory_bytes is None else int(memory_bytes))
    platform.governor_link.send(SetQuota(tenant.name, tenant.quota.cpu_percent, tenant.quota.memory_bytes))
    detail = {"cpu_percent": tenant.quota.cpu_percent, "memory_bytes": tenant.quota.memory_bytes}
    platform.audit.add("quota_set", tenant.name, detail=detail)
    return {"set": True}


async def credentials(platform: Platform, request: Request) -> dict[str, Any]:
    """A tenant's own logins to the stores."""
    tenant = tenant_of(platform, request)
    logins = await platform.store.provision_tenant(tenant.name, platform.settings.connection_limit)
    return {
        "database_role": logins.database_role,
        "database_password": logins.database_password,
        "cache_user": logins.redis_user,
        "cache_password": logins.redis_password,
    }


async def residue(platform: Platform, request: Request) -> dict[str, Any]:
    """What is there of a tenant, known or not."""
    return await count_residue(platform, request.identifier("tenant"))


async def remove_tenant(platform: Platform, request: Request) -> dict[str, Any]:
    """Remove everything of a tenant, and count what is left."""
    name = request.identifier("tenant")
    tenant = platform.registry.tenants.get(name)
    if tenant is not None:
        await platform.lifecycle.remove_tenant(tenant)
        await platform.forget_tenant(tenant)
    await platform.books.settle()
    await platform.governor_link.remove_tenant(name)
    left = await platform.store.remove_tenant(name)
    if platform.metrics is not None:
        await platform.metrics.remove_tenant(name)
    platform.audit.add("tenant_removed", name)
    return await _with_everything_else(platform, name, left)


async def count_residue(platform: Platform, name: str) -> dict[str, Any]:
    """Count rows, keys, roles, connections, files, processes and control groups of a tenant."""
    return await _with_everything_else(platform, name, await platform.store.residue(name))


async def _with_everything_else(platform: Platform, name: str, left: Residue) -> dict[str, Any]:
    """What is left in the stores, and what the platform itself and the analytics store have."""
    rows = dict(left.rows)
    if platform.metrics is not None and (metrics := len(await platform.metrics.query(name))):
        rows["metrics"] = metrics
    agents = [agent for agent in platform.registry.agents.values() if agent.identity.tenant == name]
    return {
        "rows": rows,
        "keys": left.keys,
        "roles": left.roles,
        "connections": left.connections,
        "files": count_files(platform.factory.folder_of(name)),
        "processes": sum(agent.process is not None for agent in agents),
        "cgroups": platform.governor_link.groups_left(name),
    }


def count_files(folder: Path) -> int:
    """Files and folders below a folder, itself included; 0 when there is none."""
    return len(everything_below(folder)) + 1 if folder.exists() else 0


def tenant_of(platform: Platform, request: Request) -> Tenant:
    """The tenant that a request names.

    Raises:
        RequestError: ``not_found`` when it is not known.
    """
    tenant = platform.registry.tenants.get(request.identifier("tenant"))
    if tenant is None:
        raise not_found()
    return tenant


def quota_argument(request: Request, name: str, highest: float) -> float | None:
    """A quota: a positive number, or None for no quota.

    Raises:
        RequestError: ``bad_request`` when it is missing or impossible.
    """
    if name not in request.arguments:
        raise bad_request(f"'{name}' is missing; null means no quota")
    value = request.arguments[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise bad_request(f"'{name}' must be a number or null")
    if not 0 < value <= highest:
        raise bad_request(f"'{name}' must be above 0 and at most {highest:g}")
    return value
