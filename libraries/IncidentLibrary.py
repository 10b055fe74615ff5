"""Incidents that happened elsewhere, staged: cancelled requests, a shared cache, used connections, announcements, storms."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.access import staged as judges
from isolation.scenarios.concurrent_startup import incidents
from robot_support.experiment import ExperimentLibrary
from robot_support.phrases.quantities import CONVERTERS, Duration


@library(scope="SUITE", converters=CONVERTERS)
class IncidentLibrary(ExperimentLibrary):
    """Stages incidents with users who have secrets, and searches everything that they receive."""

    @keyword
    def record_incidents(self) -> None:
        """Stage one incident after the other with as many users as the profile says.

        Example:
        | Record Incidents |
        """
        self.experiment(incidents.run, incidents.NEEDS)

    @keyword
    def cancelled_requests_should_stay_cancelled(self) -> None:
        """Nothing of a cancelled request reached anybody, and every other request got its own answer.

        Example:
        | Cancelled Requests Should Stay Cancelled |
        """
        self.claim(judges.judge_cancellations, needs=incidents.CANCELLATION)

    @keyword
    def no_answer_should_be_shared(self) -> None:
        """No stranger got a cached answer of somebody else.

        Example:
        | No Answer Should Be Shared |
        """
        self.claim(judges.judge_shared_answers, needs=incidents.ANSWER_CACHE)

    @keyword
    def no_answer_should_come_sooner(self) -> None:
        """Questions that others have asked take a stranger as long as new ones.

        Example:
        | No Answer Should Come Sooner |
        """
        self.claim(judges.judge_shared_times, needs=incidents.ANSWER_CACHE)

    @keyword
    def new_users_should_find_nothing(self) -> None:
        """Nobody who connected right after somebody else received anything of that user.

        Example:
        | New Users Should Find Nothing |
        """
        self.claim(judges.judge_newcomers, needs=incidents.NEWCOMERS)

    @keyword
    def announcement_should_be_heard_once(self) -> None:
        """Every session heard the announcement exactly once, and nothing of anybody else.

        Example:
        | Announcement Should Be Heard Once |
        """
        self.claim(judges.judge_announcement, needs=incidents.ANNOUNCEMENT)

    @keyword
    def users_should_be_back(self, within: Duration) -> None:
        """Every user was back in time after all connections had been cut at once.

        Example:
        | Users Should Be Back | 10 seconds |
        """
        self.claim(judges.judge_back_after_storm, {"back after a storm": within})

    @keyword
    def users_should_have_their_own_sessions(self) -> None:
        """Every user who came back has the own session and the own answers.

        Example:
        | Users Should Have Their Own Sessions |
        """
        self.claim(judges.judge_own_after_storm)
