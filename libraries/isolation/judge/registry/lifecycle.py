"""Whether agents belong to one user for ever, live as they are told, and leave nothing behind (AR-1 to AR-21).

Principle: a history of registry actions with their begin and end is held against what any correct registry could have
shown. *Ownership*: an agent id belongs to one user for all time. *Nothing survives*: after a removal has completed,
no door answers for that agent. *Lists*: a list must hold every agent of the user whose creation had completed before
the list began, unless a removal had begun before the list ended; it must not hold one whose removal had completed
before the list began, whose creation began after the list ended, or that this user never created. That is the part of
linearisability (Herlihy and Wing, 1990) that one list can break alone; two lists that contradict each other only
together are not found.

Assumption: the history is complete for the users concerned, agents that the target makes by itself included. An action
that got no reply may have happened at any time from its begin on, so it excuses and never accuses.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from isolation.judge.rules.limit_units import bytes_as
from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, zero
from isolation.record import Limit, Measurement, Outcome
from isolation.record.registry.actions import Action, RegistryAction


def judge_ownership(promise: str, history: Sequence[RegistryAction]) -> Measurement:
    """Every agent id belongs to one user for all time.

    Args:
        history: All answered actions that name an agent, lists included.

    Returns:
        The number of agent ids that more than one user was given or shown, which must be zero. FAIL when creations were
        answered without saying which agent was made: what no answer names is no evidence, whatever else shows agents.
    """
    metric, limit = "agents that belong to more than one user", zero(f"promise {promise}: one owner for all time")
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for action in history:
        if action.outcome is Outcome.ANSWERED:
            for agent in (action.agent, *action.listed):
                if agent:
                    owners[agent][action.user] = action.tenant
    made = [a for a in history if a.action is Action.CREATE and a.outcome is Outcome.ANSWERED]
    unnamed = sum(not a.agent for a in made)
    if unnamed or not owners:
        claim = f"{unnamed} of {plural(len(made), 'answered creation')} named no agent" if unnamed else ""
        return no_evidence(promise, metric, limit, claim or "No answer named an agent")
    shared = {agent: users for agent, users in owners.items() if len(users) > 1}
    claim = f"{plural(len(owners), 'agent')} belonged to one user each"
    if shared:
        agent, users = next(iter(shared.items()))
        claim = f"{len(shared)} of {plural(len(owners), 'agent')} had more than one user: '{agent}' {names(users)}"
    tenants = dict.fromkeys(tenant for users in shared.values() for tenant in users.values())
    return judged(promise, metric, float(len(shared)), limit, len(owners), claim, tenants=tenants)


def judge_nothing_survives(promise: str, history: Sequence[RegistryAction]) -> Measurement:
    """After its removal, no door answers for an agent.

    Args:
        history: The whole history, with requests for removed agents by every door.

    Returns:
        The number of answers for removed agents, which must be zero; FAIL without a removal, INCONCLUSIVE when nobody
        asked for a removed agent afterwards.
    """
    metric, limit = "answers for removed agents", zero(f"promise {promise}: removed is removed")
    removed = _first_removals(history)
    if not removed:
        return no_evidence(promise, metric, limit, "No agent was removed")
    later = [
        (a, agent)
        for a in history
        for agent in ((a.agent,) if a.action in (Action.USE, Action.REMOVE) else a.listed)
        if agent in removed and a.began_at > removed[agent]
    ]
    asked = [a for a in history if a.action is Action.USE and a.began_at > removed.get(a.agent, math.inf)]
    alive = [(a, agent) for a, agent in later if a.outcome is Outcome.ANSWERED]
    if alive:
        first, agent = alive[0]
        since = first.began_at - removed[agent]
        claim = (
            f"{plural(len(alive), 'answer')} came for removed agents: '{agent}' of '{first.user}' was answered by "
            f"'{first.door or first.action}' {amount(since, 's')} after its removal"
        )
        tenants = dict.fromkeys(a.tenant for a, _ in alive)
        return judged(promise, metric, float(len(alive)), limit, max(1, len(asked)), claim, tenants=tenants)
    doors = len({a.door or a.action for a in asked})
    if not asked:
        claim = f"{plural(len(removed), 'agent')} were removed, and nobody asked for one of them afterwards"
        return inconclusive(promise, metric, limit, claim)
    claim = f"None of {plural(len(asked), 'request')} by {plural(doors, 'door')} for removed agents was answered"
    return judged(promise, metric, 0.0, limit, len(asked), claim)


def _first_removals(history: Sequence[RegistryAction]) -> dict[str, float]:
    """When each agent was removed: by the first removal, for a second one that is answered is an answer after it."""
    removed: dict[str, float] = {}
    for action in history:
        if action.action is Action.REMOVE and action.outcome is Outcome.ANSWERED and action.ended_at is not None:
            removed[action.agent] = min(action.ended_at, removed.get(action.agent, math.inf))
    return removed


def judge_lists(promise: str, history: Sequence[RegistryAction]) -> Measurement:
    """Every list shows what a correct registry could have shown at some moment while the list was made.

    Args:
        history: All creations, removals and lists of the users concerned, concurrent ones too.

    Returns:
        The number of agents that a list missed or should not have shown, which must be zero; FAIL without a list.
    """
    metric, limit = "impossible lists of agents", zero(f"promise {promise}: a registry of its own")
    lists = [a for a in history if a.action is Action.LIST and a.outcome is Outcome.ANSWERED and a.ended_at is not None]
    if not lists:
        return no_evidence(promise, metric, limit, "No list of agents was answered")
    lives = _lives(history)
    if not lives:
        return no_evidence(
            promise, metric, limit, f"No agent was known to exist when {plural(len(lists), 'list')} were made"
        )
    faults = [fault for shown in lists for fault in _list_faults(shown, lives)]
    claim = f"{plural(len(lists), 'list')} of {plural(len(lives), 'agent')} showed what they had to"
    if faults:
        claim = f"{plural(len(faults), 'fault')} in {plural(len(lists), 'list')}: {'; '.join(w for w, _ in faults[:3])}"
    tenants = dict.fromkeys(tenant for _, tenant in faults)
    return judged(promise, metric, float(len(faults)), limit, len(lists), claim, tenants=tenants)


def judge_memory_growth(
    promise: str, before: int | None, after: int | None, operations: int, growth: Limit, per_operation: Limit
) -> list[Measurement]:
    """Memory may grow only so much over a scenario and per agent operation.

    Args:
        before: Memory of the platform before, in bytes; None when it could not be read.
        after: The same afterwards.
        operations: How many agent operations lay between.
        growth: Largest growth of the scenario.
        per_operation: Largest growth per operation.

    Returns:
        Both measurements; INCONCLUSIVE when memory could not be read, FAIL without an operation.
    """
    metrics = (("memory growth", growth, 1), ("memory growth per operation", per_operation, operations))
    if operations == 0:
        return [no_evidence(promise, metric, limit, "No operation was made") for metric, limit, _ in metrics]
    if before is None or after is None:
        return [inconclusive(promise, m, limit, "The platform's memory could not be read") for m, limit, _ in metrics]
    found = []
    for metric, limit, divisor in metrics:
        value = bytes_as((after - before) / divisor, limit.unit)
        claim = f"The platform grew by {amount(value, limit.unit)}{' each' if divisor > 1 else ''}"
        claim += f" in {plural(operations, 'operation')}"
        found.append(judged(promise, metric, value, limit, operations, claim))
    return found


@dataclass(frozen=True, slots=True)
class Release:
    """How many of one kind of thing there were before, at most, and after; None is what could not be read."""

    things: str
    before: float | None
    peak: float | None
    after: float | None


def judge_released(promise: str, releases: Sequence[Release], limit: Limit) -> list[Measurement]:
    """Most of what a scenario took must be released again.

    Args:
        releases: One per kind of thing (processes, handles, connections, memory).
        limit: Smallest share of what was taken, in per cent.

    Returns:
        One share per kind; INCONCLUSIVE when nothing was taken or it could not be read. Exact counts per cycle are
        judged by `isolation.judge.leaks.memory_growth.judge_cycles`.
    """
    if not releases:
        return [no_evidence(promise, "resources released", limit, "Nothing was counted")]
    return [_released(promise, release, limit) for release in releases]


def _released(promise: str, release: Release, limit: Limit) -> Measurement:
    metric = f"{release.things} released"
    before, peak, after = release.before, release.peak, release.after
    if before is None or peak is None or after is None:
        return inconclusive(promise, metric, limit, f"The {release.things} could not be read")
    if peak <= before:
        return inconclusive(
            promise, metric, limit, f"No {release.things} were taken ({amount(before)} before and at most)"
        )
    share = 100.0 * (peak - after) / (peak - before)
    claim = (
        f"{amount(share, '%')} of the {release.things} were released "
        f"({amount(before)} before, {amount(peak)} at most, {amount(after)} after)"
    )
    return judged(promise, metric, share, limit, 3, claim)


@dataclass(slots=True)
class _Life:
    """When one agent may, and must, have existed."""

    user: str
    create_began: float = math.inf
    create_ended: float = math.inf
    remove_began: float = math.inf
    remove_ended: float = math.inf


def _lives(history: Sequence[RegistryAction]) -> dict[str, _Life]:
    lives: dict[str, _Life] = {}
    for a in history:
        if a.action is not Action.CREATE or not a.agent:
            continue
        life = lives.setdefault(a.agent, _Life(a.user))
        life.create_began = min(life.create_began, a.began_at)
        if a.outcome is Outcome.ANSWERED and a.ended_at is not None:
            life.create_ended = min(life.create_ended, a.ended_at)
    for a in history:
        owned = lives.get(a.agent)
        if a.action is not Action.REMOVE or a.outcome is Outcome.REFUSED or owned is None:
            continue
        owned.remove_began = min(owned.remove_began, a.began_at)
        if a.outcome is Outcome.ANSWERED and a.ended_at is not None:
            owned.remove_ended = min(owned.remove_ended, a.ended_at)
    return lives


def _list_faults(shown: RegistryAction, lives: dict[str, _Life]) -> list[tuple[str, str]]:
    """What is wrong with one list: sentences, each with the tenant that asked."""
    end = math.inf if shown.ended_at is None else shown.ended_at
    faults = []
    for agent, life in lives.items():
        must = life.user == shown.user and life.create_ended < shown.began_at and life.remove_began > end
        if must and agent not in shown.listed:
            faults.append(f"'{shown.user}' was not shown its agent '{agent}'")
    for agent in shown.listed:
        known = lives.get(agent)
        if known is None:
            faults.append(f"'{shown.user}' was shown '{agent}', which nobody created")
        elif known.user != shown.user:
            faults.append(f"'{shown.user}' was shown '{agent}' of '{known.user}'")
        elif known.remove_ended < shown.began_at:
            faults.append(f"'{shown.user}' was shown '{agent}' after its removal")
        elif known.create_began > end:
            faults.append(f"'{shown.user}' was shown '{agent}' before its creation")
    if len(set(shown.listed)) < len(shown.listed):
        faults.append(f"'{shown.user}' was shown an agent twice")
    return [(fault, shown.tenant) for fault in faults]
