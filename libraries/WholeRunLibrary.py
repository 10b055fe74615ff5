"""The run as a whole: what it gives away, and what it leaves behind."""

from __future__ import annotations

from robot.api.deco import keyword, library

from isolation.judge.data import whole_run as judges
from isolation.scenarios import whole_run
from robot_support.collector import COLLECTOR
from robot_support.command_line import RunOptions
from robot_support.experiment import ExperimentLibrary


@library(scope="SUITE")
class WholeRunLibrary(ExperimentLibrary):
    """Judges the suite itself, after all other tests."""

    @keyword
    def record_the_whole_run(self) -> None:
        """Ten more tenants are answered; the output is searched for secrets, the tenants are removed and looked for.

        Example:
        | Record The Whole Run |
        """
        so_far = whole_run.RunSoFar(
            RunOptions.read().output,
            tuple(COLLECTOR.residue),
            COLLECTOR.residue_counted,
            COLLECTOR.tenants_made,
            tuple(COLLECTOR.not_removed),
        )
        self.experiment(whole_run.run, whole_run.NEEDS, so_far=so_far)

    @keyword
    def output_should_hold_no_secret(self) -> None:
        """No token, password, key or store address is in what the run has written so far.

        Example:
        | Output Should Hold No Secret |
        """
        self.claim(judges.judge_output)

    @keyword
    def nothing_should_be_left(self) -> None:
        """Of no tenant of this run, in no store, process or folder.

        Example:
        | Nothing Should Be Left |
        """
        self.claim(judges.judge_nothing_left)
