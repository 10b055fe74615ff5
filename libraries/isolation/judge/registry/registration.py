"""Agents keep the context they were registered with, are found by user and thread, and are removed completely (AR-5 to AR-8)."""

from __future__ import annotations

from isolation.judge.access.attempts import judge_attempts
from isolation.judge.rules.facts import judge_facts
from isolation.record import Measurement
from isolation.record.limits import Limits
from isolation.record.registry.registration import RegistrationRecord


def judge_contexts(promise: str, record: RegistrationRecord, limits: Limits) -> list[Measurement]:
    """Every agent is made, shown and at work for its own user, in its type and thread."""
    return [judge_facts(promise, "agents with a wrong context", record.contexts)]


def judge_lookups(promise: str, record: RegistrationRecord, limits: Limits) -> list[Measurement]:
    """An agent is found by its user in its thread, and by nobody and nowhere else."""
    return judge_attempts(promise, record.lookups, limits)


def judge_threads(promise: str, record: RegistrationRecord, limits: Limits) -> list[Measurement]:
    """Work in a thread is done by its agents, and a list of a thread shows them only."""
    return [judge_facts(promise, "agents found in a thread that is not theirs", record.threads)]


def judge_lifecycle(promise: str, record: RegistrationRecord, limits: Limits) -> list[Measurement]:
    """Every step in the life of an agent did what it should."""
    return [judge_facts(promise, "steps of a life that went wrong", record.lifecycle)]


def judge_first_requests(promise: str, record: RegistrationRecord, limits: Limits) -> list[Measurement]:
    """Many first requests in a new thread at the same time made one agent."""
    return [judge_facts(promise, "users with more than one agent for one thread", record.first_requests)]
