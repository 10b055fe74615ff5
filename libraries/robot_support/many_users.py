"""What all cases with many users share: how many, how long to wait, and limits that the environment replaces."""

from __future__ import annotations

from isolation.drive.load.engine import Request
from isolation.record import Limit, Operation
from robot_support import run as runs

HANDSHAKE_WITHIN = 10.0
"""Seconds for one handshake, the limit of CS-1."""
_ANSWER_WITHIN = 30.0
_LONGEST_CASE = 180.0


def user_count() -> int:
    """How many users there are: ``CONCURRENT_TEST_USERS``, or what the profile says."""
    run = runs.current()
    return run.variables.users or run.profile.startup.users


def answer_within() -> float:
    """Seconds to wait for answers, by the environment variables when they are set."""
    variables = runs.current().variables
    return min(variables.startup_timeout_seconds or _ANSWER_WITHIN, variables.timeout_seconds or _LONGEST_CASE)


def ask_at_once(requests: list[Request], within: float) -> list[Operation]:
    """Make requests at the same instant and wait for their ends.

    Args:
        requests: The requests.
        within: Seconds to wait.
    """
    operations: list[Operation] = runs.current().engine.call("ask", requests, within, timeout=within + 30)
    return operations


def limit_of(promise: str, name: str, stated: float | None, variable: float | None = None, called: str = "") -> Limit:
    """A limit of the catalogue; an environment variable wins over what the scenario states.

    Args:
        promise: Id of the promise.
        name: Name of the limit.
        stated: What the scenario states, or None.
        variable: What the environment variable says, or None.
        called: Name of the environment variable.
    """
    found = runs.current().catalogue[promise]
    if variable is not None:
        return found.limit(name, variable, f"environment variable {called}")
    return found.limit(name, stated)


def start_limit(promise: str, stated: float | None = None) -> Limit:
    """The longest start: ``MAX_AGENT_STARTUP_TIME``, else what the scenario states, else the catalogue."""
    milliseconds = runs.current().variables.max_startup_milliseconds
    seconds = milliseconds / 1000 if milliseconds is not None else None
    return limit_of(promise, "start", stated, seconds, "MAX_AGENT_STARTUP_TIME")
