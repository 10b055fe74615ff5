"""Many users at once: starting them, and what the start costs."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.traffic import concurrent_startup as judges
from isolation.scenarios.concurrent_startup import startup
from isolation.show.figures import startup as figures
from isolation.target.needs import Needs
from isolation.target.words import OperatorOperation
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration, Percentage


@library(scope="SUITE", converters=CONVERTERS)
class StartupLibrary(ExperimentLibrary):
    """Starts as many users as the profile says, or ``CONCURRENT_TEST_USERS``, all at the same moment.

    ``AGENT_STARTUP_TIMEOUT`` and ``CONCURRENT_TEST_TIMEOUT`` say how long answers are waited for; ``MAX_AGENT_STARTUP_TIME``,
    ``MAX_TOTAL_TEST_TIME`` and ``MIN_SUCCESS_RATE`` replace the limits of the catalogue.
    """

    @keyword
    def record_the_start(self) -> None:
        """All users connect, and send their first message at the same instant; no failed try is repeated.

        Example:
        | Record The Start |
        """
        self.experiment(startup.run, startup.NEEDS)

    @keyword
    def record_the_start_of_one_tenant(self, users: int) -> None:
        """So many users of one tenant connect, and send their first message at the same instant.

        Example:
        | Record The Start Of One Tenant | 20 |
        """
        self.experiment(startup.run_colleagues, startup.NEEDS, users=users)

    @keyword
    def users_should_be_started(self, connect: Duration, success: Percentage) -> None:
        """Everybody is connected in time, and nearly all get their first answer.

        Example:
        | Users Should Be Started | 10 seconds | 95 percent |
        """
        stated = {"connect": connect, "success": success}
        self.claim(judges.judge_users_started, stated, figure=figures.waterfall_of)

    @keyword
    def each_start_should_take_less_than(self, time: Duration) -> None:
        """From connecting to the first answer; the slowest decides.

        Example:
        | Each Start Should Take Less Than | 5 seconds |
        """
        self.claim(judges.judge_slowest_start, {"start": time})

    @keyword
    def all_starts_should_take_less_than(self, time: Duration) -> None:
        """From the first handshake to the last first answer.

        Example:
        | All Starts Should Take Less Than | 3 minutes |
        """
        self.claim(judges.judge_all_starts, {"total": time})

    @keyword
    def users_should_have_things_of_their_own(self) -> None:
        """No two users share an agent instance, a session or a process.

        Example:
        | Users Should Have Things Of Their Own |
        """
        self.claim(judges.judge_own_things)

    @keyword
    def answers_should_carry_their_own_context(self) -> None:
        """Budget, region, tier and the text of the user's own message, exactly.

        Example:
        | Answers Should Carry Their Own Context |
        """
        self.claim(judges.judge_own_contexts, needs=startup.CONTEXTS)

    @keyword
    def start_times_should_be_below(self, p95: Duration, p99: Duration) -> None:
        """Percentiles of the start time; with too few users for a percentile the slowest start decides.

        Example:
        | Start Times Should Be Below | 5 seconds | 8 seconds |
        """
        self.claim(judges.judge_start_times, {"p95": p95, "p99": p99}, figure=figures.phases_of)

    @keyword
    def platform_should_use_little(self) -> None:
        """Memory and processor time of all processes of the platform, while the users start.

        Example:
        | Platform Should Use Little |
        """
        self.claim(judges.judge_platform_use, needs=Needs(processes=True))

    @keyword
    def database_pool_should_suffice(self) -> None:
        """By the platform's own word, and by the database's count of its clients.

        Example:
        | Database Pool Should Suffice |
        """
        self.claim(
            judges.judge_database_pool, needs=Needs(operator=(OperatorOperation.INVENTORY,), stores=("postgresql",))
        )
