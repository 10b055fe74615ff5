"""The record of rights that were taken away while sessions were open (CS-6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from isolation.record.experiments import experiment_record


class Aspect(StrEnum):
    """In what a right shows."""

    SESSION = "open sessions"
    SUBSCRIPTION = "subscriptions"
    RESUMPTION = "resumable sessions"
    WORK = "running work"
    ADMISSION = "new sessions"
    RESTARTED = "new sessions after a restart"
    """Whoever has no more right is not let in either by a platform that was restarted since."""
    GIVEN_BACK = "rights that were given back"


@dataclass(frozen=True, slots=True)
class RightTrial:
    """One aspect of one user's right, before and after a right was ended.

    Attributes:
        way: How the right was ended, such as ``role taken``.
        aspect: In what the right shows.
        tenant: Whose, in the names of the scenario.
        user: Which user's.
        loses: Whether it is the right that was ended; else it has to go on as before.
        before: Whether it worked before: only then does anything afterwards show something.
        after: Whether it still worked after the stated time; None when that could not be seen.
        ended_s: How long after the order it was seen to have ended, in seconds; None when it was not watched.
    """

    way: str
    aspect: Aspect
    tenant: str
    user: str
    loses: bool
    before: bool
    after: bool | None
    ended_s: float | None = None


@experiment_record
@dataclass(slots=True)
class RightsRecord:
    """What was seen.

    Attributes:
        ways: In which ways rights were ended.
        refused: Why a way could not be tried, by its name.
        trials: Every aspect of every user's right.
        stated_s: How long a right may go on by the target file; None when the contract says it.
        not_offered: What the target lacks for an aspect to be tried, by the aspect.
    """

    ways: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    trials: list[RightTrial] = field(default_factory=list)
    stated_s: float | None = None
    not_offered: dict[str, str] = field(default_factory=dict)
