"""Confidential data of every user: carried through the platform, and tried by others (AR-14)."""

from __future__ import annotations

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.access.probes import DoorProbe
from isolation.record.secrets.markers import SecretKind
from isolation.scenarios.registry.staging.attempts import Attempt, allowed, probes, try_all
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.agent_terms import OF, kept
from isolation.target.needs import Needs
from isolation.target.words import Kept, RequestKind

CUSTOMER_DATA = Needs(requests=(RequestKind.STATE_PUT, RequestKind.STATE_GET, RequestKind.REPORT), scopes=1)
WORK = "work with customer data"
_TAMPERED = "changed by another user"
_THREAD, _OWN_THREAD = "private", "scratch"
_REPORTS = 2
_Call = tuple[RequestKind, dict[str, object]]


def profile_with_secrets(stage: Stage, user: TenantAgent) -> dict[str, object]:
    """A profile that holds secrets of a user, texts and numbers."""
    secrets = stage.api.secrets
    return {**secrets.texts(user, SecretKind.COMPANY, SecretKind.API_KEY), **secrets.numbers_of(user)}


def work_with_secrets(stage: Stage) -> None:
    """Every user saves secrets, gets reports full of them, and lets a supervisor work with them."""
    users, secrets = stage.users, stage.api.secrets
    secrets.plant(users)
    profile: dict[str, object] = {"scope": stage.terms.scopes[0], "key": "me"}
    saves = [{**profile, "value": profile_with_secrets(stage, user)} for user in users]
    stage.ask([Request(u.name, RequestKind.STATE_PUT, save) for u, save in zip(users, saves, strict=True)], WORK)
    for number in range(_REPORTS):
        stage.ask([Request(u.name, RequestKind.REPORT, {"text": secrets.extra(u, number)}) for u in users], WORK)
    if stage.offers(RequestKind.ORCHESTRATE):
        stage.ask([Request(u.name, RequestKind.ORCHESTRATE, {"text": secrets.extra(u, 9)}) for u in users], WORK)


def reach_for_data(stage: Stage) -> list[DoorProbe]:
    """Every user reads, lists, changes, removes and adds to the data of the next one, by that user's id; the owners look."""
    scope = stage.terms.scopes[1] if len(stage.terms.scopes) > 1 else stage.terms.scopes[0]
    place: dict[str, object] = {"scope": scope, "key": "private"}
    values = {user.name: f"private to {user.user_id}" for user in stage.users}
    histories = stage.offers(RequestKind.HISTORY_APPEND, RequestKind.HISTORY_READ)
    stage.ask([Request(u.name, RequestKind.STATE_PUT, {**place, "value": values[u.name]}) for u in stage.users])
    if histories:
        stage.everybody(RequestKind.HISTORY_APPEND, thread=_THREAD, entry="mine")
    attempts = [
        Attempt(caller, owner, kind, {**arguments, OF: owner.user_id})
        for caller, owner in stage.pairs()
        for kind, arguments in _of_others(place)
    ]
    attempts += [allowed(user, kind, **arguments) for user in stage.users for kind, arguments in _of_own(place)]
    tried = try_all(stage, attempts, "data")
    values_now = {r.operation.tenant: kept(r.operation) for r in stage.everybody(RequestKind.STATE_GET, **place)}
    intact = {name: values_now[name].get(Kept.VALUE) == value for name, value in values.items()}
    for one in stage.everybody(RequestKind.HISTORY_READ, thread=_THREAD) if histories else ():
        intact[one.operation.tenant] &= kept(one.operation).get(Kept.ENTRIES) == ["mine"]
    return probes(tried, lambda attempt: intact[attempt.owner.name])


def _of_others(place: dict[str, object]) -> list[_Call]:
    return [
        (RequestKind.STATE_GET, dict(place)),
        (RequestKind.STATE_LIST, {"scope": place["scope"]}),
        (RequestKind.HISTORY_READ, {Kept.THREAD: _THREAD}),
        (RequestKind.STATE_PUT, {**place, "value": _TAMPERED}),
        (RequestKind.STATE_DELETE, dict(place)),
        (RequestKind.HISTORY_APPEND, {Kept.THREAD: _THREAD, "entry": _TAMPERED}),
        (RequestKind.AGENT_LIST, {}),
    ]


def _of_own(place: dict[str, object]) -> list[_Call]:
    """The positive controls; what they write lies apart. Requests of one session are served in their order."""
    own = {**place, "key": "scratch"}
    return [
        (RequestKind.STATE_PUT, {**own, "value": "mine"}),
        (RequestKind.STATE_GET, dict(own)),
        (RequestKind.STATE_LIST, {"scope": place["scope"]}),
        (RequestKind.STATE_DELETE, dict(own)),
        (RequestKind.HISTORY_APPEND, {Kept.THREAD: _OWN_THREAD, "entry": "mine"}),
        (RequestKind.HISTORY_READ, {Kept.THREAD: _OWN_THREAD}),
        (RequestKind.AGENT_LIST, {}),
    ]
