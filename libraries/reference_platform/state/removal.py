"""Taking the platform out of stores that go on living: given ones, not those that the platform started itself."""

from __future__ import annotations

from reference_platform.state.names import GATEWAY_ROLE, OWNER_ROLE, TENANTS_ROLE
from reference_platform.state.provisioning import Provisioning
from reference_platform.state.records import Residue
from reference_platform.state.relational.database import Database
from reference_platform.state.relational.schema import SCHEMA


async def remove_platform(database: Database, tenants: Provisioning) -> dict[str, Residue]:
    """Remove every tenant, the schema and the roles. The store is of no use afterwards but to be closed.

    Args:
        database: Its pool for tenants is closed by this.
        tenants: Every tenant that it lists is removed.

    Returns:
        Tenant to what could not be removed; empty when all is gone.
    """
    left = {}
    for tenant in await tenants.tenants():
        residue = await tenants.expel(tenant)
        if not residue.empty:
            left[tenant] = residue
    await database.close_pool()
    roles = f"{GATEWAY_ROLE}, {TENANTS_ROLE}, {OWNER_ROLE}"
    async with database.admin.acquire() as connection, connection.transaction():
        await connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE; DROP OWNED BY {roles}; DROP ROLE {roles}")
    return left
