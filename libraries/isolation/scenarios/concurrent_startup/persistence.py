"""Users save things, and read them back after all that could lose, alter or mix them (CS-5).

Occasions: right away; after others tried to read and change them; after the operator gave every agent a fresh process; after a new
connection; after the platform was restarted. The database is looked at from within, by the tenants' own roles.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.probe.things.matrix import LIKE_NOTHING
from isolation.drive.probe.things.plan import OF
from isolation.drive.stores.cache_logins import CacheLogin
from isolation.drive.stores.database.roles import RoleLogin
from isolation.drive.watch.processes.admission import Admission
from isolation.record import Operation, Outcome, ProcessRef
from isolation.record.access.database_looks import CacheLook, DatabaseLook
from isolation.record.access.probes import DoorProbe, Expected, Relation
from isolation.record.concurrent_startup.persistence import (
    AGENTS_RESTARTED,
    BEING_SAVED,
    CONNECTED,
    RESTARTED,
    SESSIONS_ENDED,
    TRIED,
    FreshAgents,
    PersistenceRecord,
    Reading,
    RestartSeen,
    SavedItem,
)
from isolation.scenarios.api import Api, NotExamined, NotOffered
from isolation.scenarios.concurrent_startup.saved_things import (
    ENTRIES,
    Kind,
    Saved,
    chosen_id,
    fill,
    is_list,
    kinds_of,
    look,
    new_thing,
)
from isolation.scenarios.restarting import RESTART, serving_process, wait_for_answers
from isolation.target.model import Target
from isolation.target.needs import Needs, missing
from isolation.target.placeholders import names_in
from isolation.target.words import OperatorOperation, OperatorWord, RequestKind
from process_control.open_files import count_sockets

NEEDS = Needs(any_thing=("make", "look"))
DATABASE = Needs(stores=("postgresql",), operator=(OperatorOperation.CREDENTIALS,))
"""What a look into the database by the tenants' own roles needs."""
CACHE = Needs(stores=("redis",), operator=(OperatorOperation.CREDENTIALS,))
"""What trying the tenants' own cache logins needs."""
AGENTS = Needs(operator=(OperatorOperation.RESTART_AGENT, OperatorOperation.AGENTS))
_AT_ONCE = 50
_COLLEAGUES = 5
"""So many tenants have a second user: the closest neighbour that there is."""
_LOOK_AGAIN_S = 0.2
_CONTROLS = 5
"""So many owners change things of their own: the positive controls of the refusals."""


@dataclass(slots=True)
class _Course:
    """What has been saved and read so far."""

    api: Api
    users: list[TenantAgent]
    saved: list[Saved] = field(default_factory=list)
    saving: list[Operation] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    occasions: list[str] = field(default_factory=list)

    def ask(self, requests: Sequence[Request]) -> list[Operation]:
        return self.api.engine.ask(list(requests), self.api.crowd_patience_s) if requests else []

    def save(self, kinds: Sequence[Kind]) -> None:
        """Fill every kind of thing of every user once, and those that hold lists several times."""
        self.saved = [new_thing(user, kind) for user in self.users for kind in kinds]
        self._fill(self.saved)
        lists = [
            one
            for one, shown in zip(self.saved, self.ask([look(s) for s in self.saved]), strict=True)
            if is_list(shown)
        ]
        for _ in range(ENTRIES - 1):
            self._fill(lists)

    def read(self, occasion: str) -> list[SavedItem]:
        """Let every user look at everything of theirs, but for what may have gone with a session."""
        there = [one for one in self.saved if occasion not in SESSIONS_ENDED or one.kind.thing.lasts == "always"]
        found = [
            item
            for one, shown in zip(there, self.ask([look(thing) for thing in there]), strict=True)
            for item in one.items_in(shown)
        ]
        self.occasions.append(occasion)
        self.readings += [Reading(occasion, item) for item in found]
        return found

    def _fill(self, things: Sequence[Saved]) -> None:
        unnamed = []
        for one, done in zip(things, self.ask([fill(thing) for thing in things]), strict=True):
            one.identity = one.identity or str(done.kept.get(one.kind.thing.id) or "")
            if not one.identity and len(one.kind.ids) > 1:
                unnamed.append(one)
            else:
                self.saving.append(done)
        for one in unnamed:  # the platform names none, so the suite does
            one.identity, one.contents = chosen_id(), []
        if unnamed:
            self._fill(unnamed)


