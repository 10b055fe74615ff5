"""Saved things: what users save stays theirs, and stays as it is."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword, library

from isolation.judge.data import saved_things as judges
from isolation.record.concurrent_startup.persistence import AGENTS_RESTARTED, RESTARTED
from isolation.scenarios.concurrent_startup import persistence
from isolation.scenarios.restarting import RESTART
from isolation.target.needs import Needs
from robot_support.experiment import ExperimentLibrary

Occasion = Literal[
    "being saved", "the attempts of others", "a new connection", "a restart of the agents", "a restart of the platform"
]
"""What lies between saving and reading."""
_NEEDS = {AGENTS_RESTARTED: persistence.AGENTS, RESTARTED: RESTART}


@library(scope="SUITE")
class PersistenceLibrary(ExperimentLibrary):
    """Lets every user save things of their own, and looks for them afterwards, from both sides: platform and database.

    Values are compared by digest; none of them is written anywhere.
    """

    @keyword
    def record_what_users_save(self) -> None:
        """Every user saves things; others try to reach them; they are read after every occasion that could lose them.

        Example:
        | Record What Users Save |
        """
        self.experiment(persistence.run, persistence.NEEDS)

    @keyword
    def everything_should_be_there(self, occasion: Occasion) -> None:
        """Every user reads all of their things: nothing is lost, altered or another user's.

        Example:
        | Everything Should Be There | a new connection |
        """
        self.claim(judges.judge_everything_there, needs=_NEEDS.get(occasion, Needs()), occasion=occasion)

    @keyword
    def attempts_should_be_refused(self) -> None:
        """Each kind of attempt has a positive control: the same by the owner. Afterwards everything is as it was saved.

        Example:
        | Attempts Should Be Refused |
        """
        self.claim(judges.judge_attempts)

    @keyword
    def roles_should_see_only_their_own_rows(self) -> None:
        """Own rows that are seen are the control without which zero foreign rows prove nothing.

        Example:
        | Roles Should See Only Their Own Rows |
        """
        self.claim(judges.judge_rows_of_roles, needs=persistence.DATABASE)

    @keyword
    def roles_should_change_nothing_foreign(self) -> None:
        """Changing, removing and adding rows, and becoming another tenant's role.

        Example:
        | Roles Should Change Nothing Foreign |
        """
        self.claim(judges.judge_writes_of_roles, needs=persistence.DATABASE)

    @keyword
    def cache_logins_should_reach_only_their_own_keys(self) -> None:
        """Neither another tenant's key, nor everybody's lists and messages, nor any administration.

        Example:
        | Cache Logins Should Reach Only Their Own Keys |
        """
        self.claim(judges.judge_reach_of_cache_logins, needs=persistence.CACHE)

    @keyword
    def agents_should_have_been_restarted(self) -> None:
        """Every agent had another process afterwards.

        Example:
        | Agents Should Have Been Restarted |
        """
        self.claim(judges.judge_fresh_agents, needs=persistence.AGENTS)

    @keyword
    def platform_should_have_been_restarted(self) -> None:
        """It cut every connection, came back, and another process serves.

        Example:
        | Platform Should Have Been Restarted |
        """
        self.claim(judges.judge_restart, needs=RESTART)
