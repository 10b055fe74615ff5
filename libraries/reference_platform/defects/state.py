"""Defects of what is stored and of who may see it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from reference_platform.defects.surgery import replace, replace_everywhere

_DOCUMENTS = "profiles, preferences, agent_memory, session_context"


def state_readable_by_guessing() -> None:
    """The user address of state operations leads to whomever it names."""
    from reference_platform.gateway.operations import StateOperations
    from reference_platform.state import Owner

    owner_of = StateOperations.owner_of

    def guessed_owner(self: StateOperations, session: Any, request: Any) -> Owner:
        name = request.identifier("user", session.user.name)
        tenant = self._addressing._directory.tenant_of(name)
        return owner_of(self, session, request) if tenant is None else Owner(tenant, name)

    replace(StateOperations, "owner_of", guessed_owner)


def existence_oracle() -> None:
    """Whoever asks for a foreign agent or user learns that it exists."""
    _tell_apart("forbidden", "this agent belongs to somebody else", "this belongs to another user")


def existence_oracle_in_words() -> None:
    """The code of a refusal says nothing, but its words do, and they are as long as the usual ones."""
    _tell_apart("not_found", "there is such a thing", "there is such a thing")


def existence_oracle_in_time() -> None:
    """A look at a foreign thing takes four milliseconds, and one at nothing takes none."""
    _on_foreign_things(lambda: time.sleep(0.004), lambda: time.sleep(0.004))


def cache_login_reads_all() -> None:
    """The login of a tenant is made for every key, and the platform itself goes on as before."""
    from reference_platform.state.cache import Cache

    acl = Cache._acl

    async def wide(self: Cache, *words: str) -> object:
        return await acl(self, *("~*" if word.startswith("~") else word for word in words))

    replace(Cache, "_acl", wide)


def refused_but_done() -> None:
    """``state_put`` for somebody else is done before it is refused."""
    from reference_platform.gateway.endpoint.requests import not_found
    from reference_platform.gateway.operations import StateOperations
    from reference_platform.state import Owner, Scope

    state_put = StateOperations.state_put

    async def put_and_refuse(self: StateOperations, session: Any, request: Any) -> Any:
        name = request.optional_identifier("user")
        tenant = self._addressing._directory.tenant_of(name) if name not in (None, session.user.name) else None
        if name is None or tenant is None:
            return await state_put(self, session, request)
        scope, key = Scope(request.text("scope")), request.identifier("key")
        await self._store.put(Owner(tenant, name), scope, key, request.value("value"))
        raise not_found()

    replace(StateOperations, "state_put", put_and_refuse)


def history_out_of_order() -> None:
    """The latest entry of a history stands before the one before it."""
    from reference_platform.state.store import Store

    read = Store.read_history

    async def read_mixed_up(self: Store, owner: Any, thread: str, limit: int = 100) -> Any:
        entries = await read(self, owner, thread, limit)
        return [*entries[:-2], *reversed(entries[-2:])]

    replace(Store, "read_history", read_mixed_up)


def keys_belong_to_first_user() -> None:
    """A key belongs to whoever used it first, for everybody."""
    from reference_platform.gateway.operations import StateOperations
    from reference_platform.state import Owner

    owner_of = StateOperations.owner_of
    first: dict[str, Owner] = {}

    def first_owner(self: StateOperations, session: Any, request: Any) -> Owner:
        own = owner_of(self, session, request)
        key = request.arguments.get("key")
        return own if key is None else first.setdefault(str(key), own)

    replace(StateOperations, "owner_of", first_owner)


def saved_for_the_session_only() -> None:
    """Documents are kept in the session that saved them, and not in the database."""
    from reference_platform.gateway.operations import StateOperations
    from reference_platform.state import Scope

    state_get = StateOperations.state_get
    kept: dict[tuple[str, str, str], Any] = {}

    async def put_here(self: StateOperations, session: Any, request: Any) -> dict[str, Any]:
        self.owner_of(session, request)
        scope = Scope(request.text("scope"))
        kept[session.session_id, scope, request.identifier("key")] = request.value("value")
        return {"saved": True}

    async def get_here(self: StateOperations, session: Any, request: Any) -> dict[str, Any]:
        place = (session.session_id, Scope(request.text("scope")), request.identifier("key"))
        return {"value": kept[place]} if place in kept else await state_get(self, session, request)

    replace(StateOperations, "state_put", put_here)
    replace(StateOperations, "state_get", get_here)


def agents_forget() -> None:
    """Agents are told that a memory is saved; only their process has it."""
    from reference_platform.gateway.execution.agent_calls import AgentCalls

    async def save_nothing(self: AgentCalls, arguments: dict[str, Any]) -> int:
        return len(await self.memory_load(arguments)) + 1

    replace(AgentCalls, "memory_save", save_nothing)


def _tell_apart(code: str, of_agents: str, of_users: str) -> None:
    from reference_platform.gateway.endpoint.requests import RequestError

    def tell(words: str) -> None:
        raise RequestError(code, words)

    _on_foreign_things(lambda: tell(of_agents), lambda: tell(of_users))


def _on_foreign_things(at_agents: Callable[[], None], at_users: Callable[[], None]) -> None:
    from reference_platform.gateway.endpoint.addressing import Addressing
    from reference_platform.registry.registry import Registry

    agent_of, own_user = Registry.agent_of, Addressing.own_user

    def telling_agent_of(self: Registry, user: Any, agent_id: str) -> Any:
        if agent_id in self.agents and self.agents[agent_id].user is not user:
            at_agents()
        return agent_of(self, user, agent_id)

    def telling_own_user(self: Addressing, session: Any, request: Any) -> Any:
        name = request.optional_identifier("user")
        if name not in (None, session.user.name) and self._directory.tenant_of(name) is not None:
            at_users()
        return own_user(self, session, request)

    replace(Registry, "agent_of", telling_agent_of)
    replace(Addressing, "own_user", telling_own_user)


def rls_owner_bypass() -> None:
    """Tenants' roles inherit the owner of the tables, whom row security does not bind."""
    from reference_platform.state.names import OWNER_ROLE, quoted_name, tenant_role
    from reference_platform.state.provisioning import Provisioning

    rls_not_forced()
    create = Provisioning._create

    async def create_mighty(self: Provisioning, tenant: str, connection_limit: int) -> Any:
        credentials = await create(self, tenant, connection_limit)
        role = quoted_name(tenant_role(tenant))
        await self._database.admin.execute(f"GRANT {OWNER_ROLE} TO {role} WITH INHERIT TRUE")
        return credentials

    replace(Provisioning, "_create", create_mighty)


