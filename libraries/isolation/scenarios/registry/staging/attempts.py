"""Trying interfaces: what must be refused, and beside each refusal a positive control, the same request by somebody who may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.record.access.probes import DoorProbe, Expected, Relation
from isolation.record.traffic.asked import RequestRecord
from isolation.scenarios.registry.staging.stage import Stage
from isolation.target.agent_terms import kept
from isolation.target.words import Kept, RequestKind


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request at one interface.

    Attributes:
        caller: Who asks.
        owner: Whose resource it is about.
        kind: What is asked for.
        expected: What should become of it.
        unknown: Whether it names something that does not exist.
    """

    caller: TenantAgent
    owner: TenantAgent
    kind: str
    arguments: dict[str, object] = field(default_factory=dict)
    expected: Expected = Expected.DENY
    unknown: bool = False

    @property
    def relation(self) -> Relation:
        """What the caller is to the owner."""
        if self.unknown:
            return Relation.UNKNOWN_ID
        if self.caller.user_id == self.owner.user_id:
            return Relation.SELF
        return Relation.SAME_TENANT if self.caller.tenant_id == self.owner.tenant_id else Relation.FOREIGN


Tried = Sequence[tuple[Attempt, RequestRecord]]
Verified = Callable[[Attempt], bool | None]
"""Whether what an attempt was about was looked at afterwards and found as it has to be; None when nobody could look."""


def unknown_like(identifier: str) -> str:
    """An id of the same form and length that was never given to anybody: the second half turned round."""
    half = len(identifier) // 2
    return identifier[:half] + identifier[half:][::-1]


def allowed(caller: TenantAgent, kind: str, /, **arguments: object) -> Attempt:
    """The owner's own request: the positive control, which shows that the operation works."""
    return Attempt(caller, caller, kind, dict(arguments), Expected.ALLOW)


def try_all(stage: Stage, attempts: Sequence[Attempt], part: str) -> list[tuple[Attempt, RequestRecord]]:
    """Make all attempts that the target has requests for, at the same time."""
    offered = [one for one in attempts if one.kind in stage.api.target.requests]
    requests = stage.ask([Request(one.caller.name, one.kind, one.arguments) for one in offered], part)
    return list(zip(offered, requests, strict=True))


def probes(tried: Tried, intact: Verified = lambda _: None) -> list[DoorProbe]:
    """What became of attempts, for the judge of interfaces.

    Args:
        tried: The attempts.
        intact: Of a forbidden attempt: whether it had no effect.
    """
    return [
        DoorProbe(
            operation=attempt.kind,
            owner=attempt.owner.name,
            caller=attempt.caller.name,
            relation=attempt.relation,
            expected=attempt.expected,
            outcome=request.operation.outcome,
            code=request.operation.code,
            reply_length=0,
            seconds=request.operation.latency or 0.0,
            effect_verified=intact(attempt) if attempt.expected is Expected.DENY else shows_it(attempt, request),
        )
        for attempt, request in tried
    ]


def shows_it(attempt: Attempt, request: RequestRecord) -> bool | None:
    """Whether an answer shows what was asked for; an empty answer is no positive control. None when it cannot be told."""
    if not request.operation.answered:
        return None
    said, agent = kept(request.operation), attempt.arguments.get(Kept.AGENT)
    if attempt.kind in (RequestKind.AGENT_GET, RequestKind.AGENT_RESET, RequestKind.AGENT_STOP) and agent:
        return said.get(Kept.AGENT) == agent
    if attempt.kind == RequestKind.EXECUTE and agent:
        return request.operation.agent == agent
    if attempt.kind == RequestKind.AGENT_LIST:
        return isinstance(said.get(Kept.AGENTS), list)
    if attempt.kind == RequestKind.STATE_GET:
        return Kept.VALUE in said
    if attempt.kind == RequestKind.HISTORY_READ:
        return isinstance(said.get(Kept.ENTRIES), list)
    return None
