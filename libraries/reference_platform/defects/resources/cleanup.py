"""Defects of what happens when something ends."""

from __future__ import annotations

from typing import Any

from reference_platform.defects.surgery import replace


def subscriptions_not_released() -> None:
    """``unsubscribe`` does nothing, and a session that had subscriptions stays in the register after its end."""
    from reference_platform.gateway.operations import SubscriptionOperations
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    take_out = Lifecycle._take_out

    def unsubscribe(self: Any, session: Any, request: Any) -> dict[str, Any]:
        return {"unsubscribed": request.text("topic")}

    def keep_subscribers(self: Lifecycle, session: Any, code: int) -> None:
        topics = dict(session.subscriptions)
        take_out(self, session, code)
        if topics:
            session.subscriptions.update(topics)
            self._registry.sessions[session.session_id] = session

    replace(SubscriptionOperations, "unsubscribe", unsubscribe)
    replace(Lifecycle, "_take_out", keep_subscribers)


def removal_only_said() -> None:
    """The operator hears that all of a tenant is gone."""
    from reference_platform.gateway.operator_api import TenantAdministration

    async def say_so(self: Any, request: Any) -> dict[str, Any]:
        kinds = ("keys", "roles", "connections", "files", "processes", "cgroups")
        return {"rows": {}, **dict.fromkeys(kinds, 0)}

    replace(TenantAdministration, "remove_tenant", say_so)


def session_end_leaves_files() -> None:
    """Nobody removes a folder."""
    from reference_platform.agents import factory

    replace(factory, "remove_folder", lambda folder: None)


def sessions_stay_registered() -> None:
    """The operator still sees sessions whose connections are gone."""
    from reference_platform.gateway.sessions.lifecycle import Lifecycle

    take_out = Lifecycle._take_out

    def keep(self: Lifecycle, session: Any, code: int) -> None:
        take_out(self, session, code)
        self._registry.sessions[session.session_id] = session

    replace(Lifecycle, "_take_out", keep)


def session_end_leaves_processes() -> None:
    """The agents are forgotten, but their processes go on."""
    from reference_platform.gateway.sessions.departure import Departure

    async def forget_agents(self: Departure, user: Any) -> None:
        for agent in self._registry.all_agents_of(user):
            self._registry.remove(agent)
            self._books.agent_removed(agent)

    replace(Departure, "remove_agents", forget_agents)


def session_end_leaves_rows() -> None:
    """The rows of agents and sessions stay as they were."""
    from reference_platform.gateway.bookkeeping.bookkeeper import Bookkeeper

    for name in ("agent_removed", "session_ended"):
        replace(Bookkeeper, name, lambda self, thing: None)


def session_end_leaves_keys() -> None:
    """Nobody drops the cached answers."""
    from reference_platform.gateway.sessions.departure import Departure

    async def drop_nothing(self: Departure, user: Any) -> None:
        return

    replace(Departure, "drop_answers", drop_nothing)


def tenant_rows_kept() -> None:
    """A removed tenant's rows stay, and nobody counts them."""
    from reference_platform.state.provisioning import Provisioning
    from reference_platform.state.records import Residue

    async def expel(self: Any, tenant: str) -> Residue:
        self._known.pop(tenant, None)
        await self._cache.expel(tenant)
        return Residue(rows={}, keys=0, roles=0, connections=0)

    replace(Provisioning, "expel", expel)
