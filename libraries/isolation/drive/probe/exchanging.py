"""Requests whose answers have to give back what was asked: the own text, and no other user's."""

from __future__ import annotations

import itertools

from isolation.drive.probe.callers import Caller
from isolation.record import Operation
from isolation.record.traffic.exchanges import Exchange
from isolation.target.arguments import ARGUMENTS
from isolation.target.placeholders import names_in
from isolation.target.words import Kept, RequestKind

_NUMBERS = itertools.count(7_300_001)


def next_id(caller: Caller) -> str:
    """An id that no other request of this process has, in the form that the target takes."""
    number = next(_NUMBERS)
    correlation = caller.target.correlation
    integers = correlation is not None and correlation.ids == "integer"
    return str(number) if integers else f"c.{caller.person.name}.{number}"


def offers(caller: Caller, kind: str) -> bool:
    """Whether the target has a request."""
    return kind in caller.target.requests


def takes(caller: Caller, kind: RequestKind, word: str) -> bool:
    """Whether a request carries a word: only what was sent can come back. An adapter takes what the suite can give."""
    if caller.target.adapter is not None:
        return word in ARGUMENTS.get(kind, frozenset())
    return word in names_in(caller.target.requests[kind].model_dump())


async def echo(caller: Caller, occasion: str, text: str) -> Exchange:
    """Ask for a report that gives the text back."""
    sent = text if takes(caller, RequestKind.REPORT, "text") else ""
    return await _asked(caller, occasion, RequestKind.REPORT, {"text": text}, sent)


async def question(caller: Caller, occasion: str, text: str) -> Exchange:
    """Ask a question."""
    return await _asked(caller, occasion, RequestKind.ASK, {"question": text}, text)


async def _asked(caller: Caller, occasion: str, kind: str, arguments: dict[str, object], text: str) -> Exchange:
    return exchange_of(occasion, await caller.request(kind, arguments), text)


def exchange_of(occasion: str, operation: Operation, text: str) -> Exchange:
    """What became of a request that carried a text, or none."""
    result = operation.kept
    seconds = operation.completed_at - (operation.sent_at or 0.0) if operation.completed_at is not None else 0.0
    answer = " ".join(str(result[name]) for name in (Kept.ECHO, Kept.ANSWER, Kept.USER) if name in result)
    user = result.get(Kept.USER, operation.user)
    return Exchange(
        occasion=occasion,
        tenant=operation.tenant,
        user=operation.user,
        session=operation.session,
        outcome=operation.outcome,
        seconds=seconds,
        ended_at=operation.completed_at,
        own=not operation.answered or (text in answer and user == operation.user),
        cached=bool(result.get(Kept.CACHED)),
        correlation_id=operation.correlation_id,
        code=operation.code,
        taken_up=operation.accepted_at is not None,
        carried_a_text=bool(text),
        asked=text,
        answer=answer,
    )
