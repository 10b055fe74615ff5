"""25 and more users of many tenants work at once: operations, data and work stay apart, also when some crash or leave."""

from __future__ import annotations

import uuid

from isolation.drive.load.engine import Request
from isolation.record.facts import Fact
from isolation.record.registry.multi_user import ManyUsersRecord
from isolation.record.traffic.asked import RequestRecord
from isolation.record.traffic.echoes import Echo
from isolation.scenarios.api import Api
from isolation.scenarios.registry.acts.boundaries import CRASHES, INTERFERENCE, crash_some, reach_into_work
from isolation.scenarios.registry.acts.customer_data import CUSTOMER_DATA, reach_for_data, work_with_secrets
from isolation.scenarios.registry.acts.departures import end_half
from isolation.scenarios.registry.registration import use_registry_at_once
from isolation.scenarios.registry.staging.facts import fact
from isolation.scenarios.registry.staging.stage import Stage, stage
from isolation.scenarios.secrets.searching import search_frames
from isolation.target.agent_terms import kept
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
MIXED, TRAFFIC = "mixed requests", "registry traffic"
_THREAD = _KEY = "mixed"


def run(api: Api) -> ManyUsersRecord:
    """Everything at once; confidential data; reaching into others' work; crashes; and at last half of the users leave."""
    with stage(api, api.profile.registry.concurrent_users, equal_ids=True) as opened:
        mixed = _do_everything_at_once(opened)
        use_registry_at_once(opened, 1, TRAFFIC)
        data = [] if missing(api.target, CUSTOMER_DATA) else reach_for_data(opened)
        if not missing(api.target, CUSTOMER_DATA):
            work_with_secrets(opened)
        interference = [] if missing(api.target, INTERFERENCE) else reach_into_work(opened)
        crashes = [] if missing(api.target, CRASHES) else crash_some(opened)
        base = opened.base()
        end = end_half(opened)
        base["history"] = opened.base()["history"]
        return ManyUsersRecord(
            **base,
            frames=None if missing(api.target, CUSTOMER_DATA) else search_frames(api.secrets, opened.take_frames()),
            ended_processes=end.processes,
            ended_alive=end.alive,
            echoes=_echoes(mixed),
            states=_states(mixed),
            data=data,
            interference=interference,
            crashes=crashes,
            returns=end.returns,
            stayed=end.stayed,
        )


def _do_everything_at_once(stage: Stage) -> list[RequestRecord]:
    """Eight different requests of every user, all of all users at the same time; those that the target has."""
    scope, kind = stage.terms.scopes[-1], stage.terms.types[0]
    requests: list[Request] = []
    for user in stage.users:
        name, place = user.name, {"scope": scope, "key": _KEY}
        requests += [
            Request(name, RequestKind.REPORT, {"text": f"{user.user_id} {uuid.uuid4().hex}"}),
            Request(name, RequestKind.STATE_PUT, {**place, "value": user.user_id}),
            Request(name, RequestKind.STATE_GET, dict(place)),
            Request(name, RequestKind.TYPICAL, {"milliseconds": 1}),
            Request(name, RequestKind.AGENT_CREATE, {Kept.AGENT_TYPE: kind, Kept.THREAD: _THREAD}),
            Request(name, RequestKind.AGENT_LIST),
            Request(name, RequestKind.HISTORY_APPEND, {Kept.THREAD: _THREAD, "entry": user.user_id}),
            Request(name, RequestKind.HISTORY_READ, {Kept.THREAD: _THREAD}),
        ]
    return stage.ask([one for one in requests if one.kind in stage.api.target.requests], MIXED)


def _echoes(requests: list[RequestRecord]) -> list[Echo]:
    """The texts of reports, as asked for and as given back."""
    echoes = []
    for one in requests:
        if one.operation.kind == RequestKind.REPORT:
            heard = kept(one.operation).get(Kept.ECHO)
            said = str(one.arguments["text"])
            echoes.append(Echo(one.operation.tenant, said, heard if isinstance(heard, str) else None))
    return echoes


def _states(requests: list[RequestRecord]) -> list[Fact]:
    """What each user read back of its own, in the order of asking: what was saved before."""
    facts: list[Fact] = []
    for one in requests:
        operation, said = one.operation, kept(one.operation)
        if operation.kind == RequestKind.STATE_GET:
            facts.append(fact(operation.tenant, "the saved state", operation.user, said.get(Kept.VALUE)))
        elif operation.kind == RequestKind.HISTORY_READ:
            facts.append(fact(operation.tenant, "the history", [operation.user], said.get(Kept.ENTRIES)))
    return facts
