"""Tenants: creating them, connecting them, letting them leave or crash."""

from __future__ import annotations

import time

from robot.api import logger
from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import ConnectOptions
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.traffic.connecting import judge_all_connected
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.quantities import CONVERTERS, Duration
from robot_support.scenario import scenario


@library(scope="GLOBAL", converters=CONVERTERS)
class TenantLibrary(DynamicCore):
    """Creates tenants and opens their connections.

    Each tenant has one user with a token of its own and, as soon as it works, an agent in a process of its own.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])

    @keyword
    def create_tenants(self, count: int, role: str = "standard") -> list[TenantAgent]:
        """Create tenants with one user each; nothing is connected yet.

        Args:
            count: How many.
            role: Role of their users on the platform.

        Example:
        | Create Tenants | 10 |
        """
        agents = runs.current().manager.create_tenant_agents(count, role)
        scenario().tenants.extend(agents)
        return agents

    @keyword
    def add_users(self, count: int, tenant: int, role: str = "standard") -> list[TenantAgent]:
        """Create further users of an existing tenant; nothing is connected yet.

        Args:
            count: How many.
            tenant: Number of the tenant.
            role: Their role on the platform.

        Example:
        | Add Users | 1 | tenant=2 | role=admin |
        """
        manager = runs.current().manager
        users = [manager.add_user(scenario().tenant(tenant), role) for _ in range(count)]
        scenario().tenants.extend(users)
        return users

    @keyword
    def connect_tenants(self, at_once: int = 10, within: Duration = Duration(60)) -> None:
        """Connect all tenants of the scenario that are not connected, and note how long it took.

        Args:
            at_once: Handshakes at a time.
            within: Longest time for all of them; afterwards the others count as not connected.

        Example:
        | Connect Tenants | at_once=50 | within=10 seconds |
        """
        manager = runs.current().manager
        known = {agent.name for agent in manager.connected}
        waiting = [agent for agent in scenario().tenants if agent.name not in known]
        started = time.monotonic()
        results = manager.connect(waiting, ConnectOptions(at_once=at_once), timeout=within + 10)
        scenario().openings.extend(results)
        scenario().notes["connecting took"] = time.monotonic() - started
        for name, why in manager.failed.items():
            logger.warn(f"{name} could not connect: {why}")

    @keyword
    def all_tenants_should_be_connected(self, promise: str, within: Duration | None = None) -> None:
        """Every tenant should have a connection, opened within the limit of the promise.

        Args:
            promise: Id of the promise; its limit ``connect`` decides about the time.
            within: The time that the scenario states.

        Example:
        | All Tenants Should Be Connected | RI-6 | within=60 seconds |
        """
        limit = runs.current().limit(promise, "connect", within)
        took = scenario().notes["connecting took"]
        assert isinstance(took, float)
        COLLECTOR.decide(judge_all_connected(promise, scenario().openings, len(scenario().tenants), took, limit))

    @keyword
    def tenants_leave(self, *numbers: int) -> None:
        """Close the connections of some tenants politely; of all when none is named.

        Args:
            numbers: Numbers of the tenants.

        Example:
        | Tenants Leave | 1 | 2 |
        """
        agents = [scenario().tenant(number) for number in numbers] or scenario().tenants
        runs.current().manager.disconnect(agents)
