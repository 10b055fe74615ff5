"""Very many tenants at once, up to saturation, and whether each gets its share."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.slowdown import stress as judges
from isolation.scenarios.resource_isolation import concurrent_stress
from isolation.show.figures import stress as figures_of_stress
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration, Percentage


@library(scope="SUITE", converters=CONVERTERS)
class ConcurrentStressLibrary(ExperimentLibrary):
    """Loads the platform in rising steps and compares what each tenant got with what it was entitled to.

    Entitled is the max-min fair share: who asks for little gets it, the rest is divided evenly. What tenants get is the CPU time of
    their own processes, and answers.
    """

    @keyword
    def record_rising_load(self, equal: Percentage, *shares: Percentage) -> None:
        """Very many tenants connect at once and work: mixed work in rising steps, and at last the same work of all.

        Example:
        | Record Rising Load | 100 percent | 40 percent | 80 percent | 130 percent |
        """
        self.experiment(concurrent_stress.run, concurrent_stress.NEEDS, shares=shares, equal=equal)

    @keyword
    def every_tenant_should_be_connected(self, time: Duration) -> None:
        """Every single one.

        Example:
        | Every Tenant Should Be Connected | 60 seconds |
        """
        self.claim(judges.judge_connected_at_once, {"connect": time})

    @keyword
    def requests_should_be_answered_in_every_step(self, share: Percentage) -> None:
        """In every step, also beyond saturation.

        Example:
        | Requests Should Be Answered In Every Step | 95 percent |
        """
        self.claim(judges.judge_answered_in_every_step, {"answered": share})

    @keyword
    def shares_should_be_fair(self, step: str) -> None:
        """Jain's index, least and largest share of CPU time and of answers, and the longest wait.

        Example:
        | Shares Should Be Fair | 130 percent |
        """
        self.claim(judges.judge_fair_shares, figure=figures_of_stress.shares, step=step)

    @keyword
    def service_should_degrade_gradually(self) -> None:
        """More load may not make the platform deliver much less.

        Example:
        | Service Should Degrade Gradually |
        """
        self.claim(judges.judge_gradual_degradation)

    @keyword
    def watching_should_cost_less_than(self, share: Percentage) -> None:
        """CPU time of the monitor's whole process, of one core, from when everybody was connected.

        Example:
        | Watching Should Cost Less Than | 2 percent |
        """
        self.claim(judges.judge_watching, {"overhead": share})
