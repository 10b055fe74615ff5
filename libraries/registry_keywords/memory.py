"""Sentences about memory and resources of the platform while many users work, visit, and stay for long (AR-19 to AR-21)."""

from __future__ import annotations

from robot.api.deco import keyword

from isolation.judge.registry import memory as judges
from isolation.scenarios.registry import memory
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import Percentage, Size


class RegistryMemory(ExperimentLibrary):
    """A part of ``RegistryLibrary``."""

    @keyword
    def record_memory_and_resources(self) -> None:
        """All users work at once; new visitors come and go; sessions work for long. What the platform holds is counted.

        Example:
        | Record Memory And Resources |
        """
        self.experiment(memory.run, memory.NEEDS)

    @keyword
    def memory_should_stay_bounded(self, growth: Size) -> None:
        """From before the rounds until after them, and in the middle of them; and only so much for each operation.

        Example:
        | Memory Should Stay Bounded | 50 MB |
        """
        self.claim(judges.judge_rounds_memory, {"growth": growth}, requests=memory.ROUNDS)

    @keyword
    def visits_should_leave_nothing(self, *taken: str) -> None:
        """After every visit of new users exactly as much is there as after the first one; the named kinds were taken.

        Example:
        | Visits Should Leave Nothing | agents | sessions |
        """
        self.claim(judges.judge_visits, needs=memory.VISITS, taken=taken)

    @keyword
    def visits_should_not_grow(self, growth: Size) -> None:
        """From the first visit to the last: the gateway and the agents' processes.

        Example:
        | Visits Should Not Grow | 50 MB |
        """
        self.claim(judges.judge_visits_memory, {"growth": growth}, needs=memory.VISITS)

    @keyword
    def visits_should_be_released(self, share: Percentage) -> None:
        """Processes, rows and memory of the visitors' agents; the goal is all.

        Example:
        | Visits Should Be Released | 80 percent |
        """
        self.claim(judges.judge_visits_release, {"released": share}, needs=memory.VISITS)

    @keyword
    def long_sessions_should_leave_nothing(self, *taken: str) -> None:
        """After every round exactly as much is there as after the first one; the named kinds were taken in between.

        Example:
        | Long Sessions Should Leave Nothing | agents |
        """
        self.claim(judges.judge_long_sessions, taken=taken)

    @keyword
    def long_sessions_should_not_grow(self, growth: Size) -> None:
        """From the first round to the last: the gateway and the agents' processes.

        Example:
        | Long Sessions Should Not Grow | 50 MB |
        """
        self.claim(judges.judge_long_sessions_memory, {"growth": growth}, requests=memory.LONG)

    @keyword
    def long_sessions_should_be_released(self, share: Percentage) -> None:
        """Processes, rows and memory of the agents that were made in the rounds.

        Example:
        | Long Sessions Should Be Released | 80 percent |
        """
        self.claim(judges.judge_long_sessions_release, {"released": share})
