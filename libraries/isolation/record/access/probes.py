"""One attempt at a door of the target: a request for somebody's thing, or a handshake with some credential."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from isolation.record.traffic.operations import Outcome


class Relation(StrEnum):
    """What the caller is to the owner of the thing."""

    SELF = "self"
    SAME_TENANT = "same tenant"
    FOREIGN = "foreign"
    NO_TOKEN = "no token"
    UNKNOWN_ID = "unknown id"
    """The thing does not exist; the caller is somebody who would be refused if it did."""
    SIMILAR_ID = "similar id"
    """An id that is counted up from another one, or that a careless comparison takes for it."""


MADE_ANEW = "made a new one"
"""The code of a request for a thing of nobody that made one for its caller: it is no refusal, and nothing is compared with it."""


class Expected(StrEnum):
    """What the door should do."""

    ALLOW = "allow"
    DENY = "deny"


class Rule(StrEnum):
    """What every interface to things should keep."""

    AFTER_REMOVAL = "after its removal"
    AFTER_FAILURE = "after a failed creation"
    OTHER_PLACE = "in another thread"
    SAME_NAME = "under the same name"
    COUNTS = "in lists and counts"
    SUBSCRIPTIONS = "by subscription"
    OFF_BOARDING = "after its tenant was removed"


@dataclass(frozen=True, slots=True)
class DoorProbe:
    """One attempt at one door.

    Attributes:
        operation: What was asked, such as ``state_get``.
        owner: Whose thing was asked for (a tenant).
        caller: Which tenant asked, or empty without a token.
        relation: What the caller is to the owner.
        expected: What the door should do.
        outcome: What became of it; a handshake that was refused is REFUSED.
        code: The error code, or empty.
        reply_length: Length of the reply in bytes.
        seconds: From sending to the reply.
        effect_verified: Whether what should (allow) or should not (deny) have changed was looked at afterwards and
            found right; None for operations that change nothing or when nobody looked.
        reply_looks: Fingerprint of the reply without what must differ, or empty when nobody took it.
        rule: The rule that it tries, or empty: see ``Rule``.
    """

    operation: str
    owner: str
    caller: str
    relation: Relation
    expected: Expected
    outcome: Outcome
    code: str
    reply_length: int
    seconds: float
    effect_verified: bool | None = None
    reply_looks: str = ""
    rule: str = ""

    @property
    def words(self) -> str:
        """Such as ``state_get of 'acme-01' by 'acme-02' (foreign)``."""
        return f"{self.operation} of '{self.owner}' by '{self.caller or 'nobody'}' ({self.relation})"


@dataclass(frozen=True, slots=True)
class CredentialProbe:
    """One token that was tried.

    Attributes:
        abuse: What is wrong with it, such as ``expired`` or ``algorithm none``; never the token itself.
        tenant: Whom the token claims to be of.
        bad: How the bad token ended: REFUSED is right, also for a session that was closed when its token expired.
        twin: How the good twin ended: ANSWERED is right.
        group: What kind of abuse it is: ``time``, ``signature``, ``identity``, ``key`` or ``logout``.
        reply: What a refusal looked like from outside, such as ``HTTP 401, 27 bytes``; empty without a refusal.
    """

    abuse: str
    tenant: str
    bad: Outcome
    twin: Outcome
    group: str = ""
    reply: str = ""
