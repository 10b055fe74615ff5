"""What one user asked and got, where the content of the answer matters: after a cancellation, from a cache ..."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.saving import NOT_SAVED
from isolation.record.traffic.operations import Outcome


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that carries a text of its own, and its end.

    Attributes:
        occasion: Why it was made, such as ``cancelled`` or ``after a cancellation``.
        tenant: Who asked.
        user: The user of that tenant who asked.
        session: The suite's own name of the connection.
        seconds: From sending to the end; 0 without an end.
        ended_at: When it ended (seconds, monotonic clock), or None.
        own: Whether the answer holds the text of its own request, and names no other user; True without an answer.
        others: Other tenants of the experiment whose user the answer names.
        cached: Whether the target says that the answer came from a cache.
        correlation_id: What ties frames to the request.
        code: The target's own error code when it was refused.
        taken_up: Whether the target had begun with it.
        carried_a_text: Whether the request carried a text of its own, which its answer has to give back.
        asked: The text that the request carried.
        answer: The texts of the answer, joined; empty without an answer.
    """

    occasion: str
    tenant: str
    user: str
    session: str
    outcome: Outcome
    seconds: float = 0.0
    ended_at: float | None = None
    own: bool = True
    others: tuple[str, ...] = ()
    cached: bool = False
    correlation_id: str = ""
    code: str = ""
    taken_up: bool = False
    carried_a_text: bool = True
    asked: str = field(default="", metadata=NOT_SAVED)
    answer: str = field(default="", metadata=NOT_SAVED)


@dataclass(frozen=True, slots=True)
class LateFrame:
    """A frame that belonged to a cancelled request and came after its cancellation.

    Attributes:
        tenant: Whose request it was.
        seer: Who received the frame.
        session: Over which connection.
        delay_s: How long after the cancellation.
    """

    tenant: str
    seer: str
    session: str
    delay_s: float


@dataclass(frozen=True, slots=True)
class Return:
    """How one user came back in a storm of reconnections.

    Attributes:
        tenant: Who came back.
        seconds: From the start of the storm until the welcome, or None when it never came.
        reason: Why not, in words.
        resumed: Whether its old session could be taken up again; None when it did not try.
        replayed: Frames of the old session that were sent again.
    """

    tenant: str
    seconds: float | None
    reason: str = ""
    resumed: bool | None = None
    replayed: int = 0
