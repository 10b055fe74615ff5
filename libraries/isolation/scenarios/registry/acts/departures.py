"""Half of the users end their sessions beside the others, colleagues of those who stay among them (AR-16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Outcome, ProcessRef
from isolation.record.facts import Fact
from isolation.record.registry.actions import Action, RegistryAction
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.registry.staging.departing import see_whether_gone
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.stage import Stage, another_session
from isolation.target.agent_terms import kept
from isolation.target.needs import Needs, missing
from isolation.target.words import Kept, OperatorOperation, RequestKind
from process_control.reading import is_alive

ENDS = Needs(requests=(RequestKind.SESSION_END,), operator=(OperatorOperation.AGENTS,), processes=True)
_AGENTS_EACH = 2


@dataclass(slots=True)
class Departure:
    """What became of those who left, and of those who stayed."""

    processes: int = 0
    alive: int = 0
    returns: list[Fact] = field(default_factory=list)
    stayed: list[Fact] = field(default_factory=list)


def end_half(stage: Stage) -> Departure:
    """Every user has agents, works and gets answers that are kept; then every second one ends its session."""
    if missing(stage.api.target, ENDS):
        return Departure()
    leaving, staying = stage.users[::2], stage.users[1::2]
    kind = stage.terms.types[1]
    stage.ask([Request(u.name, RequestKind.AGENT_CREATE, {Kept.AGENT_TYPE: kind}) for u in stage.users] * _AGENTS_EACH)
    if stage.offers(RequestKind.ASK):
        stage.everybody(RequestKind.ASK, question="What is kept for me?")
    before = stage.ask([Request(user.name, RequestKind.AGENT_LIST) for user in staying])
    running = list(stage.processes().values())
    ends = stage.ask([Request(user.name, RequestKind.SESSION_END) for user in leaving], "ends")
    gone = {end.operation.user: end for end in ends}
    theirs = [ref for ref in running if ref.user in gone]
    stage.sightings += [_removal(gone[ref.user], ref) for ref in theirs]
    see_whether_gone(stage, [(ref.agent, ref.user) for ref in theirs], theirs)
    return Departure(
        processes=len(theirs),
        alive=sum(is_alive(ref.pid, ref.started_ticks) for ref in theirs),
        returns=_come_back(stage, leaving, theirs),
        stayed=_look_at_those_who_stayed(stage, before),
    )


def _come_back(stage: Stage, left: Sequence[TenantAgent], theirs: Sequence[ProcessRef]) -> list[Fact]:
    """Those who come back find an empty registry, and cannot reach what they had."""
    back = {one.user_id: one for one in stage.connect(another_session(user, "back") for user in left)}
    lists = stage.ask([Request(one.name, RequestKind.AGENT_LIST) for one in back.values()], "coming back")
    stage.ask(
        [
            Request(back[ref.user].name, RequestKind.AGENT_GET, {Kept.AGENT: ref.agent})
            for ref in theirs
            if ref.user in back
        ]
    )
    return [
        fact(one.operation.tenant, "the list after coming back", [], kept(one.operation).get(Kept.AGENTS))
        for one in lists
    ]


def _look_at_those_who_stayed(stage: Stage, before: Sequence[RequestRecord]) -> list[Fact]:
    """They have the same agents, which answer, while colleagues of their own tenant left."""
    names = [one.operation.tenant for one in before]
    lists = stage.ask([Request(name, RequestKind.AGENT_LIST) for name in names])
    works = stage.ask([Request(name, RequestKind.EXECUTE, {"work": stage.terms.idle_work}) for name in names])
    facts: list[Fact] = []
    for name, earlier, shown, work in zip(names, before, lists, works, strict=True):
        facts.append(fact(name, "the list of its agents", _agents(stage, earlier) or ["some"], _agents(stage, shown)))
        facts.append(fact(name, "the answer", Outcome.ANSWERED, work.operation.outcome))
    return facts


def _agents(stage: Stage, request: RequestRecord) -> list[str] | None:
    """The ids in a list of agents; None when there was no list."""
    shown = stage.terms.rows(kept(request.operation).get(Kept.AGENTS))
    return None if shown is None else [str(row.get(Kept.AGENT)) for row in shown]


def _removal(end: RequestRecord, process: ProcessRef) -> RegistryAction:
    """The end of a session as the removal of one of its user's agents."""
    operation = end.operation
    return RegistryAction(
        tenant=operation.tenant,
        user=operation.user,
        action=Action.REMOVE,
        agent=process.agent,
        began_at=operation.intended_at,
        ended_at=operation.completed_at,
        outcome=operation.outcome,
        door=RequestKind.SESSION_END,
    )
