"""Keeps the evidence of a run and writes it down at the end: evidence file, sign-off page, history, console summary."""

from __future__ import annotations

import atexit
import os
import sys
import time
from pathlib import Path
from typing import Any

from robot.api import logger
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn
from robot.running.context import EXECUTION_CONTEXTS  # type: ignore[import-untyped]  # no type information there

from isolation.record import Verdict
from isolation.show.evidence import CaseStatus, Evidence
from isolation.show.message import case_message
from isolation.show.write import write_everything
from robot_support import run as runs
from robot_support.collector import COLLECTOR, TestInProgress
from robot_support.file_under_test import promises_of
from robot_support.left_out import left_out
from robot_support.summary import environment_or_nothing, settings_of

BROKEN_ENVIRONMENT = 254
"""Exit code when the suite itself could not work; Robot's own codes are the number of failed tests and 251 to 255."""
INTERRUPTED = 253
"""Exit code after Ctrl-C or SIGTERM: Robot itself would count what did not run as failed."""
_BY_SIGNAL = "Execution terminated by signal"


@library(scope="GLOBAL", listener="SELF")
class ReportLibrary:
    """Evidence of the run.

    Importing this library is enough: it listens. It turns what tests measured into their status (INCONCLUSIVE is never
    green) and writes the sign-off page when the last test has ended.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._interrupted = False
        self._folder: Path | None = None

    @keyword
    def note_caveat(self, sentence: str) -> None:
        """Put a sentence on the sign-off page under "What this run does not prove".

        Example:
        | Note Caveat | Only one host was tested. |
        """
        if sentence not in COLLECTOR.caveats:
            COLLECTOR.caveats.append(sentence)

    def start_test(self, data: Any, result: Any) -> None:
        """Open a page for the test; what it stands for is in its metadata, and nowhere else."""
        COLLECTOR.begin(result.name, promises_of(str(data.metadata.get("Promise", ""))), data.tags)

    def end_test(self, data: Any, result: Any) -> None:
        """Turn what was measured into the status and message of the test."""
        self._interrupted = self._interrupted or _ended_by_signal(result)
        test = COLLECTOR.test
        if test is not None and not _dry_run():
            if self._interrupted and not _broken(test):
                result.status, result.message = "SKIP", "Not run to its end: the run was interrupted."
            elif test.promises or result.failed:
                _conclude(test, result)
        COLLECTOR.conclude(result.id, result.status, result.message, result.elapsed_time.total_seconds())

    def end_suite(self, data: Any, result: Any) -> None:
        """Remember where results go: after the last suite Robot does not say it any more."""
        if not _dry_run():
            self._folder = Path(BuiltIn().get_variable_value("${OUTPUT_DIR}", "."))

    def close(self) -> None:
        """After the last suite: close the target and write everything down.

        Robot calls it once, also when several files were named, whose common root knows nothing of this library.
        """
        if self._folder is None:
            return
        try:
            _close_the_books(self._folder)
            if self._interrupted:
                _leave_with(INTERRUPTED)
            elif COLLECTOR.not_examined and not any(case.status is CaseStatus.FAIL for case in COLLECTOR.cases):
                _leave_with(BROKEN_ENVIRONMENT)
        except BaseException:
            # Robot only prints what a listener raises: without this, a run without a sign-off page would end with 0.
            _leave_with(BROKEN_ENVIRONMENT)
            raise


def _ended_by_signal(result: Any) -> bool:
    """Whether the test, or the setup of a suite around it, was ended by Ctrl-C: then Robot says another reason for the test."""
    said, suite = [result.message], result.parent
    while suite is not None:
        if suite.has_setup:
            said.append(suite.setup.message)
        suite = suite.parent
    return any(_BY_SIGNAL in message for message in said)


def _close_the_books(folder: Path) -> None:
    evidence = _evidence()
    COLLECTOR.residue.extend(runs.end())
    if evidence is None:
        _leave_with(BROKEN_ENVIRONMENT)
        return
    _write(evidence.model_copy(update={"clean_up": COLLECTOR.cleaned()}), folder)


def _broken(test: TestInProgress) -> bool:
    return any(found.verdict is Verdict.FAIL for found in test.measurements)


def _conclude(test: TestInProgress, result: Any) -> None:
    """The status of a test comes from what it measured. Only a measured FAIL accuses the platform."""
    verdicts = {measurement.verdict for measurement in test.measurements}
    if Verdict.FAIL in verdicts:
        if not result.failed:
            result.status, result.message = "FAIL", case_message(test.measurements)
    elif result.failed or not verdicts:
        _not_examined(test, result)
    elif Verdict.INCONCLUSIVE in verdicts:
        strict = runs.is_open() and runs.current().strict
        result.status, result.message = "FAIL" if strict else "SKIP", case_message(test.measurements)
    elif verdicts == {Verdict.NOT_APPLICABLE}:
        test.not_applicable = test.measurements[0].reason
        result.status, result.message = "SKIP", f"NOT APPLICABLE: {test.not_applicable}"
    else:
        result.message = case_message(test.measurements)


def _not_examined(test: TestInProgress, result: Any) -> None:
    """A mistake in a scenario, a broken instrument, a platform that is not there: neither its success nor its failure."""
    if result.skipped and result.message.startswith(str(Verdict.NOT_APPLICABLE)):
        test.not_applicable = result.message.removeprefix(f"{Verdict.NOT_APPLICABLE}: ")
        return
    reason = result.message or "Nothing was measured."
    test.not_examined = reason
    COLLECTOR.note_not_examined(reason)
    result.status, result.message = "SKIP", f"Could not be examined: {reason}"


def _dry_run() -> bool:
    """Whether Robot only checks the suites and runs nothing."""
    return bool(EXECUTION_CONTEXTS.current.dry_run)


def _evidence() -> Evidence | None:
    environment = environment_or_nothing()
    if environment is None:
        return None
    return Evidence(
        environment=environment,
        settings=settings_of(runs.current()),
        cases=tuple(COLLECTOR.cases),
        left_out=left_out({case.name for case in COLLECTOR.cases}),
        overhead=COLLECTOR.overhead,
        clean_up=COLLECTOR.cleaned(),
        caveats=tuple(COLLECTOR.caveats),
        diagnosis=COLLECTOR.diagnosis,
        seconds=time.monotonic() - runs.current().started,
    )


def _write(evidence: Evidence, folder: Path) -> None:
    written = write_everything(evidence, folder, runs.catalogue())
    logger.console("\n" + written.summary)


def _leave_with(code: int) -> None:
    """Make Robot's process end with a code of ours; Robot itself only knows counts of failed tests."""

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    atexit.register(leave)
