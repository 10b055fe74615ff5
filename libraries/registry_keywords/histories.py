"""From what was asked to the history of the registry, and from the operator's view to sightings of agents."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from isolation.record import Operation, Outcome, ProcessRef
from isolation.record.asked import RequestRecord
from isolation.record.registry.actions import Action, RegistryAction
from isolation.target.words import OperatorOperation, OperatorWord
from process_control.reading import ProcessGone, ProcessReader
from registry_keywords.scene import name_of, result, scene
from robot_support import run as runs
from robot_support.scenario import scenario

ABSENT = ("not_found",)
"""Codes of a refusal which say that an agent is not there."""
_NAMED = {"agent_get", "agent_stop", "agent_reset", "agent_remove", "execute", "remember", "recall"}
_AT_WORK = {"execute", "noop", "typical", "cpu", "report", "ask", "remember", "orchestrate"}
"""Work that makes an agent when it names none."""
_TOPIC = "agent:"


def history(asked: Iterable[RequestRecord] | None = None) -> list[RegistryAction]:
    """The actions on the registry among requests; of the whole scenario when none are given."""
    return [action for one in (scene().asked if asked is None else asked) for action in _actions(one)]


def whole_lists_only(asked: Iterable[RequestRecord]) -> list[RequestRecord]:
    """Without the lists of one thread, or of another user, which a judge of whole lists cannot hold against anything."""
    return [one for one in asked if one.operation.kind != "agent_list" or not one.arguments]


def see_agents() -> list[RegistryAction]:
    """What the operator shows now of all agents of the scenario; kept as sightings."""
    users = {agent.user_id for agent in scenario().tenants}
    began = time.monotonic()
    shown = runs.current().operator(OperatorOperation.AGENTS)
    ended = time.monotonic()
    found = [
        RegistryAction(
            tenant=name_of(agent["user"]),
            user=agent["user"],
            action=Action.USE,
            agent=agent[OperatorWord.AGENT],
            began_at=began,
            ended_at=ended,
            outcome=Outcome.ANSWERED,
            door="operator",
        )
        for agent in shown
        if agent["user"] in users
    ]
    scene().sightings.extend(found)
    return found


def see_whether_gone(agents: Sequence[str], owner: str, process: Sequence[ProcessRef]) -> list[RegistryAction]:
    """Look for agents that should be gone, by the operator's door and among the processes.

    Args:
        agents: Their ids.
        owner: Their user.
        process: The processes that ran them.

    Returns:
        One sighting per agent and one per process: answered when it is still there.
    """
    began = time.monotonic()
    shown = {agent[OperatorWord.AGENT] for agent in runs.current().operator(OperatorOperation.AGENTS)}
    found = [_sighting(agent, owner, began, "operator", agent in shown) for agent in agents]
    found += [_sighting(ref.agent, owner, began, "process", lives(ref)) for ref in process]
    scene().sightings.extend(found)
    return found


def lives(process: ProcessRef) -> bool:
    """Whether a process is still there."""
    try:
        with ProcessReader(process.pid, process.started_ticks) as reader:
            return not reader.is_zombie()
    except ProcessGone:
        return False


def made_agents(asked: Iterable[RequestRecord]) -> list[RequestRecord]:
    """The requests that made an agent and said which."""
    return [one for one in asked if one.operation.kind == "agent_create" and result(one).get("agent")]


def agent_id(asked: RequestRecord) -> str:
    """The agent that an answer describes, or empty."""
    return str(result(asked).get("agent") or "")


def _sighting(agent: str, user: str, began: float, door: str, there: bool) -> RegistryAction:
    outcome = Outcome.ANSWERED if there else Outcome.REFUSED
    return RegistryAction(name_of(user), user, Action.USE, agent, began, time.monotonic(), outcome, door=door)


def _actions(asked: RequestRecord) -> list[RegistryAction]:
    operation, kind = asked.operation, asked.operation.kind
    named = asked.arguments.get("agent")
    topic = asked.arguments.get("topic")
    if "user" in asked.arguments:
        return []  # a look at somebody else's registry says nothing about the asker's
    if kind == "agent_create":
        return [_action(operation, Action.CREATE, agent_id(asked))]
    if kind == "agent_list":
        return [_action(operation, Action.LIST, "", tuple(_listed(asked)))]
    if isinstance(named, str) and kind in _NAMED:
        return [_action(operation, Action.REMOVE if kind == "agent_remove" else Action.USE, named)]
    if kind == "subscribe" and isinstance(topic, str) and topic.startswith(_TOPIC):
        return [_action(operation, Action.USE, topic.removeprefix(_TOPIC))]
    if kind in _AT_WORK and operation.agent:
        return [_action(operation, Action.CREATE, agent) for agent in (operation.agent, *_led(asked))]
    return []


def _action(operation: Operation, action: Action, agent: str, listed: tuple[str, ...] = ()) -> RegistryAction:
    return RegistryAction(
        tenant=operation.tenant,
        user=operation.user,
        action=action,
        agent=agent,
        began_at=operation.sent_at if operation.sent_at is not None else operation.intended_at,
        ended_at=operation.completed_at,
        outcome=operation.outcome,
        listed=listed,
        door=f"{operation.kind}:{operation.code}" if operation.code else operation.kind,
    )


def _listed(asked: RequestRecord) -> list[str]:
    shown = result(asked).get("agents")
    return [str(agent.get("agent_id")) for agent in shown] if isinstance(shown, list) else []


def _led(asked: RequestRecord) -> list[str]:
    steps = result(asked).get("steps")
    return [str(step.get("agent_id")) for step in steps] if isinstance(steps, list) else []
