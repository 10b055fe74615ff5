"""Sessions come, go and are resumed; events and notifications reach those whom they concern (AR-9 to AR-12)."""

from __future__ import annotations

from collections.abc import Sequence

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.access.probes import DoorProbe
from isolation.record.facts import Fact
from isolation.record.registry.websocket_bridge import SessionBridgeRecord
from isolation.scenarios.api import Api
from isolation.scenarios.registry.acts.connections import open_and_lose
from isolation.scenarios.registry.acts.subscriptions import THREAD_EVENTS, subscribe_and_listen
from isolation.scenarios.registry.staging.attempts import Attempt, allowed, probes, try_all, unknown_like
from isolation.scenarios.registry.staging.facts import fact, facts_of
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage, another_session, stage
from isolation.target.agent_terms import kept
from isolation.target.needs import Needs
from isolation.target.words import Kept, RequestKind

NEEDS = Needs(requests=(RequestKind.EXECUTE,))
SESSIONS = Needs(requests=(RequestKind.SESSION_INFO,))
RESUMPTION = Needs(requests=(RequestKind.SESSION_RESUME,))
AGENTS = Needs(requests=(RequestKind.AGENT_CREATE,))
CROWD = "work of all users"
_THREADS = ("main", "side")
__all__ = ["AGENTS", "CROWD", "NEEDS", "RESUMPTION", "SESSIONS", "THREAD_EVENTS", "run"]


def run(api: Api) -> SessionBridgeRecord:
    """Whose a session is, who resumes it, where events go; connections that are opened and lost come last."""
    with stage(api, api.profile.registry.users, equal_ids=True) as opened:
        contexts = _contexts(opened) if opened.offers(RequestKind.SESSION_INFO) else []
        resumptions = _resumptions(opened) if opened.offers(RequestKind.SESSION_RESUME) else []
        if opened.offers(RequestKind.AGENT_CREATE):
            _pass_agents_on(opened)
        heard = subscribe_and_listen(opened)
        _work_at_once(opened)
        base = opened.base()
        cycles, replays = open_and_lose(opened, api.profile.registry.cycles)
        return SessionBridgeRecord(
            **base,
            contexts=contexts,
            resumptions=resumptions,
            subscriptions=heard.due,
            notifications=heard.told,
            wildcards=heard.wildcards,
            cycles=cycles,
            replays=replays,
        )


def _contexts(stage: Stage) -> list[Fact]:
    """Two sessions of each user; the second one is cut and opened again."""
    second = stage.connect(another_session(user, "second") for user in stage.users)
    facts = _who_they_are(stage, [*stage.users, *second], 2)
    stage.disconnect(second, gracefully=False)
    third = stage.connect(another_session(user, "again") for user in stage.users)
    facts += _who_they_are(stage, [*stage.users, *third], 2)
    ids = [stage.session_id(agent.name) for agent in (*stage.users, *second, *third)]
    facts.append(fact("", "the number of different session ids", len(ids), len(set(ids))))
    stage.disconnect(third)
    return facts


def _who_they_are(stage: Stage, sessions: Sequence[TenantAgent], open_sessions: int) -> list[Fact]:
    asked = stage.ask([Request(agent.name, RequestKind.SESSION_INFO) for agent in sessions], "contexts")
    facts: list[Fact] = []
    for agent, one in zip(sessions, asked, strict=True):
        expected = {
            Kept.SESSION.value: stage.session_id(agent.name),
            Kept.TENANT.value: agent.tenant_id,
            Kept.USER.value: agent.user_id,
            Kept.ROLE.value: agent.role,
            Kept.OPEN_SESSIONS.value: open_sessions,
        }
        facts += facts_of(agent.name, "the context", expected, kept(one.operation))
    return facts


def _resumptions(stage: Stage) -> list[DoorProbe]:
    """A session of every user is cut; the next user tries to resume it, then its own user does."""
    lost = stage.connect(another_session(user, "lost") for user in stage.users)
    stage.disconnect(lost, gracefully=False)
    strangers, owners = [], []
    for user, other in stage.pairs():
        session = stage.session_id(f"{user.name}-lost")
        named: dict[str, object] = {Kept.SESSION: session, Kept.SEQUENCE: 0}
        unknown = {**named, Kept.SESSION: unknown_like(session)}
        strangers += [
            Attempt(other, user, RequestKind.SESSION_RESUME, named),
            Attempt(user, user, RequestKind.SESSION_RESUME, unknown, unknown=True),
        ]
        owners.append(allowed(user, RequestKind.SESSION_RESUME, **named))
    return probes([*try_all(stage, strangers, "resuming"), *try_all(stage, owners, "resuming")])


def _pass_agents_on(stage: Stage) -> None:
    """Every user uses an agent in one session, in another one, in the first again, and in a new one after a cut."""
    made = stage.everybody(RequestKind.AGENT_CREATE, agent_type=stage.terms.types[1])
    agents = {one.operation.user: agent_id(one) for one in made}

    def use(sessions: Sequence[TenantAgent]) -> None:
        work = stage.terms.idle_work
        stage.ask(
            [Request(s.name, RequestKind.EXECUTE, {Kept.AGENT: agents[s.user_id], "work": work}) for s in sessions],
            "agents passed on",
        )

    others = stage.connect(another_session(user, "other") for user in stage.users)
    for sessions in (stage.users, others, stage.users):
        use(sessions)
    stage.disconnect(others, gracefully=False)
    late = stage.connect(another_session(user, "late") for user in stage.users)
    use(late)
    stage.disconnect(late)


def _work_at_once(stage: Stage) -> None:
    """Every user asks for work many times, all at the same time, over two agents of its own."""
    requests = [
        Request(user.name, RequestKind.EXECUTE, {"work": stage.terms.idle_work, Kept.THREAD: thread})
        for _ in range(stage.api.profile.registry.operations)
        for thread in _THREADS
        for user in stage.users
    ]
    stage.ask(requests, CROWD)
