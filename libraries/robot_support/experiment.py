"""The base of every keyword library: a setup records one experiment, the tests judge its record.

The setup never fails. What the target does not offer, and what could not be examined, is told by each test that needs it, so that
every test carries its own reason and none is "not run".
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from robot.api import logger
from robot.errors import RobotError  # type: ignore[import-untyped]  # no type information there
from robot.libraries.BuiltIn import BuiltIn
from robotlibcore import DynamicCore

from isolation.drive.worker import WorkerEnded, WorkerError
from isolation.judge.rules.excuses import FOREIGN_LOAD, excused_by_foreign_load
from isolation.judge.rules.watch_gaps import weigh_watch
from isolation.record import Measurement, Verdict
from isolation.record.claims import Claim
from isolation.record.experiments import save_experiment
from isolation.scenarios.api import Api, NotExamined, NotOffered
from isolation.target.needs import Needs, not_offered
from isolation.target.words import OperatorOperation
from robot_support import run as runs
from robot_support.collector import COLLECTOR, TestInProgress
from robot_support.failures import BrokenEnvironment, CouldNotBeExamined
from robot_support.phrases.stated_limits import as_trial, limits_of_all, stated_limits
from robot_support.progress import PROGRESS
from robot_support.run import Run
from robot_support.suite_files.file_under_test import name_of_record, promises_of_file

Judge = Callable[..., list[Measurement]]
"""``judge(promise, record, limits, **subject)``."""
Figure = Callable[..., str]
"""``figure(record, limits=limits, **subject)``: inline SVG, or nothing."""


_HOUSE = "/libraries/"
"""Where our own code lies: the place that a reader can do something about."""

_MESSENGER = "/drive/"
"""What only passes a call on to a worker says nothing about the place either."""

_TO_BE_SEEN_DEAD_S = 2.0
"""How long a platform whose doors are closed may take to have ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an experiment: a record, or why there is none.

    Attributes:
        record: The record, or None.
        file: Where it was saved, relative to the output folder; empty when it could not be.
        not_applicable: What the target does not offer, in one sentence.
        not_examined: What kept it from its end, in one sentence.
        began_at: When the experiment began (seconds, monotonic clock).
    """

    record: Any = None
    file: str = ""
    not_applicable: str = ""
    not_examined: str = ""
    began_at: float = field(default_factory=time.monotonic)


class ExperimentLibrary(DynamicCore):
    """Keyword libraries derive from it, with ``@library(scope="SUITE")``: one fresh object for each suite file."""

    def __init__(self) -> None:
        """Nothing has been recorded."""
        super().__init__([])
        self._outcome = Outcome(not_examined="Nothing was recorded: the suite has no setup that does.")

    @property
    def run(self) -> Run:
        """The open run."""
        return runs.current()

    def experiment(self, scenario: Callable[..., Any], needs: Needs, **options: object) -> None:
        """Drive the platform and keep the record; never fails, see the tests.

        Args:
            scenario: ``run(api, **options) -> record`` of a module in ``isolation.scenarios``.
            needs: What the target must offer for any of it.
            **options: What the sentence says.
        """
        if runs.is_open():
            PROGRESS.tell(self.run.options, self.run.target.name, len(COLLECTOR.cases))
        began_at = time.monotonic()
        self._outcome = replace(_perform(scenario, needs, options), began_at=began_at)
        PROGRESS.tell_not_applicable(self._outcome.not_applicable)
        if self._outcome.not_examined:
            COLLECTOR.note_not_examined(self._outcome.not_examined)

    def claim(
        self,
        judge: Judge,
        stated: Mapping[str, float] | None = None,
        *,
        needs: Needs | None = None,
        figure: Figure | None = None,
        **subject: object,
    ) -> None:
        """Judge the record for every promise of the test that runs.

        Args:
            judge: Says what the record shows.
            stated: Limits that the sentence states, by their name in the catalogue.
            needs: What this claim needs beyond the experiment.
            figure: Draws the record.
            **subject: What else the sentence names, such as tenants.

        Raises:
            PromiseBroken: A verdict is FAIL.
            CouldNotBeExamined: There is nothing to judge, and it is not known to be the platform's fault.
        """
        test = COLLECTOR.test
        if test is None or not test.promises:
            raise CouldNotBeExamined(
                "The test names no promise: add a line such as '[Metadata]    Promise    RI-5' to it."
            )
        if lacks := self._not_offered(needs or Needs()):
            COLLECTOR.decide(_not_applicable(promise, judge, lacks) for promise in test.promises)
            return
        if self._outcome.not_examined:
            raise CouldNotBeExamined(self._outcome.not_examined)
        # What others did to the machine while the experiment ran may excuse what it measured.
        test.began_at = min(test.began_at, self._outcome.began_at)
        record = self._outcome.record
        found: list[Measurement] = []
        for promise in test.promises:
            found += self._judged(judge, promise, record, stated or {}, subject, test)
        COLLECTOR.decide(found, _drawn(figure, record, test, stated or {}, subject) if figure is not None else "")

    def _judged(
        self,
        judge: Judge,
        promise: str,
        record: object,
        stated: Mapping[str, float],
        subject: Mapping[str, object],
        test: TestInProgress,
    ) -> list[Measurement]:
        limits, weaker = stated_limits(promise, stated, test.tags)
        found = weigh_watch(judge(promise, record, limits, **subject), record)
        trials = [as_trial(m, weaker) for m in found]
        percent = COLLECTOR.foreign_percent(trials)
        judged = [excused_by_foreign_load(m, percent, limits[FOREIGN_LOAD]) for m in trials]
        test.claims.append(
            Claim(
                judge=f"{judge.__module__}:{judge.__name__}",
                promise=promise,
                record=self._outcome.file,
                limits=dict(limits.by_name),
                subject=dict(subject),
                foreign_percent=percent,
                verdicts=tuple(m.verdict for m in judged),
            )
        )
        return judged

    def _not_offered(self, needs: Needs) -> str:
        if self._outcome.not_applicable or self._outcome.not_examined:
            return self._outcome.not_applicable
        return not_offered(self.run.target, needs)


def _drawn(
    figure: Figure, record: object, test: TestInProgress, stated: Mapping[str, float], subject: Mapping[str, object]
) -> str:
    """The picture of a record; one that cannot be drawn never hides what was measured."""
    limits, _ = stated_limits(test.promises[0], stated, test.tags)
    try:
        return figure(record, limits=limits, **subject)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        logger.warn(f"The chart of this test could not be drawn: {type(error).__name__}: {error}")
        return ""


def _not_applicable(promise: str, judge: Judge, reason: str) -> Measurement:
    """What one claim says where the target does not offer what it needs; it never hides what the others found."""
    metric = judge.__name__.removeprefix("judge_").replace("_", " ")
    return Measurement(promise=promise, metric=metric, samples=0, verdict=Verdict.NOT_APPLICABLE, reason=reason)


def _perform(scenario: Callable[..., Any], needs: Needs, options: Mapping[str, object]) -> Outcome:
    try:
        run = runs.begin()
    except BrokenEnvironment as error:
        return Outcome(not_examined=str(error))
    if run.broken_by:
        return Outcome(not_examined=run.broken_by)
    if lacks := not_offered(run.target, needs):
        return Outcome(not_applicable=lacks)
    api = run.api(limits_of_all(promises_of_file(BuiltIn().get_variable_value("${SUITE SOURCE}"))))
    try:
        record = scenario(api, **options)
        if died := run.what_died():
            run.broken_by = died  # whatever was recorded meanwhile says nothing about the platform
            _take_away(run, api)
            return Outcome(not_examined=died)
        notes = getattr(record, "notes", None)
        if notes is not None:
            notes.extend(api.monitor.notes(api.began_at))
    except NotOffered as error:
        outcome = Outcome(not_applicable=str(error))
    except (RobotError, KeyboardInterrupt, SystemExit):
        _take_away(run, api)
        raise  # Ctrl-C, or a time-out of Robot's
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and it never accuses the platform
        outcome = Outcome(not_examined=_cause(run, error))
    else:
        # Written while the users are taken away: neither needs the other, and both take their time.
        with ThreadPoolExecutor(1, "leaving") as pool:
            pool.submit(_take_away, run, api)
            return Outcome(record, _saved(run, record))
    _take_away(run, api)
    return outcome


def _cause(run: Run, error: Exception) -> str:
    """The first cause, in one sentence: a dead platform or instrument explains whatever went wrong after it."""
    if died := run.what_died(_TO_BE_SEEN_DEAD_S if isinstance(error, WorkerError) else 0.0):
        run.broken_by = died
        return died
    if isinstance(error, (NotExamined, WorkerEnded)):
        return f"The experiment could not be carried out: {error}."
    places = [one for one in inspect.trace() if _HOUSE in one.filename and _MESSENGER not in one.filename]
    place = places[-1] if places else inspect.trace()[-1]
    return (
        f"The experiment broke off: {type(error).__name__}: {error}"
        f" ({place.filename.rsplit(_HOUSE, 1)[-1]}, line {place.lineno})."
    )


def _take_away(run: Run, api: Api) -> None:
    try:
        left = api.leave()
    except Exception as error:  # noqa: BLE001 - what could not be removed is residue, whatever the reason
        left = []
        if not run.what_died():
            api.not_removed.append(f"{len(api.tenants_made)} tenants: {error}")
    if run.what_died() and run.platform_died:
        left = []  # of a platform that is gone nothing can be removed any more, and its remains are its own
    COLLECTOR.residue.extend(left)
    COLLECTOR.not_removed.extend(api.not_removed)
    if api.not_removed and not run.platform_died:
        COLLECTOR.note_caveat(f"Not everybody could be removed from the platform ({api.not_removed[0]}).")
    COLLECTOR.residue_counted = COLLECTOR.residue_counted or OperatorOperation.REMOVE in run.target.operator
    COLLECTOR.tenants_made += len(api.tenants_made)
    for sentence in api.reductions:
        COLLECTOR.note_caveat(sentence)


def _saved(run: Run, record: object) -> str:
    file = f"records/{name_of_record(BuiltIn().get_variable_value('${SUITE NAME}'))}.jsonl.gz"
    try:
        save_experiment(run.options.output / file, record)
    except OSError as error:
        COLLECTOR.note_caveat(f"The record {file} could not be written ({error.strerror}): it cannot be judged again.")
        return ""
    return file
