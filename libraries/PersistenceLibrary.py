"""Saved things: each user's history, preferences, agent memory and session context, read back and reached for."""

from __future__ import annotations

import uuid

from robot.api.deco import keyword, library
from robotlibcore import DynamicCore

from isolation.drive.load.engine import ConnectOptions, Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.drive.stores.cache_logins import CacheLogin
from isolation.drive.stores.database_roles import RoleLogin
from isolation.judge.access.doors import judge_denials, judge_twins
from isolation.judge.data.cache_logins import judge_cache_logins
from isolation.judge.data.persistence import (
    ForeignWrite,
    RoleRead,
    SavedItem,
    judge_foreign_writes,
    judge_kept,
    judge_role_reads,
)
from isolation.judge.data.shared_tables import judge_empty_tables, judge_functions, judge_shared_tables
from isolation.judge.rules.verdicts import judged, plural
from isolation.judge.traffic.served import judge_served
from isolation.record import Comparison, Limit, Measurement, Operation, ProcessRef
from isolation.record.database_looks import CacheLook, DatabaseLook
from isolation.target.words import Kept, OperatorOperation, RequestKind
from robot_support import run as runs
from robot_support.collector import COLLECTOR
from robot_support.failures import NothingToSay
from robot_support.foreign_attempts import Attempt, attempts_on, own_twins, probes_of
from robot_support.many_users import ask_at_once, user_count
from robot_support.saved_things import AGENT_MEMORY, Thing, item, read_asks, read_items, save_ask, things_of
from robot_support.scenario import scenario

_WITHIN = 30.0
_AT_ONCE = 50
_SHARED_TENANTS = 5
"""So many tenants have a second user: the closest neighbour that there is."""


