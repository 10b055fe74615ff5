"""Odd values: whether what one user writes holds up everybody else."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.slowdown import odd_values as judges
from isolation.scenarios.resource_isolation import odd_values
from robot_support.experiment import ExperimentLibrary


@library(scope="SUITE")
class OddValueLibrary(ExperimentLibrary):
    """Sends values that are legal and odd in every field and header of the target file's requests."""

    @keyword
    def record_odd_values(self) -> None:
        """Very long values, many separators, deep nesting, one at a time, while users of other tenants are served.

        Example:
        | Record Odd Values |
        """
        self.experiment(odd_values.run, odd_values.NEEDS)

    @keyword
    def nobody_should_have_been_held_up(self) -> None:
        """Nobody else waited many times as long as when no odd value is sent.

        Example:
        | Nobody Should Have Been Held Up |
        """
        self.claim(judges.judge_odd_values)
