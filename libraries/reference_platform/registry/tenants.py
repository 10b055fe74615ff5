"""Tenants and users as the gateway knows them while they are there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from reference_platform.registry.rates import DatabaseTurns, Rate


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tenant's agents may use; None is no quota.

    Attributes:
        cpu_percent: Percent of one core.
    """

    cpu_percent: float | None
    memory_bytes: int | None


@dataclass(slots=True)
class Counters:
    """What has happened to a tenant since it is known.

    Attributes:
        operations_timed_out: Operations that ran too long.
        throttled: How often its processor quota held it back, before the governor last forgot it.
        throttled_seconds: For how long (s), before the governor last forgot it.
        out_of_memory: Processes ended because of its memory quota, before the governor last forgot it.
    """

    operations_timed_out: int = 0
    throttled: int = 0
    throttled_seconds: float = 0.0
    out_of_memory: int = 0


@dataclass(slots=True, eq=False)
class Tenant:
    """A customer organisation.

    Attributes:
        name: Its id.
        messages: Its rate of frames towards the platform.
        progress: Its rate of progress events towards its users.
        database: Its share of the database.
        quota: What its agents may use.
        counters: What has happened.
        contained: Whether the governor has contained it.
        idle_since: When its last agent ended (monotonic seconds); None while it has any.
        prepared: Done when the stores know the tenant; None before the first session.
    """

    name: str
    messages: Rate
    progress: Rate
    database: DatabaseTurns
    quota: Quota
    counters: Counters = field(default_factory=Counters)
    contained: bool = False
    idle_since: float | None = None
    prepared: asyncio.Task[None] | None = None


@dataclass(slots=True, eq=False)
class User:
    """A user while there is anything of it in the gateway; its sessions and agents are in the registry.

    Attributes:
        name: Its id.
        leaving: Runs when the last session has ended, until the agents are removed.
        failed_operations: How many of its operations ended with an error.
        reserved: Handshakes under way.
        answers: Keys of cached answers, which go with the user, and when each expires by itself (monotonic seconds).
    """

    name: str
    tenant: Tenant
    leaving: asyncio.TimerHandle | None = None
    failed_operations: int = 0
    reserved: int = 0
    answers: dict[str, float] = field(default_factory=dict)
