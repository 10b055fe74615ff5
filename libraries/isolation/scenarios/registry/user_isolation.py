"""Users with registries, states and rights of their own (AR-1 to AR-4)."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.access.probes import DoorProbe
from isolation.record.registry.user_isolation import UserIsolationRecord
from isolation.scenarios.api import Api
from isolation.scenarios.registry.acts.factory import make_many
from isolation.scenarios.registry.acts.roles import ROLES, try_every_role
from isolation.scenarios.registry.acts.states import STATES, States, store_and_read_back
from isolation.scenarios.registry.staging.attempts import Attempt, allowed, probes, try_all, unknown_like
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage, made_agents, stage
from isolation.scenarios.secrets.searching import search_frames
from isolation.target.agent_terms import OF
from isolation.target.needs import Needs, missing
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
_THREADS = ("main", "side")


def run(api: Api) -> UserIsolationRecord:
    """Agents alike for everybody; others' agents; many agents at once; private data in every scope; every role."""
    with stage(api, api.profile.registry.users) as opened:
        _register_alike(opened)
        reaching = _reach_for_agents(opened)
        making = make_many(opened)
        states, frames = States(), None
        if not missing(api.target, STATES):
            states = store_and_read_back(opened)
            frames = search_frames(api.secrets, opened.take_frames())
        base = opened.base()
        return UserIsolationRecord(
            **base,
            before=making.before,
            peak=making.peak,
            after=making.after,
            frames=frames,
            own_cached=states.own_cached,
            reaching=reaching,
            new_agents=making.new_agents,
            states=states.facts,
            roles=[] if missing(api.target, ROLES) else try_every_role(opened),
        )


def _register_alike(stage: Stage) -> None:
    """Everybody makes agents of the same types in the same threads, works in the same threads, and lists."""
    requests = [
        Request(user.name, RequestKind.AGENT_CREATE, {Kept.AGENT_TYPE: kind, Kept.THREAD: thread})
        for kind in stage.terms.types[:2]
        for thread in _THREADS
        for user in stage.users
    ]
    stage.ask(requests)
    idle = stage.terms.idle_work
    works = [
        Request(u.name, RequestKind.EXECUTE, {"work": idle, Kept.THREAD: t}) for t in _THREADS for u in stage.users
    ]
    stage.ask(works)
    stage.everybody(RequestKind.AGENT_LIST)
    if stage.sees_agents:
        stage.operator_agents()


def _reach_for_agents(stage: Stage) -> list[DoorProbe]:
    """Every user looks up, lists and uses the agents of the next one, and its own."""
    own = {one.operation.tenant: agent_id(one) for one in made_agents(stage.requests)}
    attempts: list[Attempt] = []
    for caller, owner in stage.pairs():
        if own.get(caller.name) and own.get(owner.name):
            attempts += _attempts(stage, caller, owner, own)
    return probes(try_all(stage, attempts, "reaching"))


def _attempts(stage: Stage, caller: TenantAgent, owner: TenantAgent, own: dict[str, str]) -> Iterator[Attempt]:
    mine, foreign, whose = own[caller.name], own[owner.name], {OF: owner.user_id}
    work: dict[str, object] = {"work": stage.terms.idle_work}
    yield Attempt(caller, owner, RequestKind.AGENT_GET, {Kept.AGENT: foreign})
    yield Attempt(caller, owner, RequestKind.AGENT_GET, {Kept.AGENT: foreign, **whose})
    yield Attempt(caller, owner, RequestKind.AGENT_LIST, dict(whose))
    yield Attempt(caller, owner, RequestKind.AGENT_HEALTH, dict(whose))
    yield Attempt(caller, owner, RequestKind.EXECUTE, {Kept.AGENT: foreign, **work})
    for kind, more in ((RequestKind.AGENT_GET, {}), (RequestKind.EXECUTE, work)):
        yield Attempt(caller, owner, kind, {Kept.AGENT: unknown_like(foreign), **more}, unknown=True)
        yield allowed(caller, kind, agent=mine, **more)
    yield allowed(caller, RequestKind.AGENT_LIST)
    yield allowed(caller, RequestKind.AGENT_HEALTH)
