"""Registries, states and rights are each user's own, and making many agents leaks nothing (AR-1 to AR-4)."""

from __future__ import annotations

from isolation.judge.access.attempts import judge_attempts
from isolation.judge.registry.memory_growth import judge_growth, judge_release
from isolation.judge.registry.multi_user import frames_without_foreign_secrets
from isolation.judge.rules.facts import judge_facts
from isolation.judge.rules.verdicts import inconclusive, some
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.user_isolation import UserIsolationRecord


def judge_foreign_agents(promise: str, record: UserIsolationRecord, limits: Limits) -> list[Measurement]:
    """Nobody looks up, lists or uses the agents of others."""
    return judge_attempts(promise, record.reaching, limits)


def judge_factory_growth(
    promise: str, record: UserIsolationRecord, limits: Limits, *, requests: str
) -> list[Measurement]:
    """Making, using and removing many agents leaks no memory."""
    answered = sum(operation.answered for operation in record.part(requests))
    return judge_growth(promise, record.before, record.after, answered, limits)


def judge_factory_release(promise: str, record: UserIsolationRecord, limits: Limits) -> list[Measurement]:
    """Most of what many agents took is released again; the goal is all."""
    return judge_release(promise, record.before, record.peak, record.after, limits["released"])


def judge_new_agents(promise: str, record: UserIsolationRecord, limits: Limits) -> list[Measurement]:
    """An agent that is made after others have gone remembers nothing."""
    return [judge_facts(promise, "new agents with memories of others", record.new_agents)]


def judge_states(promise: str, record: UserIsolationRecord, limits: Limits) -> list[Measurement]:
    """Every user read back its own data, and got no answer that was kept for somebody else."""
    found = [judge_facts(promise, "states that were not the user's own", record.states)]
    if record.own_cached == 0:
        limit = some(f"promise {promise}: the cache works")
        claim = "No user's own second answer came from the cache, so that no first one did proves nothing"
        found.append(inconclusive(promise, "own answers from the cache", limit, claim, control=True))
    return found


def judge_searched_frames(promise: str, record: UserIsolationRecord, limits: Limits) -> list[Measurement]:
    """No frame holds a secret of another user; own ones are found by the same search."""
    return [frames_without_foreign_secrets(promise, record.frames)]


def judge_roles(promise: str, record: UserIsolationRecord, limits: Limits) -> list[Measurement]:
    """Every role can do exactly what it may, whatever the request claims."""
    return judge_attempts(promise, record.roles, limits)
