"""What each role may and may not do; beside every refusal stands a request by somebody who may (AR-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.access.probes import DoorProbe, Expected
from isolation.scenarios.registry.staging.attempts import Attempt, allowed, probes, try_all
from isolation.scenarios.registry.staging.histories import agent_id
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.agent_terms import AS_ROLE, OF
from isolation.target.needs import Needs
from isolation.target.words import Kept, RequestKind

ADMIN, STANDARD, RESTRICTED = "admin", "standard", "restricted"
ROLES = Needs(roles=(ADMIN, STANDARD, RESTRICTED), requests=(RequestKind.AGENT_CREATE, RequestKind.AGENT_GET))
_FOREIGN = "foreign admin"
_CLAIM: dict[str, object] = {AS_ROLE: ADMIN}
_CHANGES = (RequestKind.AGENT_STOP, RequestKind.AGENT_RESET, RequestKind.AGENT_REMOVE)
_Call = tuple[RequestKind, dict[str, object]]


def try_every_role(stage: Stage) -> list[DoorProbe]:
    """An admin, a standard and a restricted user of one tenant try what they may and may not; so does a foreign admin.

    Each forbidden request is also made with the claim to be an admin in the request itself.
    """
    admin = stage.api.make(1, ADMIN)[0]
    people = {
        ADMIN: admin,
        STANDARD: stage.api.add_user(admin, STANDARD),
        RESTRICTED: stage.api.add_user(admin, RESTRICTED),
        _FOREIGN: stage.api.make(1, ADMIN)[0],
    }
    stage.connect(people.values())
    return probes(try_all(stage, _attempts(stage, people), "roles"))


def _attempts(stage: Stage, people: Mapping[str, TenantAgent]) -> list[Attempt]:
    admin, standard, restricted = people[ADMIN], people[STANDARD], people[RESTRICTED]
    make = Request(standard.name, RequestKind.AGENT_CREATE, {Kept.AGENT_TYPE: stage.terms.types[1]})
    shown, own = map(agent_id, stage.ask([make, make]))
    reading = _reading(shown, standard)
    attempts = [allowed(one, kind, **args) for one in (standard, restricted) for kind, args in _of_everybody(stage)]
    attempts += [Attempt(admin, standard, kind, args, Expected.ALLOW) for kind, args in reading]
    for stranger in (people[_FOREIGN], restricted):
        attempts += [Attempt(stranger, standard, kind, args) for kind, args in reading]
    attempts += [Attempt(restricted, standard, kind, {**args, **_CLAIM}) for kind, args in reading]
    for kind, args in _of_a_standard_user(stage):
        attempts += [allowed(standard, kind, **args), Attempt(restricted, restricted, kind, dict(args))]
    attempts += [replace(one, arguments={**one.arguments, **_CLAIM}) for one in _with_claim(stage, restricted)]
    attempts.append(allowed(standard, RequestKind.EXECUTE, work=stage.terms.restricted_work))
    # Nobody may change another user's agent, not even an admin of the same tenant.
    attempts += [Attempt(admin, standard, kind, {Kept.AGENT: shown}) for kind in _CHANGES]
    attempts += [allowed(standard, kind, agent=own) for kind in _CHANGES]
    return attempts


def _reading(agent: str, owner: TenantAgent) -> list[_Call]:
    """What an admin of the same tenant may read of others."""
    whose: dict[str, object] = {OF: owner.user_id}
    return [
        (RequestKind.AGENT_GET, {Kept.AGENT: agent, **whose}),
        (RequestKind.AGENT_LIST, dict(whose)),
        (RequestKind.AGENT_HEALTH, dict(whose)),
    ]


def _of_everybody(stage: Stage) -> list[_Call]:
    return [
        (RequestKind.EXECUTE, {"work": stage.terms.idle_work}),
        (RequestKind.TYPICAL, {"milliseconds": 1}),
        (RequestKind.AGENT_LIST, {}),
        (RequestKind.AGENT_HEALTH, {}),
        (RequestKind.SESSION_INFO, {}),
        (RequestKind.HISTORY_READ, {Kept.THREAD: "main"}),
    ]


def _of_a_standard_user(stage: Stage) -> list[_Call]:
    """Allowed for a standard user, forbidden for a restricted one."""
    return [
        (RequestKind.AGENT_CREATE, {Kept.AGENT_TYPE: stage.terms.types[1]}),
        (RequestKind.STATE_PUT, {"scope": stage.terms.scopes[1], "key": "colour", "value": "green"}),
        (RequestKind.HISTORY_APPEND, {Kept.THREAD: "main", "entry": "hello"}),
        (RequestKind.SUBSCRIBE, {Kept.TOPIC: stage.terms.topic_of_thread("main")}),
        (RequestKind.CPU, {"milliseconds": 1}),
        (RequestKind.REMEMBER, {"text": "a note"}),
        (RequestKind.ORCHESTRATE, {"text": "everything"}),
    ]


def _with_claim(stage: Stage, restricted: TenantAgent) -> list[Attempt]:
    """Requests that can carry a claim, each forbidden for a restricted user."""
    make: dict[str, object] = {Kept.AGENT_TYPE: stage.terms.types[1]}
    put: dict[str, object] = {"scope": stage.terms.scopes[1], "key": "colour", "value": "red"}
    return [
        Attempt(restricted, restricted, RequestKind.AGENT_CREATE, make),
        Attempt(restricted, restricted, RequestKind.STATE_PUT, put),
        Attempt(restricted, restricted, RequestKind.EXECUTE, {"work": stage.terms.restricted_work}),
    ]
