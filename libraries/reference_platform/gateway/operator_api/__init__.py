"""The operator API: for whoever runs the platform, on a port and with a credential of its own."""

from __future__ import annotations

from reference_platform.gateway.operator_api.inspection import Inspection
from reference_platform.gateway.operator_api.operator_api import Operation, OperatorApi
from reference_platform.gateway.operator_api.platform_operations import PlatformOperations
from reference_platform.gateway.operator_api.rights_administration import RightsAdministration
from reference_platform.gateway.operator_api.tenant_administration import TenantAdministration

__all__ = [
    "NAMES",
    "Inspection",
    "OperatorApi",
    "PlatformOperations",
    "RightsAdministration",
    "TenantAdministration",
    "operations_of",
]

#: What an operator may ask for; the operation of each has that name.
NAMES = (
    *(
        "capabilities",
        "tenants",
        "sessions",
        "agents",
        "usage",
        "counters",
        "alerts",
        "audit",
        "inventory",
        "footprint",
    ),
    *("set_quota", "credentials", "residue", "remove_tenant", "announce", "restart_agent", "restart"),
    *("revoke_role", "grant_role", "remove_user", "suspend_tenant", "reinstate_tenant", "revoke_token", "log_out"),
)


def operations_of(
    *subjects: Inspection | PlatformOperations | RightsAdministration | TenantAdministration,
) -> dict[str, Operation]:
    """Name to operation.

    Args:
        subjects: All subjects together; each operation is a method of exactly one.
    """
    found = {name: getattr(subject, name) for subject in subjects for name in NAMES if hasattr(subject, name)}
    assert found.keys() == set(NAMES)
    return found
