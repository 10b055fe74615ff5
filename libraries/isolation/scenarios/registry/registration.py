"""Agents are registered, found, used and removed by many users, also by several sessions at the same time (AR-5 to AR-8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from isolation.drive.load.engine import Request
from isolation.drive.load.registry_traffic import TrafficPlan
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Outcome
from isolation.record.access.probes import DoorProbe, Expected
from isolation.record.facts import Fact
from isolation.record.registry.registration import RegistrationRecord
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.api import Api
from isolation.scenarios.registry.acts.lifecycle import live
from isolation.scenarios.registry.staging.attempts import Attempt, allowed, probes, try_all, unknown_like
from isolation.scenarios.registry.staging.facts import fact, facts_of
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage, another_session, made_agents, stage
from isolation.target.agent_terms import kept
from isolation.target.needs import Needs
from isolation.target.words import Kept, RequestKind

NEEDS = Needs(
    requests=(
        RequestKind.AGENT_CREATE,
        RequestKind.AGENT_GET,
        RequestKind.AGENT_LIST,
        RequestKind.AGENT_REMOVE,
        RequestKind.EXECUTE,
    )
)
REGISTRATIONS = "registrations"
AT_ONCE = "simultaneous requests"
TRAFFIC = "registry traffic"
_THREADS = ("first", "second")
_CROWD, _BUSY, _NEW = "crowd", "busy", "crowded"
_SESSIONS = 2
_TRAFFIC_S = 120.0


def run(api: Api) -> RegistrationRecord:
    """Register, look up, live and die, first one after the other, then all at the same time."""
    with stage(api, api.profile.registry.users) as opened:
        made = _register(opened)
        contexts = _contexts(opened, made)
        lookups, threads = _lookups(opened), _threads(opened)
        lifecycle = live(opened)
        _make_at_once(opened)
        _use_at_once(opened)
        first_requests = _first_requests(opened)
        return RegistrationRecord(
            **opened.base(),
            contexts=contexts,
            lookups=lookups,
            threads=threads,
            lifecycle=lifecycle,
            first_requests=first_requests,
        )


def _register(stage: Stage) -> list[RequestRecord]:
    """Agents of several types in two threads, and two of one type in the same thread."""
    types = stage.terms.types[:2]
    kinds = [*((kind, thread) for kind in types for thread in _THREADS), (types[0], _THREADS[0])]
    requests = [
        Request(user.name, RequestKind.AGENT_CREATE, {Kept.AGENT_TYPE: kind, Kept.THREAD: thread})
        for kind, thread in kinds
        for user in stage.users
    ]
    made = stage.ask(requests, REGISTRATIONS)
    stage.everybody(RequestKind.AGENT_LIST, REGISTRATIONS)
    return made


def _contexts(stage: Stage, made: list[RequestRecord]) -> list[Fact]:
    """User, type and thread of every agent: as it was made, as its user sees it, as the operator sees it, and at work."""
    seen = stage.ask(_of_agents(made, RequestKind.AGENT_GET))
    works = stage.ask(_of_agents(made, RequestKind.EXECUTE, work=stage.terms.idle_work))
    operator = stage.sees_agents
    shown = {row.get(Kept.AGENT): row for row in stage.operator_agents()} if operator else {}
    facts: list[Fact] = []
    for one, look, work in zip(made, seen, works, strict=True):
        user = stage.sessions[one.operation.tenant]
        expected: dict[str, object] = {
            Kept.AGENT: agent_id(one) or "an id",
            Kept.USER: user.user_id,
            Kept.AGENT_TYPE: one.arguments[Kept.AGENT_TYPE],
            Kept.THREAD: one.arguments[Kept.THREAD],
        }
        worker = {**kept(work.operation), Kept.AGENT: work.operation.agent or None}
        at_work: dict[str, object] = {
            Kept.AGENT: expected[Kept.AGENT],
            Kept.USER: user.user_id,
            Kept.TENANT: user.tenant_id,
        }
        facts += facts_of(user.name, "the agent as it was made", expected, kept(one.operation))
        facts += facts_of(user.name, "the agent as its user sees it", expected, kept(look.operation))
        facts += facts_of(user.name, "the agent at work", at_work, worker)
        if operator:
            facts += facts_of(user.name, "the agent as the operator sees it", expected, shown.get(agent_id(one)))
    return facts


def _lookups(stage: Stage) -> list[DoorProbe]:
    """Every agent is looked up and used in its thread and in another one, by its user and by the next one."""
    own: dict[str, dict[str, str]] = defaultdict(dict)
    for one in made_agents(stage.requests):
        own[one.operation.tenant][str(one.arguments.get(Kept.THREAD))] = agent_id(one)
    attempts: list[Attempt] = []
    for user, next_one in stage.pairs():
        for thread, other in (_THREADS, _THREADS[::-1]):
            if agent := own[user.name].get(thread, ""):
                attempts += _retrievals(stage, user, next_one, agent, (thread, other))
    return probes(try_all(stage, attempts, "lookups"))


def _retrievals(
    stage: Stage, user: TenantAgent, other_user: TenantAgent, agent: str, threads: tuple[str, str]
) -> Iterable[Attempt]:
    own, other = threads
    right: dict[str, object] = {Kept.AGENT: agent, Kept.THREAD: own}
    misplaced: dict[str, object] = {Kept.AGENT: agent, Kept.THREAD: other}
    unknown: dict[str, object] = {Kept.AGENT: unknown_like(agent), Kept.THREAD: own}
    for kind, more in ((RequestKind.AGENT_GET, {}), (RequestKind.EXECUTE, {"work": stage.terms.idle_work})):
        yield allowed(user, kind, **right, **more)
        yield Attempt(user, user, kind, {**misplaced, **more}, Expected.DENY)
        yield Attempt(other_user, user, kind, {**right, **more})
        yield Attempt(user, user, kind, {**unknown, **more}, unknown=True)


def _threads(stage: Stage) -> list[Fact]:
    """Work in a thread is done by an agent of it, and a list of a thread shows its agents only."""
    facts: list[Fact] = []
    for thread in _THREADS:
        works = stage.everybody(RequestKind.EXECUTE, "threads", work=stage.terms.idle_work, thread=thread)
        looks = stage.ask(
            [Request(o.operation.tenant, RequestKind.AGENT_GET, {Kept.AGENT: o.operation.agent}) for o in works]
        )
        lists = stage.everybody(RequestKind.AGENT_LIST, "threads", thread=thread)
        for work, look, shown in zip(works, looks, lists, strict=True):
            who, agents = work.operation.tenant, stage.terms.rows(kept(shown.operation).get(Kept.AGENTS))
            listed = None if agents is None else sorted({str(agent.get(Kept.THREAD)) for agent in agents})
            found = kept(look.operation).get(Kept.THREAD)
            facts.append(fact(who, f"the thread of the agent that worked in '{thread}'", thread, found))
            facts.append(fact(who, f"the threads in the list of '{thread}'", [thread], listed))
    return facts


def _make_at_once(stage: Stage) -> None:
    """All agents of all users are made at the same instant, and removed at the same instant."""
    each: dict[str, object] = {Kept.AGENT_TYPE: stage.terms.types[1], Kept.THREAD: _CROWD}
    makes = [Request(user.name, RequestKind.AGENT_CREATE, dict(each)) for user in stage.users]
    made = stage.ask(makes * stage.api.profile.registry.operations, AT_ONCE)
    stage.everybody(RequestKind.AGENT_LIST, AT_ONCE)
    stage.ask(_of_agents(made_agents(made), RequestKind.AGENT_REMOVE), AT_ONCE)


def _use_at_once(stage: Stage) -> None:
    """Agents are made, looked up, used, listed and removed at random, over two sessions of each user at the same time."""
    use_registry_at_once(stage, _SESSIONS, TRAFFIC)


def use_registry_at_once(stage: Stage, sessions: int, part: str) -> None:
    """Let every user make, look up, use, list and remove agents at random, over several sessions at the same time.

    Args:
        stage: The users.
        sessions: Sessions of each user.
        part: The part of the experiment to which the requests belong.
    """
    more = stage.connect(another_session(user, f"{part} {n}") for n in range(1, sessions) for user in stage.users)
    groups = tuple((user.name, *(one.name for one in more if one.user_id == user.user_id)) for user in stage.users)
    operations = stage.api.profile.registry.operations
    plan = TrafficPlan(groups, operations, stage.terms.types, _BUSY, seed=len(stage.users))
    stage.keep(stage.api.engine.registry_traffic(plan, _TRAFFIC_S), part)


def _first_requests(stage: Stage) -> list[Fact]:
    """A new thread is asked many times at once: the first request makes the agent, and the others find it."""
    work: dict[str, object] = {"work": stage.terms.idle_work, Kept.THREAD: _NEW}
    requests = [Request(user.name, RequestKind.EXECUTE, dict(work)) for user in stage.users]
    asked = stage.ask(requests * stage.api.profile.registry.operations, "first requests")
    workers: dict[str, set[str]] = defaultdict(set)
    for one in asked:
        workers[one.operation.tenant].add(one.operation.agent)
    facts = [
        fact(user.name, "the number of agents that worked", 1, _number(workers[user.name])) for user in stage.users
    ]
    facts += [fact(one.operation.tenant, "the answer", Outcome.ANSWERED, one.operation.outcome) for one in asked]
    return facts


def _number(agents: set[str]) -> int | None:
    """How many agents there are; None when an answer named none, which is no evidence of one."""
    return None if "" in agents or not agents else len(agents)


def _of_agents(made: Iterable[RequestRecord], kind: RequestKind, **arguments: object) -> list[Request]:
    return [Request(one.operation.tenant, kind, {Kept.AGENT: agent_id(one), **arguments}) for one in made]
