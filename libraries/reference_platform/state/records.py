"""What the store takes and gives, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reference_platform.state.names import checked_id

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
"""Any value that JSON can say."""


class Scope(StrEnum):
    """What a document is about; each scope has its own table."""

    PROFILE = "profile"
    PREFERENCE = "preference"
    MEMORY = "memory"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose things are meant.

    Attributes:
        user: The user within the tenant.

    Raises:
        ValueError: When one is no id.
    """

    tenant: str
    user: str

    def __post_init__(self) -> None:
        """Refuse what is no id."""
        checked_id("tenant", self.tenant)
        checked_id("user", self.user)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was found; its value may be null."""

    value: JSON


@dataclass(frozen=True, slots=True)
class TenantCredentials:
    """A tenant's own logins to the stores; the passwords do not show in ``repr``."""

    database_role: str
    database_password: str = field(repr=False)
    redis_user: str
    redis_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as the store keeps it.

    Attributes:
        agent_id: Its id, unique within the user.
        agent_type: Such as ``assistant``.
        thread: The line of conversation it belongs to.
        status: ``running`` or ``stopped``.
        created_at: Seconds since 1970 (UTC).
    """

    agent_id: str
    agent_type: str
    thread: str
    status: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Residue:
    """What is left of a tenant in the stores.

    Attributes:
        rows: Table to number of rows; tables without a row are left out.
        keys: Keys in Redis.
        roles: Database roles and ACL users.
        connections: Database connections of the tenant's role.
    """

    rows: dict[str, int]
    keys: int
    roles: int
    connections: int

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return not (self.rows or self.keys or self.roles or self.connections)


@dataclass(frozen=True, slots=True)
class StoreNames:
    """By which names things of a tenant are found in the stores, whether there are any or not.

    Attributes:
        database_role: The role of its rows and of its own login.
        schema: Where the tables are; their column ``tenant_role`` holds that role.
        tables: All tables with rows of tenants.
        cache_user: Its ACL user.
        cache_keys: A pattern that fits all its keys and channels, and nobody else's.
    """

    database_role: str
    schema: str
    tables: list[str]
    cache_user: str
    cache_keys: str


@dataclass(frozen=True, slots=True)
class PoolUse:
    """The gateway's pool of database connections.

    Attributes:
        size: Open connections.
        used: Those at work at this moment.
        limit: How many there may be.
        beside: How many connections the platform may have besides, without those that agents lease.
    """

    size: int
    used: int
    limit: int
    beside: int


@dataclass(frozen=True, slots=True)
class LeaseInfo:
    """A leased connection as the operator sees it.

    Attributes:
        tenant: Whose role it is logged in as.
        user: For whom it was leased.
        holder: Who uses it, such as an agent's id.
        age_seconds: Seconds since it was leased.
        idle_seconds: Seconds since its last query ended; 0 while one runs.
    """

    lease_id: str
    tenant: str
    user: str
    holder: str
    age_seconds: float
    idle_seconds: float
