"""The evidence of a run: what was collected, what it says, and the file in which both stand."""

from isolation.show.evidence.identity import Identity
from isolation.show.evidence.run import (
    CaseEvidence,
    CaseStatus,
    CleanUp,
    Ending,
    EndingKind,
    Evidence,
    LeftOut,
    Overhead,
)

__all__ = [
    "CaseEvidence",
    "CaseStatus",
    "CleanUp",
    "Ending",
    "EndingKind",
    "Evidence",
    "Identity",
    "LeftOut",
    "Overhead",
]
