"""The evidence collector: what each test measured, its charts in the log, and the failure when a promise is broken."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn

from isolation.judge.resources.overhead import MEASURED, PROCESSES
from isolation.record import Measurement, Verdict
from isolation.record.claims import Claim
from isolation.record.numbers import number
from isolation.show.evidence import CaseEvidence, CaseStatus, CleanUp, Overhead
from isolation.show.message import case_message, measurements_table_html
from isolation.show.numbers import found, limit_words
from robot_support import run as runs
from robot_support.failures import PromiseBroken


@dataclass(slots=True)
class TestInProgress:
    """The test that runs: what it stands for, and what it measured so far.

    Attributes:
        name: The claim that it makes.
        promises: Ids of its promises, from its metadata.
        source: File of the scenario, as seen from the project, and line of the test.
        began_at: Seconds, monotonic clock.
        measurements: Its numbers so far.
        claims: How to judge them again.
        charts: Its pictures, inline SVG.
        not_examined: Why it could not be examined, or empty.
        not_applicable: Why the target cannot be asked this, or empty.
    """

    name: str
    promises: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    source: str = ""
    began_at: float = field(default_factory=time.monotonic)
    measurements: list[Measurement] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    not_examined: str = ""
    not_applicable: str = ""


@dataclass(slots=True)
class EvidenceCollector:
    """Everything that the tests of a run found.

    Attributes:
        cases: The tests that have ended.
        residue: What the suite could not remove after its scenarios, in words.
        residue_counted: Whether anybody could count.
        not_removed: Tenants that could not be removed, each with the reason.
        tenants_made: How many tenants the suite created.
        overhead: What watching cost, at the largest number of processes.
        caveats: Sentences about what this run cannot prove.
        diagnosis: Set when the target did not answer at all.
        not_examined: What could not be examined and why, the first cause first.
        charts: The charts of each test, inline SVG, by the runner's id of the test.
        test: The test that runs, or None between tests.
    """

    cases: list[CaseEvidence] = field(default_factory=list)
    residue: list[str] = field(default_factory=list)
    residue_counted: bool = False
    not_removed: list[str] = field(default_factory=list)
    tenants_made: int = 0
    overhead: Overhead | None = None
    caveats: list[str] = field(default_factory=list)
    diagnosis: str = ""
    not_examined: list[str] = field(default_factory=list)
    charts: dict[str, list[str]] = field(default_factory=dict)
    test: TestInProgress | None = None

    def begin(self, test: TestInProgress) -> None:
        """A test begins."""
        self.test = test

    @property
    def measurements(self) -> list[Measurement]:
        """The measurements of the test that runs."""
        return self.test.measurements if self.test is not None else []

    def note_not_examined(self, reason: str) -> None:
        """Remember why something could not be examined; the first cause stays first."""
        if reason not in self.not_examined:
            self.not_examined.append(reason)

    def note_caveat(self, sentence: str) -> None:
        """Put a sentence on the sign-off page under what this run does not prove."""
        if sentence not in self.caveats:
            self.caveats.append(sentence)

    def decide(self, measurements: Measurement | Iterable[Measurement], *charts: str) -> list[Measurement]:
        """Write measurements and charts into the log and the evidence, and fail when a promise is broken.

        Args:
            measurements: What the judges said.
            *charts: Inline SVG.

        Returns:
            The measurements as they were written.

        Raises:
            PromiseBroken: When a verdict is FAIL.
        """
        new = [measurements] if isinstance(measurements, Measurement) else list(measurements)
        self._write(new, charts)
        if any(m.verdict is Verdict.FAIL for m in new):
            raise PromiseBroken(case_message([m for m in new if m.verdict is Verdict.FAIL]).removeprefix("FAIL: "))
        return new

    def foreign_percent(self, judged: Sequence[Measurement]) -> float | None:
        """How busy others kept the machine since the test began; only asked for when something failed."""
        if self.test is None or not runs.is_open() or all(m.verdict is not Verdict.FAIL for m in judged):
            return None
        return runs.current().foreign_load(self.test.began_at)

    def conclude(self, test_id: str, status: str, message: str, seconds: float) -> CaseEvidence:
        """A test has ended; its evidence is kept.

        Returns:
            The evidence, as it stands in the collector.
        """
        test = self.test or TestInProgress("?")
        case = CaseEvidence(
            id=test_id,
            name=test.name,
            source=test.source,
            promises=test.promises,
            status=CaseStatus(status),
            message=message,
            seconds=seconds,
            measurements=tuple(test.measurements),
            claims=tuple(test.claims),
            not_examined=test.not_examined,
            not_applicable=test.not_applicable,
        )
        self.cases.append(case)
        self.charts[test_id] = test.charts
        self.test = None
        return case

    def cleaned(self) -> CleanUp:
        """What was left behind, for the report."""
        return CleanUp(residue=len(self.residue) if self.residue_counted else None, remaining=tuple(self.residue))

    def _write(self, new: Sequence[Measurement], charts: Sequence[str]) -> None:
        if self.test is not None:
            self.test.measurements.extend(new)
            self.test.charts.extend(filter(None, charts))
        for chart in filter(None, charts):
            logger.info(chart, html=True)
        logger.info(measurements_table_html(new), html=True)
        _show_as_metadata(new)
        self.overhead = next((o for m in new if (o := _overhead(m))), self.overhead)
        silent = [m for m in new if m.metric == "answered" and m.verdict is Verdict.FAIL and not m.value]
        self.diagnosis = self.diagnosis or (silent[0].reason if silent else "")


def _overhead(measurement: Measurement) -> Overhead | None:
    """What the page says of the suite's own weight."""
    measured, processes = measurement.details.get(MEASURED), measurement.details.get(PROCESSES)
    if measurement.limit is None or not isinstance(measured, (int, float)) or not isinstance(processes, int):
        return None
    limit = measurement.limit
    return Overhead(cpu_percent=measured, limit_percent=limit.value, tenants=processes, source=limit.source)


def _show_as_metadata(measurements: Sequence[Measurement]) -> None:
    """Measured value, limit and verdict of what decides, as metadata of the test: its own column in report.html."""
    robot = BuiltIn()
    for measurement in measurements:
        if measurement.limit is not None and not measurement.control:
            text = f"{measurement.verdict}: {found(measurement)} ({limit_words(measurement.limit)}; {number(measurement.samples)} samples)"
            robot.set_test_metadata(measurement.metric.capitalize(), text)


COLLECTOR = EvidenceCollector()
"""The collector of this Robot execution."""
