"""Reaching for what another user saved, by that user's id, and the same by the owner: the allowed twin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record import Operation
from isolation.record.probes import DoorProbe, Expected, Relation
from robot_support.saved_things import PREFERENCE, THREAD

_TAMPERED = "changed by somebody else"
_SCRATCH = "scratch"
_WRITES = ("state_put", "state_delete", "history_append")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that should be refused, or its allowed twin when caller and owner are the same."""

    caller: TenantAgent
    owner: TenantAgent
    ask: Request

    @property
    def relation(self) -> Relation:
        """What the caller is to the owner."""
        if self.caller is self.owner:
            return Relation.SELF
        return Relation.SAME_TENANT if self.caller.tenant_id == self.owner.tenant_id else Relation.FOREIGN


def attempts_on(caller: TenantAgent, owner: TenantAgent) -> list[Attempt]:
    """Everything that a user can try on the saved things of another one."""
    user = {"of": owner.user_id}
    requests = [
        Request(caller.name, "state_get", {"scope": PREFERENCE, "key": "theme", **user}),
        Request(caller.name, "state_list", {"scope": PREFERENCE, **user}),
        Request(caller.name, "history_read", {"thread": THREAD, **user}),
        Request(caller.name, "state_put", {"scope": PREFERENCE, "key": "theme", "value": _TAMPERED, **user}),
        Request(caller.name, "state_delete", {"scope": PREFERENCE, "key": "language", **user}),
        Request(caller.name, "history_append", {"thread": THREAD, "entry": _TAMPERED, **user}),
    ]
    return [Attempt(caller, owner, ask) for ask in requests]


def own_twins(agent: TenantAgent) -> list[Attempt]:
    """The same kinds of request by the owner, addressed by its own id; what is written is removed or lies apart."""
    user = {"of": agent.user_id}
    place = {"scope": PREFERENCE, "key": _SCRATCH, **user}
    requests = [
        Request(agent.name, "state_put", {**place, "value": "mine"}),
        Request(agent.name, "state_get", dict(place)),
        Request(agent.name, "state_list", {"scope": PREFERENCE, **user}),
        Request(agent.name, "state_delete", dict(place)),
        Request(agent.name, "history_append", {"thread": _SCRATCH, "entry": "mine", **user}),
        Request(agent.name, "history_read", {"thread": _SCRATCH, **user}),
    ]
    return [Attempt(agent, agent, ask) for ask in requests]


def probes_of(attempts: Sequence[Attempt], operations: Sequence[Operation], changed: set[str]) -> list[DoorProbe]:
    """Attempts and what became of them, for the judge of doors.

    Args:
        attempts: What was tried.
        operations: What became of each, in the same order.
        changed: Names of the users whose things were not as they had saved them afterwards.
    """
    return [_probe(attempt, operation, changed) for attempt, operation in zip(attempts, operations, strict=True)]


def _probe(attempt: Attempt, operation: Operation, changed: set[str]) -> DoorProbe:
    own = attempt.relation is Relation.SELF
    verified: bool | None = None
    if not own and attempt.ask.kind in _WRITES:
        verified = attempt.owner.name not in changed
    if own and operation.answered:
        verified = _had_effect(attempt.ask, operation)
    return DoorProbe(
        operation=attempt.ask.kind,
        owner=attempt.owner.name,
        caller=attempt.caller.name,
        relation=attempt.relation,
        expected=Expected.ALLOW if own else Expected.DENY,
        outcome=operation.outcome,
        code=operation.code,
        reply_length=0,
        seconds=operation.latency or 0.0,
        effect_verified=verified,
    )


def _had_effect(ask: Request, operation: Operation) -> bool | None:
    """Whether a reading twin shows what the writing twin before it wrote; the requests of a session are done in order."""
    result = operation.kept
    if ask.kind == "state_get":
        return result.get("value") == "mine"
    if ask.kind == "history_read":
        return result.get("entries") == ["mine"]
    return None