def run(api: Api) -> PersistenceRecord:
    """Save, and go through all occasions that the target offers."""
    kinds = kinds_of(api.target)
    if not kinds:
        raise NotOffered("No thing of the target file is made with contents by one request and shown by another.")
    course = _Course(api, _connected(api))
    course.save(kinds)
    before = set(course.read(BEING_SAVED))
    attempts = _attempts(course)
    after = set(course.read(TRIED))
    changed = {(item.user, item.scope) for item in before ^ after}
    probes = [*_probes(api.target, attempts, changed), *_controls(course, kinds)]
    database, cache = _look_into_the_database(api, course.users), _look_into_the_cache(api, course.users)
    agents = _restart_agents(api, course)
    _come_back(api, course.users)
    course.read(CONNECTED)
    restart = _restart(api, course)
    return PersistenceRecord(
        kinds=tuple(kind.name for kind in kinds),
        passing=tuple(kind.name for kind in kinds if kind.thing.lasts == "session"),
        occasions=tuple(course.occasions),
        restart=restart,
        agents=agents,
        database=database,
        cache=cache,
        saved=_expected(course),
        readings=course.readings,
        saving=course.saving,
        probes=probes,
    )


def _expected(course: _Course) -> list[SavedItem]:
    return [item for one in course.saved for item in one.items()]


