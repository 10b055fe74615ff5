"""What the platform keeps: PostgreSQL with row-level security by tenant, Redis with a user per tenant, metrics."""

from reference_platform.state.errors import QuotaExceeded, SchemaError, StoreError
from reference_platform.state.records import (
    JSON,
    AgentRow,
    Document,
    LeaseInfo,
    Owner,
    PoolUse,
    Residue,
    Scope,
    StoreNames,
    TenantCredentials,
)
from reference_platform.state.relational.leases import Lease, QueryKind
from reference_platform.state.store import Store

__all__ = [
    "JSON",
    "AgentRow",
    "Document",
    "Lease",
    "LeaseInfo",
    "Owner",
    "PoolUse",
    "QueryKind",
    "QuotaExceeded",
    "Residue",
    "SchemaError",
    "Scope",
    "Store",
    "StoreError",
    "StoreNames",
    "TenantCredentials",
]
