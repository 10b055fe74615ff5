"""The status of a test comes from what it measured. Only a measured FAIL accuses the platform."""

from __future__ import annotations

from typing import Any

from isolation.record import Verdict
from isolation.show.message import case_message
from robot_support import run as runs
from robot_support.collector import COLLECTOR, TestInProgress
from robot_support.phrases.sentences import in_words

_BY_SIGNAL = "Execution terminated by signal"


def has_failed(test: TestInProgress) -> bool:
    """Whether anything that the test measured is broken."""
    return any(found.verdict is Verdict.FAIL for found in test.measurements)


def is_end_by_signal(result: Any) -> bool:
    """Whether the test, or the setup of a suite around it, was ended by Ctrl-C: then Robot says another reason for the test."""
    setups = [suite.setup.message for suite in suites_around(result) if suite.has_setup]
    return any(_BY_SIGNAL in message for message in (result.message, *setups))


def suites_around(test: Any) -> list[Any]:
    """The suites that a test is in, the nearest first."""
    return [test.parent, *suites_around(test.parent)] if test.parent is not None else []


def conclude(test: TestInProgress, result: Any) -> None:
    """Set status and message of a test that has ended."""
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
    reason = in_words(result.message or "Nothing was measured: the test makes no claim.")
    test.not_examined = reason
    COLLECTOR.note_not_examined(reason)
    place = f" ({test.source})" if test.source else ""
    result.status, result.message = "SKIP", f"Could not be examined{place}: {reason}"
