"""Doors: every operation that can reach for a thing, tried by its owner, by others and by nobody."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.access import doors as judges
from isolation.scenarios.concurrent_startup import doors
from robot_support.experiment import ExperimentLibrary

RuleName = Literal[
    "after its removal",
    "after a failed creation",
    "in another thread",
    "under the same name",
    "in lists and counts",
    "by subscription",
    "after its tenant was removed",
]


@library(scope="SUITE")
class DoorLibrary(ExperimentLibrary):
    """Tries to reach for other people's things through the platform's own interface.

    What is tried is generated from the things and requests of the target file. Each denial has a positive control: the owner's own
    request, which must work and have its effect.
    """

    @keyword
    def record_door_trials(self) -> None:
        """Owners make things; colleagues, strangers, foreign administrators and nobody reach for them.

        Example:
        | Record Door Trials |
        """
        self.experiment(doors.run, doors.NEEDS)

    @keyword
    def forbidden_requests_should_be_refused(self) -> None:
        """Every forbidden request was refused and changed nothing, and every positive control worked.

        Example:
        | Forbidden Requests Should Be Refused |
        """
        self.claim(judges.judge_forbidden)

    @keyword
    def every_operation_should_have_been_tried(self) -> None:
        """Every request of the target file that can address a thing was tried.

        Example:
        | Every Operation Should Have Been Tried |
        """
        self.claim(judges.judge_all_operations_tried)

    @keyword
    def refusals_should_not_reveal_existence(self) -> None:
        """Refusals for another user's things and for things that do not exist look alike and take the same time.

        Example:
        | Refusals Should Not Reveal Existence |
        """
        self.claim(judges.judge_existence_hidden)

    @keyword
    def rule_should_hold(self, rule: RuleName) -> None:
        """Nothing is reached where it must not be: after removal, elsewhere, under the same name, by a subscription ...

        Example:
        | Rule Should Hold | after its removal |
        """
        self.claim(judges.judge_rule, rule=rule)
