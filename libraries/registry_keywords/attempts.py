"""Trying doors: what must be refused, and the allowed twin of each refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from isolation.drive.load.engine import Request
from isolation.drive.platform.tenants import TenantAgent
from isolation.judge.access.doors import judge_denials, judge_oracle, judge_twins
from isolation.record import Measurement
from isolation.record.asked import RequestRecord
from isolation.record.probes import DoorProbe, Expected, Relation
from registry_keywords.scene import ask


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request at one door.

    Attributes:
        caller: Who asks.
        owner: Whose thing it is about.
        kind: What is asked for.
        arguments: The arguments.
        expected: What the door should do.
        unknown: Whether it names a thing that does not exist.
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


def unknown_like(thing: str) -> str:
    """An id of the same form and length that was never given to anybody: the second half turned round."""
    half = len(thing) // 2
    return thing[:half] + thing[half:][::-1]


def allowed(caller: TenantAgent, kind: str, /, **arguments: object) -> Attempt:
    """The owner's own request: a twin that shows that the operation works."""
    return Attempt(caller, caller, kind, dict(arguments), Expected.ALLOW)


def try_all(attempts: Sequence[Attempt], part: str) -> list[tuple[Attempt, RequestRecord]]:
    """Make all attempts at the same time.

    Args:
        attempts: What to try.
        part: Under which name they are kept.
    """
    asked = ask([Request(one.caller.name, one.kind, one.arguments) for one in attempts], part)
    return list(zip(attempts, asked, strict=True))


def probes(
    tried: Sequence[tuple[Attempt, RequestRecord]], intact: Callable[[Attempt], bool | None] = lambda _: None
) -> list[DoorProbe]:
    """What became of attempts, for the judge of doors.

    Args:
        tried: The attempts.
        intact: Whether the thing that a forbidden attempt was about was looked at afterwards and found untouched.
    """
    return [
        DoorProbe(
            operation=attempt.kind,
            owner=attempt.owner.name,
            caller=attempt.caller.name,
            relation=attempt.relation,
            expected=attempt.expected,
            outcome=asked.operation.outcome,
            code=asked.operation.code,
            reply_length=0,
            seconds=asked.operation.latency or 0.0,
            effect_verified=intact(attempt) if attempt.expected is Expected.DENY else None,
        )
        for attempt, asked in tried
    ]


def judge_attempts(promise: str, found: Sequence[DoorProbe]) -> list[Measurement]:
    """Denials, their allowed twins, and whether refusals tell foreign things from unknown ones."""
    judged = [judge_denials(promise, found), judge_twins(promise, found)]
    if any(probe.relation is Relation.UNKNOWN_ID for probe in found):
        judged.append(judge_oracle(promise, found))
    return judged
