"""Recovery: what is left when agents crash or leave, and whether new tenants are served at once."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.recovery import crashes as judges
from isolation.scenarios.resource_isolation import recovery
from isolation.show.figures import recovery as figures_of_recovery
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration, Percentage


@library(scope="SUITE", converters=CONVERTERS)
class RecoveryLibrary(ExperimentLibrary):
    """Counts what tenants have on the platform, before they come, while they work and after they are gone."""

    @keyword
    def record_crashes_and_departures(self) -> None:
        """Busy tenants, of whom every second crashes and the others leave, and as many new ones; numbers from the profile.

        Example:
        | Record Crashes And Departures |
        """
        self.experiment(recovery.run, recovery.NEEDS)

    @keyword
    def nothing_should_be_left(self, time: Duration) -> None:
        """Of processes, sockets, database connections, temporary files, cache keys and control groups.

        Example:
        | Nothing Should Be Left | 30 seconds |
        """
        self.claim(judges.judge_nothing_left, {"clean": time}, figure=figures_of_recovery.remainder)

    @keyword
    def memory_should_be_back(self, tolerance: Percentage) -> None:
        """The platform's memory is near to what it was before.

        Example:
        | Memory Should Be Back | 10 percent |
        """
        self.claim(judges.judge_memory_afterwards, {"memory": 1 + tolerance / 100})

    @keyword
    def new_tenants_should_be_served(self, time: Duration) -> None:
        """As many new tenants as departed; the time is that of the full recovery.

        Example:
        | New Tenants Should Be Served | 2 minutes |
        """
        self.claim(judges.judge_newcomers, {"recovery": time})
