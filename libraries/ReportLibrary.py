"""Listens to the run: what tests measured becomes their status, and everything is written down at every ending."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from robot.api import logger
from robot.api.deco import keyword, library
from robot.running.context import EXECUTION_CONTEXTS  # type: ignore[import-untyped]  # no type information there

from isolation.settings.errors import SettingsError
from isolation.show.files.claim import FolderInUseError
from robot_support import run as runs
from robot_support.collector import COLLECTOR, TestInProgress
from robot_support.command_line import RunOptions
from robot_support.progress import PROGRESS
from robot_support.report import RunReport
from robot_support.status import conclude, has_failed, is_end_by_signal, suites_around
from robot_support.suite_files.file_under_test import PROJECT, promises_of


@library(scope="GLOBAL", listener="SELF")
class ReportLibrary:
    """Evidence of the run.

    Importing this library is enough: it listens. It turns what tests measured into their status (only a measured FAIL accuses the
    platform; INCONCLUSIVE is never green) and writes the sign-off page: "not finished" first of all, and the result at every ending.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        """Begin the report, unless Robot only checks the suites."""
        self._interrupted = False
        self._report = _begin() if _is_running() else None

    @keyword
    def note_caveat(self, sentence: str) -> None:
        """Put a sentence on the sign-off page under "What this run does not prove".

        Example:
        | Note Caveat | Only one host was tested. |
        """
        COLLECTOR.note_caveat(sentence)

    def start_test(self, data: Any, result: Any) -> None:
        """Open a page for the test; what it stands for is in its metadata, and nowhere else."""
        PROGRESS.total = PROGRESS.total or _tests_of_the_run(data)
        promises = promises_of(str(data.metadata.get("Promise", "")))
        COLLECTOR.begin(TestInProgress(result.name, promises, frozenset(data.tags), _place(data)))

    def end_test(self, data: Any, result: Any) -> None:
        """Turn what was measured into the status and message of the test."""
        self._interrupted = self._interrupted or is_end_by_signal(result)
        test = COLLECTOR.test
        if test is not None and self._report is not None:
            if self._interrupted and not has_failed(test):
                result.status, result.message = "SKIP", "Not run to its end: the run was interrupted."
            elif test.promises or result.failed:
                conclude(test, result)
        case = COLLECTOR.conclude(result.id, result.status, result.message, result.elapsed_time.total_seconds())
        if self._report is not None:
            self._report.add(case)

    def end_suite(self, data: Any, result: Any) -> None:
        """The verdict so far stands in report.html and log.html too, with a link to the page that is signed."""
        if data.parent is None and self._report is not None:
            result.metadata["Isolation"] = self._report.sentence()
            result.metadata["Sign-off"] = "[signoff.html|the page that is signed]"

    def close(self) -> None:
        """After the last suite: close the target and write everything down.

        Robot calls it once, also when several files were named, whose common root knows nothing of this library.
        """
        if self._report is not None:
            self._report.finish(self._interrupted)


def _begin() -> RunReport | None:
    """The report; None where another run writes into the folder: then nothing is examined, and its evidence is left alone."""
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))
    try:
        options = RunOptions.read()
    except SettingsError as error:
        runs.refuse(f"The suite cannot start: {error}.")
        options = RunOptions.defaults()
    try:
        return RunReport(options)
    except (FolderInUseError, OSError) as error:
        reason = f"The suite cannot start: {error}."
        logger.error(reason)
        runs.refuse(reason)
        runs.leave_as_not_examined()
        return None


def _is_running() -> bool:
    context = EXECUTION_CONTEXTS.current
    return context is not None and not context.dry_run


def _tests_of_the_run(data: Any) -> int:
    """How many tests were chosen."""
    return int(suites_around(data)[-1].test_count)


def _place(data: Any) -> str:
    """File and line of a test, as seen from the project."""
    source = Path(data.source)
    seen = os.path.relpath(source, PROJECT) if source.is_relative_to(PROJECT) else source.name
    return f"{seen}:{data.lineno}"
