"""Whether there is one order of all actions that a registry without concurrency could have served (AR-8, AR-13).

Principle: linearisability (Herlihy and Wing, 1990). Each action takes effect at one moment between its begin and its end.
The history of one user is accepted when its actions can be put into an order that keeps these intervals and in which every
reply is the one that a set of agents would give: a creation adds its agent, a removal takes it away and needs it, a use that
was answered needs it, a use that was refused needs its absence, a list shows exactly what is there. Wing and Gong's search
(1993), remembering every set of placed actions that was tried: when a search ends without success, no order exists.

Assumptions: an agent id is made once; the history holds all actions on the agents of the user. An action without a reply may
have happened or not and is left out, together with every action that only it could explain: lists must then not be judged,
so the verdict is INCONCLUSIVE. Refusals for other reasons than absence say nothing about the registry and are left out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from isolation.judge.rules.verdicts import inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Measurement, Outcome
from isolation.record.registry.actions import Action, RegistryAction


@dataclass(frozen=True, slots=True)
class Order:
    """The longest order that was found.

    Attributes:
        placed: How many actions it holds.
        stuck: The actions of which one had to come next and none could; empty when all were placed.
        agents: The agents that existed at that point.
    """

    placed: int
    stuck: tuple[RegistryAction, ...]
    agents: frozenset[str]


def longest_order(actions: Sequence[RegistryAction]) -> Order:
    """Search for an order of all actions of one user; every action has a reply.

    Args:
        actions: The history; lists show only agents of the lines of conversation that the history is about.
    """
    ordered = sorted(actions, key=lambda action: action.began_at)
    ends = [math.inf if action.ended_at is None else action.ended_at for action in ordered]
    best = Order(0, (), frozenset())
    tried: set[frozenset[int]] = set()
    waiting: list[tuple[frozenset[int], frozenset[str]]] = [(frozenset(), frozenset())]
    while waiting:
        placed, agents = waiting.pop()
        if len(placed) == len(ordered):
            return Order(len(ordered), (), agents)
        following = _next(ordered, ends, placed)
        steps = [
            (placed | {number}, after)
            for number in following
            if (after := _served(ordered[number], agents)) is not None
        ]
        if not steps and (len(placed) > best.placed or not best.stuck):
            best = Order(len(placed), tuple(ordered[number] for number in following), agents)
        for done, after in steps:
            if done not in tried:
                tried.add(done)
                waiting.append((done, after))
    return best


def judge_linearisable(promise: str, history: Sequence[RegistryAction], absent_codes: Collection[str]) -> Measurement:
    """The registry of each user behaves as if its actions had come one after another.

    Args:
        history: All actions of all users; each user's registry is one of its own.
        absent_codes: Kinds of refusal (as `RegistryAction.door` is an operation, the code stands behind a colon there,
            such as ``agent_get:not_found``) that say that an agent is not there.

    Returns:
        The number of users whose actions fit no order, which must be zero; FAIL without any action, INCONCLUSIVE when some
        actions got no reply.
    """
    metric, limit = "registries that contradict every order", zero(f"promise {promise}: one order explains all")
    users: dict[str, list[RegistryAction]] = defaultdict(list)
    unanswered = 0
    for action in history:
        if action.outcome is Outcome.ANSWERED or _says_absent(action, absent_codes):
            users[action.user].append(action)
        elif action.outcome is not Outcome.REFUSED:
            unanswered += 1
    if not users:
        return no_evidence(promise, metric, limit, "No action on a registry was answered")
    total = sum(map(len, users.values()))
    broken = {user: order for user, actions in users.items() if (order := longest_order(actions)).placed < len(actions)}
    claim = f"The {plural(total, 'action')} of {plural(len(users), 'user')} fit into one order each"
    if unanswered:
        claim = f"{plural(unanswered, 'action')} of the registry got no reply, so an order cannot be told"
        return inconclusive(promise, metric, limit, claim, samples=total)
    if broken:
        user, order = next(iter(broken.items()))
        stuck = names((_words(action) for action in order.stuck), 3)
        claim = (
            f"The actions of {len(broken)} of {plural(len(users), 'user')} fit into no order: after "
            f"{order.placed} of {plural(len(users[user]), 'action')} of '{user}', with {plural(len(order.agents), 'agent')} "
            f"there, none of {stuck} could come next"
        )
    tenants = dict.fromkeys(users[user][0].tenant for user in broken)
    return judged(promise, metric, float(len(broken)), limit, total, claim, tenants=tenants)


def _says_absent(action: RegistryAction, codes: Collection[str]) -> bool:
    return action.outcome is Outcome.REFUSED and action.door.rpartition(":")[2] in codes


def _next(ordered: Sequence[RegistryAction], ends: Sequence[float], placed: frozenset[int]) -> list[int]:
    """The actions that may come next: those that began before the first end of all that are not placed."""
    rest = [number for number in range(len(ordered)) if number not in placed]
    first_end = min(ends[number] for number in rest)
    return [number for number in rest if ordered[number].began_at <= first_end]


def _served(action: RegistryAction, agents: frozenset[str]) -> frozenset[str] | None:
    """The agents after an action, or None when it cannot have had this reply with these agents."""
    if action.action is Action.LIST:
        return agents if agents == frozenset(action.listed) else None
    if action.outcome is not Outcome.ANSWERED:
        return agents if action.agent not in agents else None
    if action.action is Action.CREATE:
        return agents | {action.agent} if action.agent not in agents else None
    if action.agent not in agents:
        return None
    return agents - {action.agent} if action.action is Action.REMOVE else agents


def _words(action: RegistryAction) -> str:
    what = f"showing {len(action.listed)} agents" if action.action is Action.LIST else f"of {action.agent}"
    return f"{action.door or action.action} {what}, {action.outcome}"
