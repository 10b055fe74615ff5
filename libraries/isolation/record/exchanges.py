"""What one user asked and got, where the content of the answer matters: after a cancellation, from a cache ..."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.record.operations import Outcome


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that carries a text of its own, and its end.

    Attributes:
        occasion: Why it was made, such as ``cancelled`` or ``after a cancellation``.
        tenant: Who asked.
        user: The user of that tenant who asked.
        session: The suite's own name of the connection.
        asked: The text that the request carried.
        outcome: How it ended.
        seconds: From sending to the end; 0 without an end.
        ended_at: When it ended (seconds, monotonic clock), or None.
        answer: The texts of the answer, joined; empty without an answer.
        cached: Whether the target says that the answer came from a cache.
        correlation_id: What ties frames to the request.
        code: The target's own error code when it was refused.
        taken_up: Whether the target had begun with it.
    """

    occasion: str
    tenant: str
    user: str
    session: str
    asked: str
    outcome: Outcome
    seconds: float = 0.0
    ended_at: float | None = None
    answer: str = ""
    cached: bool = False
    correlation_id: str = ""
    code: str = ""
    taken_up: bool = False


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
