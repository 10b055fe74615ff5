"""The life of one agent of every user: made, used, stopped, started again, removed; each step is looked at (AR-7)."""

from __future__ import annotations

from collections.abc import Callable

from isolation.drive.load.engine import Request
from isolation.record import Outcome, ProcessRef
from isolation.record.facts import Fact
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.registry.staging.departing import see_whether_gone
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.agent_terms import kept
from isolation.target.words import Code, Kept, RequestKind

_Said = Callable[[RequestRecord], object]


class _Lives:
    """Goes through the steps; every agent of every user takes the same step at the same time."""

    def __init__(self, stage: Stage, agents: dict[str, str]) -> None:
        self.stage = stage
        self.agents = agents
        self.facts: list[Fact] = []

    def step(self, kind: RequestKind, what: str, expected: _Said, said: _Said, **arguments: object) -> None:
        """One step, when the target has it: what had to be said, and what was."""
        if not self.stage.offers(kind):
            return
        requests = [Request(name, kind, {Kept.AGENT: agent, **arguments}) for name, agent in self.agents.items()]
        for one in self.stage.ask(requests, "lifecycle"):
            self.facts.append(fact(one.operation.tenant, what, expected(one), said(one)))


def live(stage: Stage) -> list[Fact]:
    """Take an agent of every user through its life, and ask for it afterwards by every interface.

    Returns:
        One fact for each step of each user.
    """
    made = stage.everybody(RequestKind.AGENT_CREATE, agent_type=stage.terms.types[-1])
    lives = _Lives(stage, {one.operation.tenant: agent_id(one) for one in made})
    names = {user.name: f"a note of {user.user_id}" for user in stage.users}
    at_first = {one.operation.tenant: kept(one.operation).get(Kept.STATUS) for one in made}

    def status(one: RequestRecord) -> object:
        return kept(one.operation).get(Kept.STATUS)

    def memories(one: RequestRecord) -> object:
        return kept(one.operation).get(Kept.MEMORIES)

    def outcome(one: RequestRecord) -> object:
        return one.operation.outcome

    def differs(one: RequestRecord) -> object:
        return None if status(one) is None else status(one) != at_first[one.operation.tenant]

    lives.step(RequestKind.RECALL, "what a new agent remembers", lambda _: [], memories)
    if stage.offers(RequestKind.REMEMBER):
        texts = [{"text": text, Kept.AGENT: lives.agents[name]} for name, text in names.items()]
        stage.ask([Request(n, RequestKind.REMEMBER, dict(t)) for n, t in zip(names, texts, strict=True)], "lifecycle")
        remembered = "what an agent remembers at work"
        lives.step(RequestKind.RECALL, remembered, lambda one: [names[one.operation.tenant]], memories)
    lives.step(
        RequestKind.AGENT_GET, "the status of an agent at work", lambda one: at_first[one.operation.tenant], status
    )
    if stage.offers(RequestKind.AGENT_STOP):
        lives.step(RequestKind.AGENT_STOP, "whether the status changes by stopping", lambda _: True, differs)
        lives.step(
            RequestKind.EXECUTE,
            "the refusal of a stopped agent",
            lambda _: Code.STOPPED,
            lambda one: one.operation.refusal or one.operation.outcome,
            work=stage.terms.idle_work,
        )
    lives.step(RequestKind.AGENT_RESET, "the status after a reset", lambda one: at_first[one.operation.tenant], status)
    lives.step(RequestKind.RECALL, "what an agent remembers after a reset", lambda _: [], memories)
    running = stage.processes() if stage.sees_agents else {}
    lives.step(RequestKind.AGENT_REMOVE, "the removal", lambda _: Outcome.ANSWERED, outcome)
    _ask_for_removed_agents(stage, lives.agents, running)
    return lives.facts


def _ask_for_removed_agents(stage: Stage, agents: dict[str, str], running: dict[str, ProcessRef]) -> None:
    """By every interface at once, for removed is removed; then by operator and kernel, when they have had time."""
    named = (
        RequestKind.AGENT_GET,
        RequestKind.EXECUTE,
        RequestKind.AGENT_STOP,
        RequestKind.AGENT_RESET,
        RequestKind.AGENT_REMOVE,
        RequestKind.SUBSCRIBE,
        RequestKind.AGENT_LIST,
    )
    requests = []
    for name, agent in agents.items():
        about = {Kept.AGENT: agent, Kept.TOPIC: stage.terms.topic_of_agent(agent), "work": stage.terms.idle_work}
        for kind in named:
            if stage.offers(kind):
                requests.append(Request(name, kind, {} if kind is RequestKind.AGENT_LIST else dict(about)))
    stage.ask(requests, "after removal")
    owners = [(agent, stage.sessions[name].user_id) for name, agent in agents.items()]
    see_whether_gone(stage, owners, [running[agent] for agent in agents.values() if agent in running])
