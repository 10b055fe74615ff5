"""Performance isolation: what the others feel while some tenants exceed their quota, work heavily or make noise."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.slowdown import noise_campaign as judges
from isolation.scenarios.resource_isolation import noise_campaign
from isolation.show.figures import campaign as figures_of_campaign
from isolation.target.needs import Needs
from isolation.target.words import Alert
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration, Percentage


@library(scope="SUITE", converters=CONVERTERS)
class PerformanceIsolationLibrary(ExperimentLibrary):
    """Measures the others in quiet and in noisy turns of one campaign; each noise is judged for itself.

    The mean decides at 10 percent, the P95 at 25 percent, by 94 % confidence intervals at a first look and, where that decided
    nothing, at a second one: together they err as rarely as 90 % at one. Each campaign also compares quiet with quiet
    (must agree) and finds a slowdown of 20 percent that the suite itself injects (must be seen).
    """

    @keyword
    def record_noises_in_turns(self) -> None:
        """Tenants 1 and 2 exceed their quota, 3 works heavily, 4 to 7 make noise of four kinds, in turns with quiet time.

        Example:
        | Record Noises In Turns |
        """
        self.experiment(noise_campaign.run, noise_campaign.NEEDS, next_look=judges.next_look)

    @keyword
    def record_each_kind_of_noise_in_turns(self) -> None:
        """Tenants 1 to 4 make noise, each of one kind and alone, in turns with quiet time.

        Example:
        | Record Each Kind Of Noise In Turns |
        """
        self.experiment(noise_campaign.run_each_kind, noise_campaign.NEEDS)

    @keyword
    def others_should_not_be_slowed(self, noise: str, percent: Percentage) -> None:
        """By the degradation rule: mean, P95, and each of them for itself.

        Example:
        | Others Should Not Be Slowed | heavy work | 10 percent |
        """
        self.claim(
            judges.judge_victims_not_slowed,
            {"slowdown": round(1 + percent / 100, 6)},
            figure=figures_of_campaign.pairs,
            noise=noise,
        )

    @keyword
    def others_should_be_answered(self, noise: str, time: Duration) -> None:
        """Every single answer in time, before the noise was contained too.

        Example:
        | Others Should Be Answered | heavy work | 2 seconds |
        """
        self.claim(
            judges.judge_victims_answered_in_time,
            {"answer time": time},
            figure=figures_of_campaign.latencies,
            noise=noise,
        )

    @keyword
    def others_should_get_equal_shares(self, noise: str) -> None:
        """Of answers, by Jain's index.

        Example:
        | Others Should Get Equal Shares | heavy work |
        """
        self.claim(judges.judge_equal_shares, figure=figures_of_campaign.shares, noise=noise)

    @keyword
    def connections_should_be_shared(self) -> None:
        """Who asks for three times the allowed database connections gets those allowed; the others are still served.

        Example:
        | Connections Should Be Shared |
        """
        self.claim(judges.judge_connections_shared)

    @keyword
    def others_should_not_be_reported(self) -> None:
        """No alert names any of them, neither while the noise was loud nor in the turns.

        Example:
        | Others Should Not Be Reported |
        """
        self.claim(judges.judge_victims_not_accused, needs=Needs(alerts=(Alert.NOISE,)) + noise_campaign.ALERTS)
