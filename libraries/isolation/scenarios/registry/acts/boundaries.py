"""Work that others try to reach, and work that fails: neither may be felt by anybody else (AR-15)."""

from __future__ import annotations

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Outcome
from isolation.record.access.probes import DoorProbe
from isolation.record.facts import Fact
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.registry.staging.attempts import Attempt, allowed, probes, try_all, unknown_like
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage, another_session
from isolation.target.needs import Needs
from isolation.target.words import Code, Kept, OperatorOperation, RequestKind

INTERFERENCE = Needs(
    requests=(
        RequestKind.CANCEL,
        RequestKind.CPU,
        RequestKind.SUBSCRIBE,
        RequestKind.AGENT_STOP,
        RequestKind.AGENT_RESET,
    ),
    operator=(OperatorOperation.AGENTS,),
    processes=True,
)
CRASHES = Needs(codes=(Code.STOPPED,), operator=(OperatorOperation.AGENTS,), processes=True)
_WORK_MS, _LONG_WORK_MS = 60, 2000
_CANCELLED_BY_OWNERS = 3
_EVERY = 5
"""Every fifth user crashes its own agent."""


def reach_into_work(stage: Stage) -> list[DoorProbe]:
    """While every user's agent works, the next user tries to use, stop, reset, remove, watch and cancel it.

    All should be refused and without effect: afterwards every agent runs in the same process, and its work was answered.
    The owners can do all of this.
    """
    users, kind = stage.users, stage.terms.types[1]
    victims = {
        one.operation.tenant: agent_id(one) for one in stage.everybody(RequestKind.AGENT_CREATE, agent_type=kind)
    }
    spares = {one.operation.tenant: agent_id(one) for one in stage.everybody(RequestKind.AGENT_CREATE, agent_type=kind)}
    # Sessions of their own, whose first request has an id that is known before it is sent.
    workers = {
        worker.user_id: worker for worker in stage.connect((another_session(u, "worker") for u in users), own_ids=True)
    }
    before = stage.processes()
    attempts = [allowed(workers[user.user_id], RequestKind.CPU, milliseconds=_WORK_MS) for user in users]
    for caller, owner in stage.pairs():
        victim = victims[owner.name]
        for name, unknown in ((victim, False), (unknown_like(victim), True)):
            attempts += [Attempt(caller, owner, k, a, unknown=unknown) for k, a in _interference(stage, name)]
        first = {"target": _first_request(workers[owner.user_id])}
        attempts.append(Attempt(caller, owner, RequestKind.CANCEL, dict(first)))
    tried = try_all(stage, attempts, "interference")
    for kinds in (
        (RequestKind.EXECUTE, RequestKind.SUBSCRIBE),
        (RequestKind.AGENT_STOP, RequestKind.AGENT_RESET, RequestKind.AGENT_REMOVE),
    ):
        own = [(user, one) for user in users for one in _interference(stage, spares[user.name]) if one[0] in kinds]
        tried += try_all(stage, [allowed(user, kind, **arguments) for user, (kind, arguments) in own], "own work")
    tried += _cancel_own(stage)
    after = stage.processes()
    answers = {a.caller.user_id: went_on(one.operation.outcome) for a, one in tried if a.kind == RequestKind.CPU}
    stage.disconnect(list(workers.values()))

    def intact(attempt: Attempt) -> bool | None:
        if attempt.kind == RequestKind.CANCEL:
            return answers.get(attempt.owner.user_id)
        agent = victims[attempt.owner.name]
        return agent in after and after[agent] == before.get(agent)

    return probes(tried, intact)


def went_on(outcome: Outcome) -> bool | None:
    """Whether work was not cancelled; None when it ended with an error of its own, which says nothing of a cancellation."""
    return None if outcome is Outcome.REFUSED else outcome is Outcome.ANSWERED


def crash_some(stage: Stage) -> list[Fact]:
    """Every fifth user crashes its own agent; everybody else's agents go on in the same processes and answer."""
    users, terms = stage.users, stage.terms
    stage.everybody(RequestKind.EXECUTE, work=terms.idle_work)
    before = stage.processes()
    crashing = {user.name for user in users[::_EVERY]}
    works = [terms.crash_work if user.name in crashing else terms.idle_work for user in users]
    asked = [Request(u.name, RequestKind.EXECUTE, {"work": work}) for u, work in zip(users, works, strict=True)]
    crashes = {one.operation.tenant: one.operation for one in stage.ask(asked, "crashes")}
    after, answers = stage.processes(), stage.everybody(RequestKind.EXECUTE, "after the crashes", work=terms.idle_work)
    facts = [
        fact(name, "the end of its work", Code.STOPPED, crashes[name].refusal or crashes[name].outcome)
        for name in sorted(crashing)
    ]
    calm = {user.user_id: user.name for user in users if user.name not in crashing}
    for agent, process in before.items():
        if process.user in calm:
            shown = after[agent].pid if agent in after else None
            facts.append(fact(calm[process.user], "the process of an agent", process.pid, shown))
    facts += [fact(one.operation.tenant, "the answer", Outcome.ANSWERED, one.operation.outcome) for one in answers]
    return facts


def _interference(stage: Stage, agent: str) -> list[tuple[RequestKind, dict[str, object]]]:
    return [
        (RequestKind.EXECUTE, {Kept.AGENT: agent, "work": stage.terms.idle_work}),
        (RequestKind.SUBSCRIBE, {Kept.TOPIC: stage.terms.topic_of_agent(agent), Kept.AGENT: agent}),
        (RequestKind.AGENT_STOP, {Kept.AGENT: agent}),
        (RequestKind.AGENT_RESET, {Kept.AGENT: agent}),
        (RequestKind.AGENT_REMOVE, {Kept.AGENT: agent}),
    ]


def _first_request(session: TenantAgent) -> str:
    """The correlation id of the first request of a session with ids of its own."""
    return f"{session.name}.1"


def _cancel_own(stage: Stage) -> list[tuple[Attempt, RequestRecord]]:
    """Some users cancel a long work of their own: the positive control of cancelling somebody else's."""
    if not stage.offers(RequestKind.CANCEL, RequestKind.CPU):
        return []
    few = stage.users[:_CANCELLED_BY_OWNERS]
    owners = stage.connect((another_session(user, "cancelling") for user in few), own_ids=True)
    works = [Request(one.name, RequestKind.CPU, {"milliseconds": _LONG_WORK_MS}) for one in owners]
    cancels = [Request(one.name, RequestKind.CANCEL, {"target": _first_request(one)}) for one in owners]
    asked = stage.ask([*works, *cancels], "own work")[len(works) :]
    stage.disconnect(owners)
    return [(allowed(owner, RequestKind.CANCEL), one) for owner, one in zip(owners, asked, strict=True)]
