"""Noise: tenants that disturb, and what the platform does about it."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.resources import noisy_neighbours as judges
from isolation.scenarios.resource_isolation import noisy_neighbours
from isolation.show.figures import noise as figures_of_noise
from isolation.target.needs import Needs
from isolation.target.words import Audit
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration


@library(scope="SUITE", converters=CONVERTERS)
class NoisyNeighboursLibrary(ExperimentLibrary):
    """Makes tenants noisy, and follows how the platform reports, contains, shows and releases them.

    What the others feel meanwhile is measured by ``PerformanceIsolationLibrary``.
    """

    @keyword
    def record_four_kinds_of_noise(self) -> None:
        """Tenants 1 to 4 calculate without end, take memory, load disk and database, flood with messages; then they stop.

        Example:
        | Record Four Kinds Of Noise |
        """
        self.experiment(noisy_neighbours.run, noisy_neighbours.NEEDS)

    @keyword
    def noise_should_be_reported(self, first: int, last: int, time: Duration) -> None:
        """By the right name and for the right resource; that anybody else is reported fails.

        Example:
        | Noise Should Be Reported | 1 | 4 | 30 seconds |
        """
        self.claim(
            judges.judge_noise_reported, {"identified": time}, figure=figures_of_noise.clocks, first=first, last=last
        )

    @keyword
    def noise_should_be_contained(self, first: int, last: int, time: Duration) -> None:
        """The audit log says so, and what they get has come down.

        Example:
        | Noise Should Be Contained | 1 | 4 | 60 seconds |
        """
        self.claim(
            judges.judge_noise_contained,
            {"mitigated": time},
            needs=Needs(audit=(Audit.CONTAINED,)),
            figure=figures_of_noise.usage,
            first=first,
            last=last,
        )

    @keyword
    def operator_should_see_the_noise(self) -> None:
        """Alerts name each noisy tenant, and the operator's usage numbers rise.

        Example:
        | Operator Should See The Noise |
        """
        self.claim(judges.judge_noise_visible)

    @keyword
    def noisy_tenants_should_be_back_to_normal(self, time: Duration) -> None:
        """They are released and served as before, so long after they stopped.

        Example:
        | Noisy Tenants Should Be Back To Normal | 2 minutes |
        """
        self.claim(judges.judge_back_to_normal, {"recovered": time}, needs=Needs(audit=(Audit.RELEASED,)))
