"""AR-17 and AR-18: the complete flow for every user, and a supervisor that leads the agents of its own user only."""

from __future__ import annotations

import json
from collections import defaultdict

from robot.api.deco import keyword

from isolation.drive.load.engine import Request
from isolation.judge.registry.orchestration import judge_flows, judge_leadership, judge_side_by_side
from isolation.judge.rules.facts import judge_facts
from isolation.judge.traffic.event_order import judge_event_order
from isolation.record import Direction
from isolation.record.asked import RequestRecord
from isolation.record.facts import Fact
from isolation.record.registry.flows import Flow, Shape, Step
from registry_keywords import scene
from robot_support import run as runs
from robot_support.collector import COLLECTOR

_SHAPE = Shape(
    needs={
        "triage": frozenset(),
        "data": frozenset({"triage"}),
        "optimisation": frozenset({"triage"}),
        "report": frozenset({"triage", "data", "optimisation"}),
    },
    parallel=frozenset({"data", "optimisation"}),
)
_STEPS = ("triage", "data", "optimisation", "report")


class Orchestration:
    """Flows of several agents under a supervisor."""

    @keyword
    def run_the_complete_flow(self, part: str, times: int = 1, at_once: bool = True) -> None:
        """Let every user save its company and ask a supervisor for a report with a text of its own.

        Args:
            part: Name of these flows.
            times: Flows of each user.
            at_once: Whether all users ask at the same time, or one after another.

        Example:
        | Run The Complete Flow | flows |
        """
        users = scene.scene().users
        companies = [{"company": f"Company of {user.user_id}"} for user in users]
        saves = zip(users, companies, strict=True)
        scene.ask(
            [Request(user.name, "state_put", {"scope": "profile", "key": "me", "value": own}) for user, own in saves]
        )
        for number in range(times):
            requests = [
                Request(user.name, "orchestrate", {"text": f"plan {number} of {user.user_id}"}) for user in users
            ]
            for group in [requests] if at_once else [[one] for one in requests]:
                scene.ask(group, part)

    @keyword
    def flows_should_be_complete(self, promise: str, part: str) -> None:
        """Every flow should have gone through triage, data, optimisation and report, in order, with all of its events.

        Args:
            promise: Id of the promise.
            part: Name of the flows.

        Example:
        | Flows Should Be Complete | AR-17 | flows |
        """
        operations = scene.scene().operations(part)
        found = judge_flows(promise, _flows(part), _SHAPE)
        began, ended = ("step_started", "step_completed")
        first, last = runs.current().target.frames.accepted[0], runs.current().target.frames.answered[0]
        expected = [first, began, ended, began, began, ended, ended, began, ended, last]
        COLLECTOR.decide([found, judge_event_order(promise, operations, scene.events(), expected)])

    @keyword
    def reports_should_be_their_own(self, promise: str, part: str) -> None:
        """Every report should hold its own user's company and request, and name its own user and tenant.

        Args:
            promise: Id of the promise.
            part: Name of the flows.

        Example:
        | Reports Should Be Their Own | AR-17 | flows |
        """
        facts = []
        for one in scene.scene().parts[part]:
            operation = one.operation
            user, text, shown = scene.scene().sessions[operation.session], str(one.arguments["text"]), scene.result(one)
            report = str(shown.get("report"))
            outputs = {step["step"]: step["output"] for step in _steps(one)}
            facts += [
                Fact(user.name, "the company in the report", True, f"Company of {user.user_id}" in report),
                Fact(user.name, "the request in the report", True, text in report),
                Fact(user.name, "the user of the flow", user.user_id, shown.get("user")),
                Fact(user.name, "the tenant of the flow", user.tenant_id, shown.get("tenant")),
                Fact(user.name, "the output of the triage", f"triage: {text}", outputs.get("triage")),
                Fact(user.name, "the output of the report", f"report: {text}", outputs.get("report")),
            ]
        COLLECTOR.decide(judge_facts(promise, "reports that were not the user's own", facts))

    @keyword
    def supervisors_should_lead_their_own_agents(self, promise: str, part: str) -> None:
        """Supervisor and all agents of a flow should be its own user's, by the list of the user and the operator's word.

        Args:
            promise: Id of the promise.
            part: Name of the flows.

        Example:
        | Supervisors Should Lead Their Own Agents | AR-18 | flows |
        """
        owners = {agent["agent_id"]: agent["user"] for agent in runs.current().operator("agents")}
        facts = []
        for shown in scene.ask_everybody("agent_list"):
            agents = scene.result(shown).get("agents")
            own = sorted(a["agent_type"] for a in agents) if isinstance(agents, list) else None
            expected = sorted([*_STEPS, "supervisor"])
            facts.append(Fact(shown.operation.tenant, "the types of its agents after all flows", expected, own))
        COLLECTOR.decide([
            judge_leadership(promise, _flows(part), owners),
            judge_facts(promise, "users with other agents than those of the flow", facts),
        ])  # fmt: skip

    @keyword
    def parallel_steps_should_run_side_by_side(self, promise: str, part: str) -> None:
        """Data and optimisation should run at the same time, in more flows than the limit says.

        Args:
            promise: Id of the promise; its limit ``side by side`` decides.
            part: Name of the flows.

        Example:
        | Parallel Steps Should Run Side By Side | AR-18 | quiet flows |
        """
        COLLECTOR.decide(
            judge_side_by_side(promise, _flows(part), _SHAPE, runs.current().limit(promise, "side by side"))
        )


def _steps(asked: RequestRecord) -> list[dict[str, object]]:
    steps = scene.result(asked).get("steps")
    return steps if isinstance(steps, list) else []


def _flows(part: str) -> list[Flow]:
    parents = _parents()
    return [
        Flow(
            tenant=one.operation.tenant,
            user=one.operation.user,
            supervisor=one.operation.agent,
            steps=tuple(
                Step(str(s["step"]), str(s["agent_id"]), float(str(s["started_at"])), float(str(s["ended_at"])))
                for s in _steps(one)
            ),
            parents=frozenset(parents[one.operation.session, one.operation.correlation_id]),
        )
        for one in scene.scene().parts[part]
    ]


def _parents() -> dict[tuple[str, str], set[str]]:
    """The leaders that the events of each request named."""
    words = runs.current().target.frames
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for frame in scene.frames():
        if frame.direction is Direction.RECEIVED and frame.kind == "message" and b'"parent"' in frame.data:
            told = json.loads(frame.data)
            found[frame.session, str(told.get(words.correlation))].add(str(told["parent"]))
    return found
