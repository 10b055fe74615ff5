"""Every user has a supervisor lead several agents through a workflow; all at the same time, then one after another."""

from __future__ import annotations

import json
from collections import defaultdict

from isolation.drive.load.engine import Request
from isolation.drive.platform.known_ids import KnownIds
from isolation.record.facts import Fact
from isolation.record.registry.flows import Flow, Shape, Step
from isolation.record.registry.workflows import WorkflowRecord
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.api import Api
from isolation.scenarios.concurrent_startup.received_events import read_messages
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.stage import Stage, stage
from isolation.target.agent_terms import BEGAN, ENDED, OUTPUT, kept
from isolation.target.needs import Needs
from isolation.target.words import Kept, RequestKind

NEEDS = Needs(requests=(RequestKind.ORCHESTRATE, RequestKind.AGENT_LIST), scopes=1)
FLOWS, QUIET = "workflows", "workflows one after another"
_TIMES = 2
"""Workflows of each user at the same time as everybody else's: the second one finds the agents of the first."""


def run(api: Api) -> WorkflowRecord:
    """All users at once, then one after another."""
    with stage(api, api.profile.registry.users) as opened:
        if opened.offers(RequestKind.STATE_PUT):
            place: dict[str, object] = {"scope": opened.terms.scopes[0], "key": "me"}
            saves = [{**place, "value": {"company": _company(user.user_id)}} for user in opened.users]
            opened.ask(
                [Request(u.name, RequestKind.STATE_PUT, save) for u, save in zip(opened.users, saves, strict=True)]
            )
        for number in range(_TIMES):
            opened.ask(_orders(opened, number), FLOWS)
        for order in _orders(opened, _TIMES):
            opened.ask([order], QUIET)
        teams, owners = _teams(opened)
        parents = _parents(opened)
        return WorkflowRecord(
            **opened.base(),
            flows=[_flow(opened, one, parents) for one in opened.part(FLOWS)],
            quiet_flows=[_flow(opened, one, parents) for one in opened.part(QUIET)],
            shape=Shape(opened.terms.workflow, opened.terms.parallel),
            flow_kinds=opened.terms.workflow_events,
            reports=[one for request in opened.part(FLOWS) for one in _report(opened, request)],
            teams=teams,
            owners=owners,
        )


def _orders(stage: Stage, number: int) -> list[Request]:
    return [
        Request(user.name, RequestKind.ORCHESTRATE, {"text": f"plan {number} of {user.user_id}, please"})
        for user in stage.users
    ]


def _company(user_id: str) -> str:
    """Something stands behind the id, which may be the beginning of another."""
    return f"Company of {user_id} and partners"


def _report(stage: Stage, request: RequestRecord) -> list[Fact]:
    """The report holds its own user's company and request, and no step worked on anybody else's."""
    who, said = request.operation.tenant, kept(request.operation)
    user = next(user for user in stage.users if user.name == who)
    others = {other.user_id: other.name for other in stage.users if other.user_id != user.user_id}
    ids = KnownIds((user.user_id, *others))
    report = said.get(Kept.REPORT)
    text = report if isinstance(report, str) else None
    facts = [
        fact(who, "the request in the report", True, text and str(request.arguments["text"]) in text),
        fact(who, "the user of the workflow", user.user_id, said.get(Kept.USER)),
        fact(who, "the tenant of the workflow", user.tenant_id, said.get(Kept.TENANT)),
        fact(who, "the other users in the report", [], text and _named(ids, others, text)),
    ]
    if stage.offers(RequestKind.STATE_PUT):
        facts.append(fact(who, "the company in the report", True, text and _company(user.user_id) in text))
    for step in stage.terms.rows(said.get(Kept.STEPS)) or []:
        named = _named(ids, others, json.dumps(step.get(OUTPUT), ensure_ascii=False))
        facts.append(fact(who, f"the other users in the output of '{step.get(Kept.STEP)}'", [], named))
    return facts


def _named(ids: KnownIds, others: dict[str, str], text: str) -> list[str]:
    return [others[found] for found in dict.fromkeys(ids.named(text)) if found in others]


def _teams(stage: Stage) -> tuple[list[Fact], dict[str, str]]:
    """Each user's agents after all workflows, and whose each agent is."""
    expected = sorted([*stage.terms.workflow, stage.terms.leader])
    facts: list[Fact] = []
    owners: dict[str, str] = {}
    for request in stage.everybody(RequestKind.AGENT_LIST):
        shown = stage.terms.rows(kept(request.operation).get(Kept.AGENTS))
        types = None if shown is None else sorted(str(row.get(Kept.AGENT_TYPE)) for row in shown)
        facts.append(fact(request.operation.tenant, "the types of its agents after all workflows", expected, types))
        owners |= {str(row.get(Kept.AGENT)): request.operation.user for row in shown or []}
    if stage.sees_agents:
        owners |= {str(row.get(Kept.AGENT)): str(row.get(Kept.USER)) for row in stage.operator_agents()}
    return facts, owners


def _flow(stage: Stage, request: RequestRecord, parents: dict[tuple[str, str], set[str]]) -> Flow:
    operation = request.operation
    steps = tuple(
        Step(str(row[Kept.STEP]), str(row.get(Kept.AGENT)), float(str(row[BEGAN])), float(str(row[ENDED])))
        for row in stage.terms.rows(kept(operation).get(Kept.STEPS)) or []
        if {Kept.STEP, BEGAN, ENDED} <= row.keys()
    )
    leaders = frozenset(parents[operation.session, operation.correlation_id])
    return Flow(operation.tenant, operation.user, operation.agent, steps, leaders)


def _parents(stage: Stage) -> dict[tuple[str, str], set[str]]:
    """The leaders that the events of each request named."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for frame, read in read_messages(stage.api.target, stage.take_frames()):
        if Kept.PARENT in read.kept:
            found[frame.session, read.correlation_id].add(str(read.kept[Kept.PARENT]))
    return found
