"""From requests and events to the history of the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isolation.record import Operation, Outcome
from isolation.record.registry.actions import Action, RegistryAction
from isolation.record.traffic.asked import RequestRecord
from isolation.record.traffic.received_events import ReceivedEvent
from isolation.target.agent_terms import OF, AgentTerms, kept
from isolation.target.words import Kept, RequestKind

_NAMED = {
    RequestKind.AGENT_GET,
    RequestKind.AGENT_STOP,
    RequestKind.AGENT_RESET,
    RequestKind.AGENT_REMOVE,
    RequestKind.EXECUTE,
    RequestKind.REMEMBER,
    RequestKind.RECALL,
    RequestKind.SUBSCRIBE,
}
AT_WORK = {
    RequestKind.EXECUTE,
    RequestKind.NOOP,
    RequestKind.TYPICAL,
    RequestKind.CPU,
    RequestKind.REPORT,
    RequestKind.ASK,
    RequestKind.REMEMBER,
    RequestKind.RECALL,
}
"""Work of one agent; the agent is made when none is named."""


def actions_of(request: RequestRecord, terms: AgentTerms) -> list[RegistryAction]:
    """What one request says about the registry of its user; nothing when it was a look at another user's."""
    operation, arguments = request.operation, request.arguments
    named = arguments.get(Kept.AGENT)
    if OF in arguments:
        return []
    if operation.kind == RequestKind.AGENT_CREATE:
        return [_action(operation, Action.CREATE, agent_id(request))]
    if operation.kind == RequestKind.AGENT_LIST:
        listed = tuple(str(row.get(Kept.AGENT)) for row in terms.rows(kept(operation).get(Kept.AGENTS)) or [])
        return [_action(operation, Action.LIST, "", listed, str(arguments.get(Kept.THREAD) or ""))]
    if isinstance(named, str) and operation.kind in _NAMED:
        removal = operation.kind == RequestKind.AGENT_REMOVE
        return [_action(operation, Action.REMOVE if removal else Action.USE, named)]
    if operation.kind in {*AT_WORK, RequestKind.ORCHESTRATE} and operation.agent:
        steps = [str(row.get(Kept.AGENT)) for row in terms.rows(kept(operation).get(Kept.STEPS)) or []]
        return [_action(operation, Action.CREATE, agent) for agent in (operation.agent, *steps)]
    return []


def sights_of(events: Iterable[ReceivedEvent], names: Mapping[str, str]) -> list[RegistryAction]:
    """Which agents each user saw in events, each once, when it was seen first.

    Args:
        events: All events of all sessions.
        names: How scenarios call the users, by their ids.
    """
    first: dict[tuple[str, str], ReceivedEvent] = {}
    for event in events:
        if event.agent:
            first.setdefault((event.user, event.agent), event)
    return [
        sighting(names.get(user, user), user, agent, (event.at, event.at), "an event", there=True)
        for (user, agent), event in first.items()
    ]


def sighting(
    tenant: str, user: str, agent: str, between: tuple[float, float], door: str, *, there: bool
) -> RegistryAction:
    """What somebody or something showed of an agent, as a use that was answered when it was there."""
    outcome = Outcome.ANSWERED if there else Outcome.REFUSED
    return RegistryAction(tenant, user, Action.USE, agent, *between, outcome, door=door)


def agent_id(request: RequestRecord) -> str:
    """The agent that an answer describes, or empty."""
    return str(kept(request.operation).get(Kept.AGENT) or "")


def _action(
    operation: Operation, action: Action, agent: str, listed: tuple[str, ...] = (), thread: str = ""
) -> RegistryAction:
    return RegistryAction(
        tenant=operation.tenant,
        user=operation.user,
        action=action,
        agent=agent,
        began_at=operation.sent_at if operation.sent_at is not None else operation.intended_at,
        ended_at=operation.completed_at,
        outcome=operation.outcome,
        listed=listed,
        door=f"{operation.kind}:{operation.refusal or operation.code}" if operation.code else operation.kind,
        thread=thread,
        part=operation.block,
    )