@library(scope="GLOBAL")
class PersistenceLibrary(DynamicCore):
    """Lets every user save things of its own, and looks for them afterwards, from both sides: platform and database.

    Values are compared by digest; none of them is written into any log.
    """

    def __init__(self) -> None:
        """Make the keywords known."""
        super().__init__([])
        self._things: dict[str, list[Thing]] = {}
        self._agent_ids: dict[str, str] = {}
        self._saved: list[SavedItem] = []
        self._attempts: list[tuple[Attempt, Operation]] = []
        self._database = DatabaseLook((), ())
        self._cache: tuple[CacheLook, ...] = ()
        self._pids: dict[str, int] = {}

    # --- saving and reading -------------------------------------------------------------------------------------------

    @keyword
    def connect_users_who_save(self) -> None:
        """Create as many users as the profile says and connect them; some are the second user of their tenant.

        Example:
        | Connect Users Who Save |
        """
        run, count = runs.current(), user_count()
        shared = min(_SHARED_TENANTS, count // 2)
        first = run.manager.create_tenant_agents(count - shared, prefix="user")
        second = [run.manager.add_user(agent) for agent in first[:shared]]
        scenario().tenants.extend([*first, *second])
        _connect()

    @keyword
    def save_everything(self) -> None:
        """Let every user save history, preferences, memory and context, and tell its agent something to remember.

        Example:
        | Save Everything |
        """
        agents = _connected()
        self._things = {agent.name: things_of(agent) for agent in agents}
        self._saved = [
            item(agent, thing.scope, thing.key, thing.value) for agent in agents for thing in self._things[agent.name]
        ]
        requests = [save_ask(agent, thing) for agent in agents for thing in self._things[agent.name]]
        texts = {agent.name: f"{agent.user_id} said {uuid.uuid4().hex}" for agent in agents}
        told = ask_at_once([Request(agent.name, "remember", {"text": texts[agent.name]}) for agent in agents], _WITHIN)
        scenario().operations["saving"] = [*ask_at_once(requests, _WITHIN), *told]
        self._agent_ids = {operation.tenant: operation.agent for operation in told if operation.agent}
        self._saved += [
            item(agent, AGENT_MEMORY, self._agent_ids.get(agent.name, "unknown agent"), [texts[agent.name]])
            for agent in agents
        ]

    @keyword
    def everything_should_be_there(self, promise: str, occasion: str) -> None:
        """Every user reads all of its things; none may be lost, altered, or somebody else's.

        Args:
            promise: Id of the promise.
            occasion: What lay between, such as ``the new connection``.

        Example:
        | Everything Should Be There | CS-5 | the new connection |
        """
        COLLECTOR.decide([_saving(promise), *judge_kept(promise, occasion, self._saved, self._read())])

    # --- through the platform -----------------------------------------------------------------------------------------

    @keyword
    def reach_for_the_things_of_others(self) -> None:
        """Let everybody try to read, list, change, remove and add to the things of another user, by that user's id.

        The other user is the next one; the two users of one tenant also try each other. The owner does the same with
        its own things: the allowed twins.

        Example:
        | Reach For The Things Of Others |
        """
        agents = _connected()
        pairs = list(zip(agents, [*agents[1:], *agents[:1]], strict=True)) if len(agents) > 1 else []
        for first, *others in _users_by_tenant(agents).values():
            pairs += [pair for other in others for pair in ((first, other), (other, first))]
        attempts = [attempt for caller, owner in pairs for attempt in attempts_on(caller, owner)]
        attempts += [twin for agent in agents for twin in own_twins(agent)]
        operations = ask_at_once([attempt.ask for attempt in attempts], _WITHIN)
        self._attempts = list(zip(attempts, operations, strict=True))

    @keyword
    def attempts_should_be_refused(self, promise: str) -> None:
        """Every attempt on another user's things should have been refused and without effect; every twin allowed.

        Everything is read once more afterwards: it should be as its owner had saved it.

        Args:
            promise: Id of the promise.

        Example:
        | Attempts Should Be Refused | CS-5 |
        """
        found = self._read()
        there = set(found)
        changed = {saved.tenant for saved in self._saved if saved not in there}
        changed |= {other.tenant for other in there.difference(self._saved)}
        attempts, operations = [a for a, _ in self._attempts], [o for _, o in self._attempts]
        probes = probes_of(attempts, operations, changed)
        kept = judge_kept(promise, "the attempts of others", self._saved, found)
        COLLECTOR.decide([judge_denials(promise, probes), judge_twins(promise, probes), *kept])

    # --- past the platform: the database itself -----------------------------------------------------------------------

    @keyword
    def log_in_as_database_roles(self) -> None:
        """Log in to the database as every tenant's own role, read every table, and try to change what is another's.

        All writing is rolled back. NOT APPLICABLE when the target names no PostgreSQL.

        Example:
        | Log In As Database Roles |
        """
        run = runs.current()
        address = run.store_addresses().get("postgresql")
        if not address or OperatorOperation.CREDENTIALS not in run.target.operator:
            raise NothingToSay("NOT APPLICABLE: the target names no PostgreSQL whose roles could be tried.")
        logins, owners = [], {}
        for tenant_id, users in _users_by_tenant(scenario().tenants).items():
            found = run.operator(OperatorOperation.CREDENTIALS, tenant=tenant_id)
            name, ids = users[0].name, tuple(user.user_id for user in users)
            logins.append(RoleLogin(name, tenant_id, ids, found["database_role"], found["database_password"]))
            owners.update(dict.fromkeys((tenant_id, *ids), name))
        self._database = run.monitor.call("look_as_roles", address, run.run_id, owners, logins, timeout=300.0)

    @keyword
    def roles_should_see_only_their_own_rows(self, promise: str) -> None:
        """Each tenant's database role should see all rows of its own and not one of anybody else.

        Every table that several tenants share should have row-level security that binds its owner too.

        Args:
            promise: Id of the promise.

        Example:
        | Roles Should See Only Their Own Rows | CS-5 |
        """
        reads = [RoleRead(look.tenant, "the database", None, 0, "", 1) for look in self._database.roles if look.reason]
        reads += [
            RoleRead(look.tenant, seen.table, seen.own_rows, seen.foreign_rows, seen.foreign_owner, seen.expected_own)
            for look in self._database.roles
            for seen in look.tables
            if seen.expected_own or seen.foreign_rows
        ]
        looks = self._database.roles
        COLLECTOR.decide([
            _saving(promise),
            *judge_role_reads(promise, reads),
            judge_shared_tables(promise, self._database.shared),
            judge_empty_tables(promise, self._database.empty, len({seen.table for look in looks for seen in look.tables})),
            judge_functions(promise, looks),
        ])  # fmt: skip

    @keyword
    def roles_should_change_nothing_foreign(self, promise: str) -> None:
        """No role should have been able to change, remove or add another tenant's rows, or to become its role.

        Args:
            promise: Id of the promise.

        Example:
        | Roles Should Change Nothing Foreign | CS-5 |
        """
        writes = [
            ForeignWrite(look.tenant, tried.owner, tried.place, tried.had_effect, tried.owner_could)
            for look in self._database.roles
            for tried in look.attempts
        ]
        COLLECTOR.decide(judge_foreign_writes(promise, writes))

    # --- past the platform: the cache itself --------------------------------------------------------------------------

    @keyword
    def log_in_as_cache_logins(self) -> None:
        """Log in to the cache with every tenant's own login, and try what must be out of its reach.

        Reading is tried; whether a login may change or administer anything is asked of the server, so nothing is changed. NOT
        APPLICABLE when the target names no Redis, or its tenants have no login of their own.

        Example:
        | Log In As Cache Logins |
        """
        run = runs.current()
        address = run.store_addresses().get("redis")
        if not address or OperatorOperation.CREDENTIALS not in run.target.operator:
            raise NothingToSay("NOT APPLICABLE: the target names no Redis whose logins could be tried.")
        if RequestKind.ASK in run.target.requests:  # so that everybody has a key there
            agents = _connected()
            ask_at_once(
                [Request(agent.name, RequestKind.ASK, {"question": "What is mine?"}) for agent in agents], _WITHIN
            )
        logins, owners = [], {}
        for tenant_id, users in _users_by_tenant(scenario().tenants).items():
            found, name = run.operator(OperatorOperation.CREDENTIALS, tenant=tenant_id), users[0].name
            if not found.get("cache_user"):
                raise NothingToSay("NOT APPLICABLE: the target's tenants have no login of their own to the cache.")
            logins.append(CacheLogin(name, tenant_id, found["cache_user"], found["cache_password"]))
            owners.update(dict.fromkeys((tenant_id, *(user.user_id for user in users)), name))
        self._cache = run.monitor.call("look_as_cache_logins", address, run.run_id, owners, logins, timeout=120.0)

    @keyword
    def cache_logins_should_reach_only_their_own_keys(self, promise: str) -> None:
        """No login should have reached another tenant's key, everybody's messages or lists, or any administration.

        Args:
            promise: Id of the promise.

        Example:
        | Cache Logins Should Reach Only Their Own Keys | CS-5 |
        """
        COLLECTOR.decide(judge_cache_logins(promise, self._cache))

    # --- restarts -----------------------------------------------------------------------------------------------------

    @keyword
    def come_back(self) -> None:
        """Close all connections that still stand, and open new ones.

        Example:
        | Come Back |
        """
        runs.current().manager.disconnect(scenario().tenants)
        _connect()

    @keyword
    def restart_agents(self) -> None:
        """Let the operator give every agent a fresh process.

        Example:
        | Restart Agents |
        """
        self._pids = {ref.agent: ref.pid for ref in _processes()}
        for agent_id in self._pids:
            runs.current().operator(OperatorOperation.RESTART_AGENT, agent=agent_id)

    @keyword
    def agents_should_remember(self, promise: str) -> None:
        """Every agent, in its fresh process, should still know what it was told.

        Args:
            promise: Id of the promise.

        Example:
        | Agents Should Remember | CS-5 |
        """
        agents = _connected()
        requests = [Request(agent.name, "recall", {"agent": self._agent_ids.get(agent.name)}) for agent in agents]
        by_name = {operation.tenant: operation for operation in ask_at_once(requests, _WITHIN)}
        recalled = [
            item(agent, AGENT_MEMORY, operation.agent, operation.kept.get(Kept.MEMORIES))
            for agent in agents
            if (operation := by_name[agent.name]).answered
        ]
        told = [saved for saved in self._saved if saved.scope == AGENT_MEMORY]
        fresh = sum(self._pids.get(ref.agent, ref.pid) != ref.pid for ref in _processes())
        limit = Limit(value=len(told), unit="agents", comparison=Comparison.AT_LEAST, source="the restart must be real")
        claim = f"{fresh} of {plural(len(told), 'agent')} had a fresh process"
        control = judged(promise, "agents with a fresh process", float(fresh), limit, len(told), claim, control=True)
        COLLECTOR.decide([control, *judge_kept(promise, "the restart, by the agents' own word", told, recalled)])

    def _read(self) -> list[SavedItem]:
        """Everything that the users find now; who is not connected finds nothing."""
        agents = {agent.name: agent for agent in _connected() if agent.name in self._things}
        requests = [
            ask
            for name, agent in agents.items()
            for ask in read_asks(agent, self._things[name], self._agent_ids.get(name, ""))
        ]
        return read_items(agents, requests, ask_at_once(requests, _WITHIN), self._agent_ids)


def _saving(promise: str) -> Measurement:
    """The share of answered saves: what was never saved can neither be lost nor leak."""
    limit = Limit(value=100, unit="%", comparison=Comparison.EXACTLY, source=f"contract {promise}: nothing lost")
    return judge_served(promise, "saves answered", scenario().operations["saving"], limit, "when they were made")


def _connect() -> None:
    run, now = runs.current(), scenario()
    now.openings = run.manager.connect(now.tenants, ConnectOptions(at_once=_AT_ONCE), timeout=60)


def _connected() -> list[TenantAgent]:
    known = {agent.name for agent in runs.current().manager.connected}
    return [agent for agent in scenario().tenants if agent.name in known]


def _users_by_tenant(agents: list[TenantAgent]) -> dict[str, list[TenantAgent]]:
    found: dict[str, list[TenantAgent]] = {}
    for agent in agents:
        found.setdefault(agent.tenant_id, []).append(agent)
    return found


def _processes() -> list[ProcessRef]:
    own = {agent.user_id for agent in scenario().tenants}
    return [ref for ref in runs.current().monitor.call("processes") if ref.user in own]
