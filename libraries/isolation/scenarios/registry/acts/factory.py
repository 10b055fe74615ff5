"""Many agents are made, used and removed at once; what the platform holds is counted before, meanwhile and after (AR-2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.record.facts import Fact
from isolation.record.traffic.asked import RequestRecord
from isolation.record.usage.holdings import Holdings
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.resting import COUNTED, Rests
from isolation.scenarios.registry.staging.stage import Stage, made_agents
from isolation.target.agent_terms import kept
from isolation.target.needs import missing
from isolation.target.words import Kept, RequestKind

AGENTS = "agent requests"
_THREAD = "many"


@dataclass(slots=True)
class Making:
    """What there was before, at the peak and after; and what agents remember that were made afterwards."""

    before: Holdings | None = None
    peak: Holdings | None = None
    after: Holdings | None = None
    new_agents: list[Fact] = field(default_factory=list)


def make_many(stage: Stage) -> Making:
    """Every user makes as many agents as the profile says, all there at the same time, uses and removes them."""
    counted = not missing(stage.api.target, COUNTED)
    rests, found = Rests(stage), Making()
    # So that what is made only once is there already.
    remove_agents(stage, make_and_use(stage, 1, "warm-up"), "warm-up")
    found.before = rests.at_rest() if counted else None
    made = make_and_use(stage, stage.api.profile.registry.operations, AGENTS)
    _let_remember(stage, made)
    found.peak = rests.now() if counted else None
    remove_agents(stage, made, AGENTS)
    found.after = rests.at_rest() if counted else None
    found.new_agents = _ask_new_agents(stage)
    return found


def make_and_use(stage: Stage, each: int, part: str) -> list[RequestRecord]:
    """Let every user make agents and use each of them.

    Args:
        stage: The users.
        each: Agents of each user.
        part: The part of the experiment to which the requests belong.
    """
    kind: dict[str, object] = {Kept.AGENT_TYPE: stage.terms.types[1], Kept.THREAD: _THREAD}
    makes = [Request(user.name, RequestKind.AGENT_CREATE, dict(kind)) for user in stage.users] * each
    made = made_agents(stage.ask(makes, part))
    stage.ask(
        [Request(o.operation.tenant, RequestKind.EXECUTE, {Kept.AGENT: agent_id(o), "work": stage.terms.idle_work}) for o in made],
        part,
    )  # fmt: skip
    return made


def remove_agents(stage: Stage, made: list[RequestRecord], part: str) -> None:
    """Remove agents, all at the same time."""
    stage.ask([Request(o.operation.tenant, RequestKind.AGENT_REMOVE, {Kept.AGENT: agent_id(o)}) for o in made], part)


def _let_remember(stage: Stage, made: list[RequestRecord]) -> None:
    """Agents remember something: whoever gives their processes to others gives it away, too."""
    if stage.offers(RequestKind.REMEMBER):
        notes = [{Kept.AGENT: agent_id(one), "text": f"a note of {one.operation.user}"} for one in made]
        named = [
            (one.operation.tenant, {str(k): v for k, v in note.items()}) for one, note in zip(made, notes, strict=True)
        ]
        stage.ask([Request(name, RequestKind.REMEMBER, dict(note)) for name, note in named])


def _ask_new_agents(stage: Stage) -> list[Fact]:
    """New agents of everybody, made after others had gone, remember nothing."""
    if not stage.offers(RequestKind.RECALL):
        return []
    new = made_agents(stage.everybody(RequestKind.AGENT_CREATE, agent_type=stage.terms.types[1], thread=_THREAD))
    recalls = stage.ask([Request(o.operation.tenant, RequestKind.RECALL, {Kept.AGENT: agent_id(o)}) for o in new])
    remove_agents(stage, new, "")
    return [
        fact(one.operation.tenant, "what a new agent remembers", [], kept(one.operation).get(Kept.MEMORIES))
        for one in recalls
    ]
