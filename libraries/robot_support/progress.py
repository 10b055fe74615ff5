"""How far the run is, told before each experiment: Robot's own console only says what has ended."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass, field

from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn

from isolation.show.console import progress_line, start_lines
from isolation.show.history import load_history
from isolation.show.write import HISTORY
from robot_support.command_line import RunOptions
from robot_support.suite_files.left_out import left_out


@dataclass(slots=True)
class Progress:
    """What has been told.

    Attributes:
        total: How many tests were chosen; 0 until the first one begins.
        began: Start of the run.
        last: How long the last whole run of this target and profile took here; None when there is none.
        begun: Whether the first line has been told.
        told: Reasons why something does not apply, each of which is told once.
    """

    total: int = 0
    began: float = field(default_factory=time.monotonic)
    last: float | None = None
    begun: bool = False
    told: set[str] = field(default_factory=set)

    def tell(self, options: RunOptions, target: str, done: int) -> None:
        """A line before an experiment; before the first one, what is run and how long that takes."""
        if not self.begun:
            self.begun, self.last = True, _last_whole_run(options, target)
            _say("\n" + start_lines(target, options.profile, self.total, self.last, {}))
        name = str(BuiltIn().get_variable_value("${SUITE NAME}", "")).rpartition(".")[2]
        # A run of some files foretells its rest by what it has done; a whole one by the last whole one.
        whole = self.last if self.last and self.total >= len(left_out(())) else None
        _say(progress_line(done, self.total, time.monotonic() - self.began, whole, name))

    def tell_not_applicable(self, reason: str) -> None:
        """What will not be examined, once, as soon as it is known."""
        if reason and reason not in self.told:
            self.told.add(reason)
            _say(f"  Not examined: {reason}")


def _last_whole_run(options: RunOptions, target: str) -> float | None:
    history = load_history(options.history or options.output / HISTORY)
    same = (
        run.seconds
        for run in reversed(history.runs)
        if run.whole and (run.target, run.profile, run.host) == (target, options.profile, platform.node())
    )
    return next(same, None)


def _say(text: str) -> None:
    logger.console(text)


PROGRESS = Progress()
"""The progress of this Robot execution."""
