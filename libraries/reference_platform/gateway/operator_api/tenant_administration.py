"""What an operator can do to a tenant."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from process_control.folders import everything_below
from reference_platform.agents import AgentFactory
from reference_platform.gateway.bookkeeping.audit_log import AuditLog
from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper
from reference_platform.gateway.endpoint.admission import Admission
from reference_platform.gateway.endpoint.requests import Request, bad_request, not_found
from reference_platform.gateway.governing.governor_orders import GovernorOrders
from reference_platform.gateway.governing.governor_reports import GovernorReports
from reference_platform.gateway.sessions.lifecycle import Lifecycle
from reference_platform.governor.messages import SetQuota
from reference_platform.registry import Quota, Registry, Tenant
from reference_platform.state import Store
from reference_platform.state.metrics import MetricsStore
from reference_platform.state.records import Residue

LARGEST_CPU_PERCENT = 100_000.0
LARGEST_MEMORY_BYTES = float(2**50)


class TenantAdministration:
    """Sets quotas, gives logins, counts and removes what a tenant has."""

    def __init__(
        self,
        registry: Registry,
        admission: Admission,
        lifecycle: Lifecycle,
        store: Store,
        metrics: MetricsStore | None,
        factory: AgentFactory,
        reports: GovernorReports,
        orders: GovernorOrders,
        audit: AuditLog,
        books: Bookkeeper,
        connection_limit: int,
    ) -> None:
        """Keep where tenants have things.

        Args:
            registry: Sessions and agents.
            admission: Which users are known.
            lifecycle: Ends sessions.
            store: Rows, keys and roles.
            metrics: Rows in the analytics store, if there is one.
            factory: Folders of agents.
            reports: The way to the governor.
            orders: Control groups.
            audit: Where changes are written.
            books: Rows that are still to be written.
            connection_limit: How many database connections a tenant may have.
        """
        self._registry = registry
        self._admission = admission
        self._lifecycle = lifecycle
        self._store = store
        self._metrics = metrics
        self._factory = factory
        self._reports = reports
        self._orders = orders
        self._audit = audit
        self._books = books
        self._connection_limit = connection_limit

    async def set_quota(self, request: Request) -> dict[str, Any]:
        """Set a tenant's quotas; null means none."""
        tenant = self.tenant_of(request)
        cpu_percent = quota_argument(request, "cpu_percent", LARGEST_CPU_PERCENT)
        memory_bytes = quota_argument(request, "memory_bytes", LARGEST_MEMORY_BYTES)
        tenant.quota = Quota(cpu_percent, None if memory_bytes is None else int(memory_bytes))
        self._reports.send(SetQuota(tenant.name, tenant.quota.cpu_percent, tenant.quota.memory_bytes))
        detail = {"cpu_percent": tenant.quota.cpu_percent, "memory_bytes": tenant.quota.memory_bytes}
        self._audit.add("quota_set", tenant.name, detail=detail)
        return {"set": True}

    async def credentials(self, request: Request) -> dict[str, Any]:
        """A tenant's own logins to the stores."""
        tenant = self.tenant_of(request)
        logins = await self._store.provision_tenant(tenant.name, self._connection_limit)
        return {
            "database_role": logins.database_role,
            "database_password": logins.database_password,
            "cache_user": logins.redis_user,
            "cache_password": logins.redis_password,
        }

    async def residue(self, request: Request) -> dict[str, Any]:
        """What is there of a tenant, known or not."""
        return await self.count_residue(request.identifier("tenant"))

    async def remove_tenant(self, request: Request) -> dict[str, Any]:
        """Remove everything of a tenant, and count what is left."""
        name = request.identifier("tenant")
        tenant = self._registry.tenants.get(name)
        if tenant is not None:
            await self._lifecycle.remove_tenant(tenant)
            self._forget(tenant)
        await self._books.settle()
        await self._orders.remove_tenant(name)
        left = await self._store.remove_tenant(name)
        if self._metrics is not None:
            await self._metrics.remove_tenant(name)
        self._audit.add("tenant_removed", name)
        return await self._with_everything_else(name, left)

    async def count_residue(self, name: str) -> dict[str, Any]:
        """Count rows, keys, roles, connections, files, processes and control groups of a tenant."""
        return await self._with_everything_else(name, await self._store.residue(name))

    async def _with_everything_else(self, name: str, left: Residue) -> dict[str, Any]:
        """What is left in the stores, and what the platform itself and the analytics store have."""
        rows = dict(left.rows)
        if self._metrics is not None and (metrics := len(await self._metrics.query(name))):
            rows["metrics"] = metrics
        agents = [agent for agent in self._registry.agents.values() if agent.identity.tenant == name]
        return {
            "rows": rows,
            "keys": left.keys,
            "roles": left.roles,
            "connections": left.connections,
            "files": count_files(self._factory.folder_of(name)),
            "processes": sum(agent.process is not None for agent in agents),
            "cgroups": self._orders.groups_left(name),
        }

    def tenant_of(self, request: Request) -> Tenant:
        """The tenant that a request names.

        Raises:
            RequestError: ``not_found`` when it is not known.
        """
        tenant = self._registry.tenants.get(request.identifier("tenant"))
        if tenant is None:
            raise not_found()
        return tenant

    def _forget(self, tenant: Tenant) -> None:
        self._admission.forget_tenant(tenant.name)
        self._reports.demand.forget(tenant.name)
        self._registry.forget_tenant(tenant.name)


def count_files(folder: Path) -> int:
    """Files and folders below a folder, itself included; 0 when there is none."""
    return len(everything_below(folder)) + 1 if folder.exists() else 0


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
