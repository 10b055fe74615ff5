"""Users with secrets work side by side, so that their secrets pass every part of the platform that they can pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from contamination.secrets import RunSecrets
from isolation.drive.engine import Ask
from isolation.drive.tenants import TenantAgent
from isolation.record import Operation
from isolation.record.markers import SecretKind
from robot_support import run as runs

MOST_WITNESSES = 10
"""How many users listen to themselves over a second session."""
_PATIENCE = 30.0
Arguments = Callable[[TenantAgent], dict[str, object]]


def second_sessions(agents: Sequence[TenantAgent]) -> list[TenantAgent]:
    """The same users once more: events of one session are reported to the other."""
    return [replace(agent, name=f"{agent.name}.second") for agent in agents[:MOST_WITNESSES]]


def save_secrets(agents: Sequence[TenantAgent], secrets: RunSecrets) -> list[Operation]:
    """Every user puts its ten texts and two numbers into every kind of state, its agent's memory and the answer cache."""
    texts, kinds = secrets.texts, SecretKind
    steps: list[tuple[str, Arguments]] = [
        ("state_put", lambda a: {"scope": "profile", "key": "me", "value": _profile(a, secrets)}),
        (
            "state_put",
            lambda a: {"scope": "preference", "key": "plan", "value": texts(a, kinds.STRATEGY, kinds.CONTACT)},
        ),
        ("state_put", lambda a: {"scope": "context", "key": "topic", "value": texts(a, kinds.FORECAST, kinds.PROJECT)}),
        ("history_append", lambda a: {"thread": "main", "entry": texts(a, kinds.CONTRACT, kinds.DOCUMENT)}),
        ("remember", lambda a: {"text": f"Our metric is {secrets.of(a).markers[kinds.METRIC]}"}),
        ("ask", lambda a: {"question": f"What about {secrets.of(a).markers[kinds.NOTE]}?"}),
        ("state_get", lambda a: {"scope": "preference", "key": "plan"}),
        ("history_read", lambda a: {"thread": "main"}),
        ("recall", lambda a: {}),
    ]
    return [operation for kind, arguments in steps for operation in ask_everybody(agents, kind, arguments)]


def provoke_errors(agents: Sequence[TenantAgent], secrets: RunSecrets) -> list[Operation]:
    """Every user makes mistakes with secrets in them: an error text may not carry them to anybody else."""
    steps: list[tuple[str, Arguments]] = [
        ("state_get", lambda agent: {"scope": "context", "key": secrets.extra(agent, 6)}),
        ("agent_get", lambda agent: {"agent": secrets.extra(agent, 7)}),
        ("cancel", lambda agent: {"target": secrets.extra(agent, 8)}),
    ]
    return [operation for kind, arguments in steps for operation in ask_everybody(agents, kind, arguments)]


def answer_reports(agents: Sequence[TenantAgent], secrets: RunSecrets, answers: int) -> list[Operation]:
    """All users ask for reports at the same time; each answer carries all secrets of its user, and one of its own.

    Args:
        agents: Who asks.
        secrets: The secrets of the run.
        answers: How many answers there should be at least, of all users together.
    """
    rounds = math.ceil(answers / len(agents))
    operations: list[Operation] = []
    for start in range(0, rounds, 10):
        asks = [
            Ask(agent.name, "report", {"text": secrets.extra(agent, 100 + number)})
            for number in range(start, min(start + 10, rounds))
            for agent in agents
        ]
        operations += runs.current().engine.call("ask", asks, _PATIENCE, timeout=_PATIENCE + 15)
    return operations


def _profile(agent: TenantAgent, secrets: RunSecrets) -> dict[str, object]:
    return {**secrets.texts(agent, SecretKind.COMPANY, SecretKind.API_KEY), **secrets.numbers_of(agent)}


def ask_everybody(agents: Sequence[TenantAgent], kind: str, arguments: Arguments) -> list[Operation]:
    """Everybody asks for the same thing at once, with own arguments; a request that the target lacks is left out."""
    run = runs.current()
    if kind not in run.target.requests:
        return []
    asks = [Ask(agent.name, kind, arguments(agent)) for agent in agents]
    operations: list[Operation] = run.engine.call("ask", asks, _PATIENCE, timeout=_PATIENCE + 15)
    return operations
