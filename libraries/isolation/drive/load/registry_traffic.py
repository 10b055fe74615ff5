"""Random requests to the agent registry: several sessions of each user make, look up, use, list and remove the same agents.

What is asked depends on a seed and on which agents the user has been given so far, so that sessions of one user meet at the
same agents. Each session waits for its answer before it asks again; all sessions run side by side.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from isolation.drive.session.session import Session
from isolation.record import Operation
from isolation.record.traffic.asked import RequestRecord
from isolation.target.words import Kept, RequestKind

_CHOICES = (
    RequestKind.AGENT_CREATE,
    RequestKind.AGENT_GET,
    RequestKind.EXECUTE,
    RequestKind.AGENT_LIST,
    RequestKind.AGENT_REMOVE,
)
_WEIGHTS = (30, 20, 15, 20, 15)
_ANSWER_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class TrafficPlan:
    """What to run.

    Attributes:
        users: The names of the sessions of each user.
        operations: Requests of each session.
        types: Types of agent, in the platform's words.
        thread: The line of conversation in which they are made.
        seed: Makes the requests repeatable, as far as the platform answers alike.
    """

    users: tuple[tuple[str, ...], ...]
    operations: int
    types: tuple[str, ...]
    thread: str
    seed: int = 0


@dataclass(slots=True)
class _Known:
    """What the sessions of one user know of its agents."""

    alive: list[str] = field(default_factory=list)
    ever: list[str] = field(default_factory=list)


async def run_traffic(plan: TrafficPlan, sessions: dict[str, Session]) -> list[RequestRecord]:
    """Run all sessions of all users side by side.

    Args:
        plan: What to run.
        sessions: Open sessions by name.

    Returns:
        Every request with what became of it, session by session in the order of asking.
    """
    walks = []
    for names in plan.users:
        known = _Known()
        for name in names:
            rng = random.Random(f"{plan.seed} {name}")
            walks.append(_walk(plan, sessions[name], known, rng))
    return [asked for walk in await asyncio.gather(*walks) for asked in walk]


async def _walk(plan: TrafficPlan, session: Session, known: _Known, rng: random.Random) -> list[RequestRecord]:
    history: list[RequestRecord] = []
    for _ in range(plan.operations):
        kind, arguments = _choose(plan, known, rng)
        operation = await session.request(kind, arguments, _ANSWER_WITHIN)
        history.append(RequestRecord(arguments, operation))
        _learn(known, kind, operation)
    return history


def _choose(plan: TrafficPlan, known: _Known, rng: random.Random) -> tuple[str, dict[str, object]]:
    kind = rng.choices(_CHOICES, _WEIGHTS)[0]
    if kind == RequestKind.AGENT_LIST:
        return kind, {"thread": plan.thread}
    if kind == RequestKind.AGENT_REMOVE and known.alive:
        return kind, {"agent": known.alive.pop(rng.randrange(len(known.alive)))}
    if kind in (RequestKind.AGENT_GET, RequestKind.EXECUTE) and known.ever:
        named: dict[str, object] = {"agent": _one_of(known.ever, rng)}
        return kind, {**named, "work": RequestKind.NOOP} if kind == RequestKind.EXECUTE else named
    return RequestKind.AGENT_CREATE, {"agent_type": rng.choice(plan.types), "thread": plan.thread}


def _one_of(agents: Sequence[str], rng: random.Random) -> str:
    """Mostly one of the latest: those are the ones that other sessions ask about at the same time."""
    return rng.choice(agents[-4:])


def _learn(known: _Known, kind: str, operation: Operation) -> None:
    made = operation.kept.get(Kept.AGENT) if kind == RequestKind.AGENT_CREATE else None
    if isinstance(made, str):
        known.alive.append(made)
        known.ever.append(made)
