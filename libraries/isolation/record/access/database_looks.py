"""What a tenant's own database role saw and could do when it logged in to the database directly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableLook:
    """One table as one role sees it.

    Attributes:
        table: Its name with the schema.
        own_rows: Rows of the role's own tenant that it saw, or None when the read failed.
        foreign_rows: Rows of others that it saw.
        foreign_owner: One of these others, or empty.
        expected_own: Rows of the role's own tenant that are there.
        expected_foreign: Rows of other tenants that are there: without any, seeing none proves nothing.
    """

    table: str
    own_rows: int | None
    foreign_rows: int
    foreign_owner: str
    expected_own: int
    expected_foreign: int = 1


@dataclass(frozen=True, slots=True)
class RoleAttempt:
    """One attempt of a role to change what is another tenant's, or to become that tenant.

    Attributes:
        owner: Whose things were meant.
        place: What was tried, such as ``UPDATE platform.preferences``.
        had_effect: Whether it changed anything of another tenant (before it was rolled back); None when nobody can tell.
        owner_could: Whether the same was possible with the role's own things.
    """

    owner: str
    place: str
    had_effect: bool | None
    owner_could: bool


@dataclass(frozen=True, slots=True)
class SharedTable:
    """A table that holds rows of several tenants.

    Attributes:
        table: Its name with the schema.
        tenants: How many tenants have rows there.
        secured: Whether row-level security is enabled.
        forced: Whether it binds the table's owner too.
        reachable: Whether any tenant's role has a right on it.
    """

    table: str
    tenants: int
    secured: bool
    forced: bool
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class FunctionLook:
    """One function that a tenant's role may call and that works with the rights of its owner.

    Attributes:
        function: Its name with schema and arguments.
        foreign_owner: Whose things it gave away, or empty.
        tried: Whether it could be called.
        reason: Why not, or what was called.
    """

    function: str
    foreign_owner: str
    tried: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RoleLook:
    """All that one tenant's role saw and tried.

    Attributes:
        tenant: Whose role it is.
        tables: The tables that it may read.
        attempts: What it tried.
        reason: Why it could not log in, or empty.
        functions: The functions of others' rights that it may call.
    """

    tenant: str
    tables: tuple[TableLook, ...] = ()
    attempts: tuple[RoleAttempt, ...] = ()
    reason: str = ""
    functions: tuple[FunctionLook, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseLook:
    """The database from within.

    Attributes:
        roles: What each tenant's role saw and tried.
        shared: The tables that hold rows of several tenants.
        empty: Tables that held no row at all, although tenants' roles may read them and nothing protects them.
    """

    roles: tuple[RoleLook, ...]
    shared: tuple[SharedTable, ...]
    empty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheLook:
    """All that one tenant's login to the cache saw and tried.

    Attributes:
        tenant: Whose login it is.
        attempts: What it tried; ``had_effect`` says that it reached what is another tenant's.
        reason: Why it could not log in, or empty.
    """

    tenant: str
    attempts: tuple[RoleAttempt, ...] = ()
    reason: str = ""