def _connected(api: Api) -> list[TenantAgent]:
    count = api.user_count()
    shared = min(_COLLEAGUES, count // 2) if api.target.offers_colleagues else 0
    first = api.make(count - shared, prefix="user")
    users = [*first, *(api.add_user(user) for user in first[:shared])]
    opened = api.connect(users, ConnectOptions(at_once=_AT_ONCE))
    there = [user for user, one in zip(users, opened, strict=True) if one.opening is not None]
    if len(there) < 2:
        raise NotExamined(f"{len(there)} of {count} users could be connected: {opened[0].reason}")
    return there


def _come_back(api: Api, users: list[TenantAgent]) -> None:
    api.manager.disconnect(users)
    api.connect(users, ConnectOptions(at_once=_AT_ONCE))


@dataclass(frozen=True, slots=True)
class _Attempt:
    caller: TenantAgent
    thing: Saved
    writes: bool
    operation: Operation

    @property
    def relation(self) -> Relation:
        if self.caller is self.thing.user:
            return Relation.SELF
        same = self.caller.tenant_id == self.thing.user.tenant_id
        return Relation.SAME_TENANT if same else Relation.FOREIGN


def _attempts(course: _Course) -> list[_Attempt]:
    """Everybody looks at and changes the things of the next user, and colleagues those of each other; the owners look too."""
    users = course.users
    pairs = {(caller.name, owner.name) for caller, owner in zip(users, [*users[1:], *users[:1]], strict=True)}
    for colleagues in _by_tenant(users).values():
        pairs |= {(one.name, other.name) for one in colleagues for other in colleagues if one is not other}
    by_name = {user.name: user for user in users}
    tried: list[tuple[TenantAgent, Saved, bool, Request]] = []
    for one in course.saved:
        tried.append((one.user, one, False, look(one)))
        for caller in (by_name[name] for name, owner in sorted(pairs) if owner == one.user.name):
            tried.append((caller, one, False, look(one, by=caller)))
            tried += [(caller, one, True, change) for change in _changes(one, caller)]
    operations = course.ask([request for *_, request in tried])
    return [
        _Attempt(caller, thing, writes, operation)
        for (caller, thing, writes, _), operation in zip(tried, operations, strict=True)
    ]


def _changes(saved: Saved, caller: TenantAgent) -> list[Request]:
    """Changing, filling and removing somebody else's thing."""
    thing = saved.kind.thing
    kinds = dict.fromkeys(kind for kind in (thing.change, thing.make, thing.remove) if kind)
    contents = {thing.content: "changed by somebody else"}
    return [Request(caller.name, kind, {**saved.address(of=saved.user), **contents}) for kind in kinds]


def _in_own_namespace(target: Target, attempt: _Attempt, unchanged: bool) -> bool:
    """Whether an answer is no breach: the request names nobody, only a name that everybody may use for something of their own.

    It changed nothing of the owner's, and it shows nothing of it.
    """
    if attempt.relation is Relation.SELF or not attempt.operation.answered or "given" in attempt.thing.kind.ids:
        return False
    if OF in names_in(target.requests[attempt.operation.kind].model_dump()):
        return False
    own = {item.digest for item in attempt.thing.items()}
    return unchanged and not own & {item.digest for item in attempt.thing.items_in(attempt.operation)}


def _probes(target: Target, attempts: Sequence[_Attempt], changed: set[tuple[str, str]]) -> list[DoorProbe]:
    """What was tried; ``changed`` are the users and kinds of things that read differently afterwards."""
    return [
        _probe(
            attempt.caller,
            attempt.thing,
            replace(attempt.operation, outcome=Outcome.REFUSED, code=LIKE_NOTHING)
            if _in_own_namespace(target, attempt, (attempt.thing.user.user_id, attempt.thing.kind.name) not in changed)
            else attempt.operation,
            attempt.relation,
            (attempt.thing.user.user_id, attempt.thing.kind.name) not in changed if attempt.writes else None,
        )
        for attempt in attempts
    ]


def _controls(course: _Course, kinds: Sequence[Kind]) -> list[DoorProbe]:
    """The same changes by owners, on things of their own that nobody else needs: they must work, and show."""
    scratch = [new_thing(user, kind) for user in course.users[:_CONTROLS] for kind in kinds]
    for one, made in zip(scratch, course.ask([fill(thing) for thing in scratch]), strict=True):
        one.identity = one.identity or str(made.kept.get(one.kind.thing.id) or "") or chosen_id()
    probes: list[DoorProbe] = []
    for one in scratch:
        changes = [request.kind for request in _changes(one, one.user)]
        for kind in changes:
            done = course.ask([_again(one, kind)])[0]
            shown = course.ask([look(one)])[0]
            removed = kind == one.kind.thing.remove
            found = one.items_in(shown)
            verified = not found if removed else bool(found) and found[-1].digest == one.items()[-1].digest
            probes.append(_probe(one.user, one, done, Relation.SELF, verified))
    return probes


def _again(saved: Saved, kind: str) -> Request:
    """Change, fill again or remove a thing, by its owner."""
    if kind == saved.kind.thing.remove:
        return Request(saved.user.name, kind, saved.address())
    return replace(fill(saved), kind=kind)


def _probe(
    caller: TenantAgent, thing: Saved, operation: Operation, relation: Relation, verified: bool | None
) -> DoorProbe:
    return DoorProbe(
        operation=f"{operation.kind} of {thing.kind.name}",
        owner=thing.user.name,
        caller=caller.name,
        relation=relation,
        expected=Expected.ALLOW if relation is Relation.SELF else Expected.DENY,
        outcome=operation.outcome,
        code=operation.code,
        reply_length=0,
        seconds=operation.latency or 0.0,
        effect_verified=verified,
    )


def _look_into_the_database(api: Api, users: Sequence[TenantAgent]) -> DatabaseLook | None:
    if missing(api.target, DATABASE):
        return None
    logins: list[RoleLogin] = []
    owners: dict[str, str] = {}
    for tenant, own in _by_tenant(users).items():
        found = api.monitor.operator(OperatorOperation.CREDENTIALS, tenant=tenant)
        ids = tuple(user.user_id for user in own)
        role, password = found[OperatorWord.DATABASE_ROLE], found[OperatorWord.DATABASE_PASSWORD]
        logins.append(RoleLogin(own[0].name, tenant, ids, role, password))
        owners.update(dict.fromkeys((tenant, *ids, role), own[0].name))
    return api.monitor.look_as_roles(api.stores["postgresql"], api.run_id, owners, logins)


def _look_into_the_cache(api: Api, users: Sequence[TenantAgent]) -> tuple[CacheLook, ...] | None:
    """None where tenants have no login of their own; everybody has a key there before the logins are tried."""
    if missing(api.target, CACHE):
        return None
    if RequestKind.ASK in api.target.requests:
        api.ask(users, RequestKind.ASK, question="What is mine?")
    logins: list[CacheLogin] = []
    owners: dict[str, str] = {}
    for tenant, own in _by_tenant(users).items():
        found = api.monitor.operator(OperatorOperation.CREDENTIALS, tenant=tenant)
        if not found.get(OperatorWord.CACHE_USER):
            return None
        logins.append(
            CacheLogin(own[0].name, tenant, found[OperatorWord.CACHE_USER], found[OperatorWord.CACHE_PASSWORD])
        )
        owners.update(dict.fromkeys((tenant, *(user.user_id for user in own)), own[0].name))
    return api.monitor.look_as_cache_logins(api.stores["redis"], api.run_id, owners, logins)


def _by_tenant(users: Sequence[TenantAgent]) -> dict[str, list[TenantAgent]]:
    tenants: dict[str, list[TenantAgent]] = {}
    for user in users:
        tenants.setdefault(user.tenant_id, []).append(user)
    return tenants


def _processes(api: Api, users: Sequence[TenantAgent]) -> list[ProcessRef]:
    own = {user.user_id for user in users}
    return [ref for ref in api.monitor.processes() if ref.user in own]


def _restart_agents(api: Api, course: _Course) -> FreshAgents | None:
    if missing(api.target, AGENTS):
        return None
    before = {ref.agent: ref.pid for ref in _processes(api, course.users)}
    for agent in before:
        api.monitor.operator(OperatorOperation.RESTART_AGENT, agent=agent)
    course.read(AGENTS_RESTARTED)
    after = _processes(api, course.users)
    return FreshAgents(len(before), sum(before.get(ref.agent, ref.pid) != ref.pid for ref in after))


def _restart(api: Api, course: _Course) -> RestartSeen | None:
    """Let the operator restart the platform, and wait until it has cut all connections and answers again."""
    if missing(api.target, RESTART):
        return None
    names = {user.name for user in course.users}
    held, before = _open_sessions(api, names), serving_process(api)
    api.monitor.operator(OperatorOperation.RESTART)
    until = time.monotonic() + api.limits["restart cuts"].value
    while _open_sessions(api, names) and time.monotonic() < until:
        api.rest(_LOOK_AGAIN_S)
    cut = held - _open_sessions(api, names)
    back = wait_for_answers(api, api.limits["restart"].value)
    if back:
        _come_back(api, course.users)
        course.read(RESTARTED)
    after = serving_process(api) if back else 0
    return RestartSeen(held, cut, before, after, back, _doubt(api, after))


def _doubt(api: Api, pid: int) -> str:
    """Why a process that the operator names cannot be the one that serves; whoever serves sessions holds sockets."""
    if not pid or not api.doors.pid:
        return ""
    if refusal := Admission(api.doors.pid).refusal(pid):
        return refusal
    return "it holds no connection at all" if count_sockets(pid) == 0 else ""


def _open_sessions(api: Api, names: set[str]) -> int:
    return sum(state.is_open and state.name in names for state in api.engine.sessions())