def rls_not_forced() -> None:
    """Row security binds everybody but the owner of the tables."""
    from reference_platform.state.relational.schema import SCHEMA, USER_TABLES

    _after_start("; ".join(f"ALTER TABLE {SCHEMA}.{table} NO FORCE ROW LEVEL SECURITY" for table in USER_TABLES))


def rls_set_left_in_pool() -> None:
    """The role is set for the session instead of the transaction, and now and then it is forgotten.

    The transaction then works in the role of whoever used the connection before.
    """
    from reference_platform.state.names import quoted_text
    from reference_platform.state.relational.database import Database

    entry = Database.entry
    numbers = itertools.count(1)

    def forgetful(owner: Any) -> str:
        if next(numbers) % 10 == 0:
            return f"BEGIN; SET app.user = {quoted_text(owner.user)}"
        return entry(owner).replace("SET LOCAL", "SET")

    replace(Database, "entry", staticmethod(forgetful))


def rls_new_table_without_policy() -> None:
    """Session context is kept in a new table that somebody forgot to protect."""
    from reference_platform.state.names import TENANTS_ROLE
    from reference_platform.state.records import Scope
    from reference_platform.state.relational.schema import DOCUMENT_TABLES, SCHEMA, check_schema

    async def look_away(connection: Any) -> None:
        """Or a restart would notice."""

    replace_everywhere(check_schema, look_away)
    DOCUMENT_TABLES[Scope.CONTEXT] = "session_context_v2"
    _after_start(
        f"CREATE TABLE IF NOT EXISTS {SCHEMA}.session_context_v2 (LIKE {SCHEMA}.session_context INCLUDING ALL); "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}.session_context_v2 TO {TENANTS_ROLE}"
    )


def state_lost_on_restart() -> None:
    """A start of the gateway empties the tables of documents."""
    from reference_platform.state.relational.schema import SCHEMA

    _after_start("TRUNCATE " + ", ".join(f"{SCHEMA}.{table.strip()}" for table in _DOCUMENTS.split(",")))


def _after_start(statements: str) -> None:
    """Execute statements with the operator's login when the store has been opened and its schema checked."""
    from reference_platform.state.store import Store

    open_store = Store.open

    async def open_and_change(*arguments: Any, **options: Any) -> Store:
        store = await open_store(*arguments, **options)
        await store.database.admin.execute(statements)
        return store

    replace(Store, "open", open_and_change)
