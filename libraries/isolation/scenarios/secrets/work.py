"""Users with secrets work side by side, so that their secrets pass every part of the platform that they can pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation
from isolation.record.concurrent_startup.contamination import AnswerCheck
from isolation.record.secrets.markers import SecretKind
from isolation.scenarios.api import Api
from isolation.scenarios.concurrent_startup.given_back import given_back
from isolation.target.words import Kept, RequestKind

MOST_SECOND_SESSIONS = 10
"""How many users listen to themselves over a second session."""
_SHORT_PATIENCE_S = 2.0
"""Seconds to wait for answers when most of those before never came: a broken platform is searched all the same."""
_ROUNDS_AT_ONCE = 4
THREAD = "main"
Arguments = Callable[[TenantAgent], dict[str, object]]


def second_sessions(users: Sequence[TenantAgent]) -> list[TenantAgent]:
    """The same users once more: events of one session are reported to the other."""
    return [replace(user, name=f"{user.name}.second") for user in users[:MOST_SECOND_SESSIONS]]


class SecretWork:
    """What some users do with their secrets, all at the same time, one step after the other."""

    def __init__(self, api: Api, users: Sequence[TenantAgent]) -> None:
        """Take who works."""
        self._api = api
        self._users = users
        self._patience_s = api.answer_within_s
        self._sessions = {one.name: one.opening.session_id for one in api.openings if one.opening is not None}
        self.answers: list[AnswerCheck] = []
        """What every answer so far said of its asker."""

    def save(self) -> list[Operation]:
        """Every user puts its ten texts and two numbers into every kind of state, the agent's memory and the cache."""
        secrets, texts, kinds = self._api.secrets, self._api.secrets.texts, SecretKind
        steps: list[tuple[RequestKind, Arguments]] = [
            (RequestKind.STATE_PUT, lambda u: {"scope": "profile", "key": "me", "value": self._profile(u)}),
            (RequestKind.STATE_PUT, lambda u: _document("preference", texts(u, kinds.STRATEGY, kinds.CONTACT))),
            (RequestKind.STATE_PUT, lambda u: _document("context", texts(u, kinds.FORECAST, kinds.PROJECT))),
            (
                RequestKind.HISTORY_APPEND,
                lambda u: {"thread": THREAD, "entry": texts(u, kinds.CONTRACT, kinds.DOCUMENT)},
            ),
            (RequestKind.REMEMBER, lambda u: {"text": f"Our metric is {secrets.of(u).markers[kinds.METRIC]}"}),
            (RequestKind.ASK, lambda u: {"question": f"What about {secrets.of(u).markers[kinds.NOTE]}?"}),
            (RequestKind.STATE_GET, lambda _: {"scope": "preference", "key": "plan"}),
            (RequestKind.HISTORY_READ, lambda _: {"thread": THREAD}),
            (RequestKind.RECALL, lambda _: {}),
        ]
        return [operation for kind, arguments in steps for operation in self.ask(kind, arguments)]

    def provoke_errors(self) -> list[Operation]:
        """Every user makes mistakes with secrets in them: an error text may not carry them to anybody else."""
        extra = self._api.secrets.extra
        steps: list[tuple[RequestKind, Arguments]] = [
            (RequestKind.STATE_GET, lambda user: {"scope": "context", "key": extra(user, 6)}),
            (RequestKind.AGENT_GET, lambda user: {"agent": extra(user, 7)}),
            (RequestKind.CANCEL, lambda user: {"target": extra(user, 8)}),
        ]
        return [operation for kind, arguments in steps for operation in self.ask(kind, arguments)]

    def reports(self, answers: int) -> list[Operation]:
        """All users ask for reports; each answer carries secrets of its user, and one of its own.

        Args:
            answers: How many answers there should be at least, of all users together.
        """
        rounds = self._api.affordable(math.ceil(answers / len(self._users)), "carry secrets")
        operations: list[Operation] = []
        for start in range(0, rounds, _ROUNDS_AT_ONCE):
            numbers = range(start, min(start + _ROUNDS_AT_ONCE, rounds))
            requests = [
                Request(user.name, RequestKind.REPORT, {"text": self._api.secrets.extra(user, 100 + number)})
                for number in numbers
                for user in self._users
            ]
            operations += self._ask(requests)
        return operations

    def ask(self, kind: RequestKind, arguments: Arguments, most: int | None = None) -> list[Operation]:
        """Everybody, or the first few, ask for the same at once; a request that the target lacks is left out."""
        if kind not in self._api.target.requests:
            return []
        return self._ask([Request(user.name, kind, arguments(user)) for user in self._users[:most]])

    def _ask(self, requests: list[Request]) -> list[Operation]:
        operations = self._api.engine.ask(requests, self._patience_s)
        users = {user.name: user for user in self._users}
        self.answers += [
            check_answer(operation, users[request.tenant], self._sessions.get(request.tenant, ""), request.arguments)
            for request, operation in zip(requests, operations, strict=True)
            if operation.answered
        ]
        ended = sum(operation.completed_at is not None for operation in operations)
        if ended < len(operations) / 2:
            self._patience_s = _SHORT_PATIENCE_S
        return operations

    def _profile(self, user: TenantAgent) -> dict[str, object]:
        secrets = self._api.secrets
        own = {**secrets.texts(user, SecretKind.COMPANY, SecretKind.API_KEY), **secrets.numbers_of(user)}
        return {**own, "reference": secrets.control_credential}


def check_answer(operation: Operation, user: TenantAgent, session: str, arguments: Mapping[str, object]) -> AnswerCheck:
    """Compare everything that an answer says of its asker with the asker.

    Args:
        operation: The answered request.
        user: Who asked.
        session: The platform's own id of the session over which was asked; empty when it is not known.
        arguments: What the request carried.
    """
    text = arguments.get("text")
    own = {Kept.USER: user.user_id, Kept.TENANT: user.tenant_id, Kept.SESSION: session, Kept.ECHO: text}
    told = dict(operation.kept)
    if Kept.ECHO not in told and isinstance(text, str) and given_back(told, text) == text:
        told[Kept.ECHO] = text  # within an answer in words of the platform's own
    compared = tuple(word for word, value in own.items() if value and told.get(word) is not None)
    wrong = tuple(word for word in compared if told[word] != own[word])
    return AnswerCheck(operation.tenant, operation.kind, compared, wrong)


def _document(scope: str, value: dict[str, object]) -> dict[str, object]:
    return {"scope": scope, "key": "plan", "value": value}
