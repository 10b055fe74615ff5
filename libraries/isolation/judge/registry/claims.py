"""Claims that hold for every experiment on the registry, judged from its record."""

from __future__ import annotations

from isolation.judge.registry.lifecycle import judge_lists, judge_nothing_survives, judge_ownership
from isolation.judge.registry.linearity import judge_linearisable
from isolation.judge.traffic.event_order import judge_event_order
from isolation.judge.traffic.routing import judge_routing
from isolation.judge.traffic.served import judge_served
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.base import RegistryRecord
from isolation.target.words import Code


def judge_requests_answered(
    promise: str, record: RegistryRecord, limits: Limits, *, requests: str
) -> list[Measurement]:
    """The promised share of the requests of one part of the experiment was answered."""
    occasion = f"in '{requests}'"
    return [
        judge_served(promise, f"requests answered ({requests})", record.part(requests), limits["success"], occasion)
    ]


def judge_one_owner(promise: str, record: RegistryRecord, limits: Limits) -> list[Measurement]:
    """Every agent that anybody was given or shown belongs to one user for all time."""
    return [judge_ownership(promise, record.history)]


def judge_own_lists(promise: str, record: RegistryRecord, limits: Limits) -> list[Measurement]:
    """Every whole list showed exactly the agents of the user who asked."""
    return [judge_lists(promise, [action for action in record.history if not action.thread])]


def judge_removed_agents(promise: str, record: RegistryRecord, limits: Limits) -> list[Measurement]:
    """No interface knows a removed agent any more."""
    return [judge_nothing_survives(promise, record.history)]


def judge_one_order(promise: str, record: RegistryRecord, limits: Limits, *, requests: str) -> list[Measurement]:
    """For every user there is one order of its requests in which each answer is right."""
    return [judge_linearisable(promise, [a for a in record.history if a.part == requests], (Code.ABSENT,))]


def judge_events_at_home(promise: str, record: RegistryRecord, limits: Limits) -> list[Measurement]:
    """Every event reached exactly the session that asked, once and in order."""
    limit, once = limits["routing"], record.work_kinds
    return judge_routing(promise, record.operations, record.events, record.final_kinds, once, limit, record.due)


def judge_events_complete(promise: str, record: RegistryRecord, limits: Limits, *, requests: str) -> list[Measurement]:
    """Every answered request of one part had all of its events, each once, in the promised order."""
    return [judge_event_order(promise, record.part(requests), record.events, record.work_kinds)]
