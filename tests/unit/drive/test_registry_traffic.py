"""Random requests to a registry: repeatable, and about the agents that the user was really given."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, cast

from isolation.drive.load.registry_traffic import TrafficPlan, run_traffic
from isolation.drive.session.session import Session
from isolation.record import Operation, Outcome
from isolation.record.traffic.asked import RequestRecord

PLAN = TrafficPlan((("ann", "ann-2"), ("bob",)), 40, ("data", "report"), "busy", seed=7)


class QuickSession:
    """Answers at once; the agents that it makes are named after its user."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.made = itertools.count(1)

    async def request(self, kind: str, arguments: dict[str, object], timeout: float) -> Operation:
        await asyncio.sleep(0)
        kept: dict[str, Any] = {"agent": f"{self.name}/{next(self.made)}"} if kind == "agent_create" else {}
        return Operation(
            self.name, self.name[:3], self.name, "c-1", kind, 0.0, 0.0, None, 1.0, Outcome.ANSWERED, kept=kept
        )


def traffic(plan: TrafficPlan = PLAN) -> list[RequestRecord]:
    sessions = {name: cast(Session, QuickSession(name)) for user in plan.users for name in user}
    return asyncio.run(run_traffic(plan, sessions))


def named(asked: list[RequestRecord]) -> set[tuple[str, str]]:
    """Who named which agent."""
    return {(one.operation.tenant, str(one.arguments["agent"])) for one in asked if "agent" in one.arguments}


def test_every_session_asks_as_often_as_planned() -> None:
    asked = traffic()
    assert [sum(one.operation.session == name for one in asked) for name in ("ann", "ann-2", "bob")] == [40, 40, 40]


def test_every_kind_of_request_comes() -> None:
    kinds = {one.operation.kind for one in traffic()}
    assert kinds == {"agent_create", "agent_get", "execute", "agent_list", "agent_remove"}


def test_the_same_seed_asks_the_same() -> None:
    assert traffic() == traffic()
    assert traffic() != traffic(TrafficPlan(PLAN.users, PLAN.operations, PLAN.types, PLAN.thread, seed=8))


def test_sessions_of_one_user_meet_at_the_same_agents_and_users_do_not() -> None:
    found = named(traffic())
    assert any(session == "ann" and agent.startswith("ann-2/") for session, agent in found)
    assert all(session[:3] == agent[:3] for session, agent in found)


def test_no_agent_is_removed_twice() -> None:
    removed = [one.arguments["agent"] for one in traffic() if one.operation.kind == "agent_remove"]
    assert removed and len(removed) == len(set(removed))
