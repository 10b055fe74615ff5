"""Users with secrets work side by side, so that their secrets pass every part of the platform that they can pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from contamination.secrets import RunSecrets
from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation
from isolation.record.markers import SecretKind
from robot_support import run as runs
from robot_support.many_users import answer_within

MOST_WITNESSES = 10
"""How many users listen to themselves over a second session."""
_SHORT_PATIENCE = 2.0
"""Seconds to wait for answers when most of those before never came: a broken platform is searched all the same."""
_ROUNDS_AT_ONCE = 4
Arguments = Callable[[TenantAgent], dict[str, object]]


def second_sessions(agents: Sequence[TenantAgent]) -> list[TenantAgent]:
    """The same users once more: events of one session are reported to the other."""
    return [replace(agent, name=f"{agent.name}.second") for agent in agents[:MOST_WITNESSES]]


class SecretWork:
    """What some users do with their secrets, all at the same time, one step after the other."""

    def __init__(self, agents: Sequence[TenantAgent], secrets: RunSecrets) -> None:
        """Take who works and what they have."""
        self._agents = agents
        self._secrets = secrets
        self._patience = answer_within()

    def save(self) -> list[Operation]:
        """Every user puts its ten texts and two numbers into every kind of state, the agent's memory and the cache."""
        secrets, texts, kinds = self._secrets, self._secrets.texts, SecretKind
        steps: list[tuple[str, Arguments]] = [
            ("state_put", lambda a: {"scope": "profile", "key": "me", "value": _profile(a, secrets)}),
            ("state_put", lambda a: _document("preference", texts(a, kinds.STRATEGY, kinds.CONTACT))),
            ("state_put", lambda a: _document("context", texts(a, kinds.FORECAST, kinds.PROJECT))),
            ("history_append", lambda a: {"thread": "main", "entry": texts(a, kinds.CONTRACT, kinds.DOCUMENT)}),
            ("remember", lambda a: {"text": f"Our metric is {secrets.of(a).markers[kinds.METRIC]}"}),
            ("ask", lambda a: {"question": f"What about {secrets.of(a).markers[kinds.NOTE]}?"}),
            ("state_get", lambda _: {"scope": "preference", "key": "plan"}),
            ("history_read", lambda _: {"thread": "main"}),
            ("recall", lambda _: {}),
        ]
        return [operation for kind, arguments in steps for operation in self.ask(kind, arguments)]

    def provoke_errors(self) -> list[Operation]:
        """Every user makes mistakes with secrets in them: an error text may not carry them to anybody else."""
        extra = self._secrets.extra
        steps: list[tuple[str, Arguments]] = [
            ("state_get", lambda agent: {"scope": "context", "key": extra(agent, 6)}),
            ("agent_get", lambda agent: {"agent": extra(agent, 7)}),
            ("cancel", lambda agent: {"target": extra(agent, 8)}),
        ]
        return [operation for kind, arguments in steps for operation in self.ask(kind, arguments)]

    def reports(self, answers: int) -> list[Operation]:
        """All users ask for reports; each answer carries secrets of its user, and one of its own.

        Args:
            answers: How many answers there should be at least, of all users together.
        """
        rounds = math.ceil(answers / len(self._agents))
        operations: list[Operation] = []
        for start in range(0, rounds, _ROUNDS_AT_ONCE):
            numbers = range(start, min(start + _ROUNDS_AT_ONCE, rounds))
            requests = [
                Request(agent.name, "report", {"text": self._secrets.extra(agent, 100 + number)})
                for number in numbers
                for agent in self._agents
            ]
            operations += self._ask(requests)
        return operations

    def ask(self, kind: str, arguments: Arguments, most: int | None = None) -> list[Operation]:
        """Everybody, or the first few, ask for the same at once; a request that the target lacks is left out."""
        if kind not in runs.current().target.requests:
            return []
        return self._ask([Request(agent.name, kind, arguments(agent)) for agent in self._agents[:most]])

    def _ask(self, requests: list[Request]) -> list[Operation]:
        operations: list[Operation] = runs.current().engine.call(
            "ask", requests, self._patience, timeout=self._patience + 15
        )
        ended = sum(operation.completed_at is not None for operation in operations)
        if ended < len(operations) / 2:
            self._patience = _SHORT_PATIENCE
        return operations


def _document(scope: str, value: dict[str, object]) -> dict[str, object]:
    return {"scope": scope, "key": "plan", "value": value}


def _profile(agent: TenantAgent, secrets: RunSecrets) -> dict[str, object]:
    return {**secrets.texts(agent, SecretKind.COMPANY, SecretKind.API_KEY), **secrets.numbers_of(agent)}
