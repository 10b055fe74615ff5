"""One request and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from isolation.record.saving import NOT_SAVED


class Outcome(StrEnum):
    """How an operation ended, from the caller's side."""

    ANSWERED = "answered"
    """A completing frame with the operation's own correlation id arrived."""
    REFUSED = "refused"
    """An error frame with the operation's own correlation id arrived."""
    TIMED_OUT = "timed out"
    """No completing frame arrived in time."""
    LOST = "lost"
    """The session closed before an answer arrived."""
    NOT_SENT = "not sent"
    """The request never left the suite; nothing is known about the target."""
    CANCELLED = "cancelled"
    """The caller cancelled it and the target confirmed with the operation's own correlation id."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of one tenant, with the times of its phases (seconds, monotonic clock).

    Attributes:
        tenant: Who asked.
        user: The user of that tenant who asked.
        session: The suite's own name of the WebSocket connection that carried the request.
        correlation_id: What ties the answer to the request.
        kind: The work asked for, in the target file's words, such as ``typical`` or ``state_get``.
        intended_at: When the load plan wanted the request to leave.
        sent_at: When it left, or None when it never did.
        accepted_at: When the first frame with its correlation id arrived (the target has started it).
        completed_at: When its completing, error or cancel frame arrived.
        code: The target's error code when refused, else empty.
        refusal: The same in the suite's words (``Code``), where the target file knows the code.
        agent: The agent instance that the answer names, else empty.
        block: The label of the load block that it belongs to, else empty.
        kept: What the target file keeps of the answer, in the suite's words (``Kept``).
        service_seconds: The target's own statement of how long the work took, where it makes one.
        given_id: The id that the target itself gave the request, where its frames carry that one.
    """

    tenant: str
    user: str
    session: str
    correlation_id: str
    kind: str
    intended_at: float
    sent_at: float | None = None
    accepted_at: float | None = None
    completed_at: float | None = None
    outcome: Outcome = Outcome.NOT_SENT
    code: str = ""
    refusal: str = ""
    agent: str = ""
    block: str = ""
    kept: dict[str, object] = field(default_factory=dict, metadata=NOT_SAVED)
    service_seconds: float | None = None
    given_id: str = ""

    @property
    def answered(self) -> bool:
        """Whether the request got its own answer."""
        return self.outcome is Outcome.ANSWERED

    @property
    def latency(self) -> float | None:
        """Seconds from the *intended* send time to the end, or None while there is no end."""
        return None if self.completed_at is None else self.completed_at - self.intended_at

    @property
    def lateness(self) -> float | None:
        """Seconds by which the suite itself sent later than it intended."""
        return None if self.sent_at is None else self.sent_at - self.intended_at
