"""Rights that end while sessions are open: everywhere at once, and nowhere else."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.access import rights as judges
from isolation.scenarios.concurrent_startup import rights
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration

AspectName = Literal[
    "open sessions",
    "subscriptions",
    "resumable sessions",
    "running work",
    "new sessions",
    "new sessions after a restart",
]


@library(scope="SUITE", converters=CONVERTERS)
class RightsLibrary(ExperimentLibrary):
    """Takes rights away while everything that rests on them is open, and tries all of it again."""

    @keyword
    def record_ended_rights(self) -> None:
        """End rights in every way that the target offers: roles, users, tenants, tokens, sessions.

        Example:
        | Record Ended Rights |
        """
        self.experiment(rights.run, rights.NEEDS)

    @keyword
    def nothing_should_go_on(self, aspect: AspectName) -> None:
        """After the stated time nothing of an ended right goes on, in one aspect.

        Example:
        | Nothing Should Go On | open sessions |
        """
        self.claim(judges.judge_right_ended, aspect=aspect)

    @keyword
    def sessions_should_end_within(self, time: Duration) -> None:
        """Open sessions end in time after the order.

        Example:
        | Sessions Should End Within | 2 seconds |
        """
        self.claim(judges.judge_time_to_end, {"ended": time})

    @keyword
    def others_should_be_untouched(self) -> None:
        """Other users, other tenants and other rights of the same user go on as before.

        Example:
        | Others Should Be Untouched |
        """
        self.claim(judges.judge_others_untouched)

    @keyword
    def what_was_given_back_should_work(self) -> None:
        """A role that was granted again and a tenant that was reinstated are let in again.

        Example:
        | What Was Given Back Should Work |
        """
        self.claim(judges.judge_given_back)
