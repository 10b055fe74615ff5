"""What the target itself says that it noticed or did: its alerts and its audit trail."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """One entry of the target's alerts or audit trail.

    Attributes:
        sequence: The target's own number of the entry.
        seen_at: When the suite first saw it through the operator's door (seconds, monotonic clock). Clocks of promises
            use this time: what an operator cannot see has not been reported.
        stream: ``alert`` or ``audit``.
        kind: What it says, in the target's own words, such as ``noisy_tenant``.
        word: The same in the suite's words (``Alert``, ``Audit``), or empty when the target file does not know it.
        tenant: Whom it names, or empty.
        agent: Which agent instance it names, or empty.
        resource: Which resource it is about (``cpu``, ``memory``, ``io``, ``database``, ``messages`` ...), or empty.
        detail: Everything else that the entry says.
    """

    sequence: int
    seen_at: float
    stream: str
    kind: str
    tenant: str = ""
    agent: str = ""
    resource: str = ""
    detail: dict[str, object] = field(default_factory=dict)
    word: str = ""
