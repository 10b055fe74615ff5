"""The evidence book: what each test measured, its charts in the log, and the failure when a promise is broken."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn

from isolation.record import Measurement, Verdict
from isolation.show.evidence import CaseEvidence, CaseStatus, CleanUp, Overhead
from isolation.show.message import case_message, measurements_table_html
from isolation.show.numbers import found, limit_words
from robot_support.failures import PromiseBroken
from robot_support.foreign_load import excuse_busy_machine


@dataclass(slots=True)
class _Page:
    name: str
    began_at: float = field(default_factory=time.monotonic)
    measurements: list[Measurement] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """Everything that the tests of a run found.

    Attributes:
        cases: The tests that have ended.
        residue: What the suite could not remove after its scenarios, in words.
        tenants_made: How many tenants the suite created.
        overhead: What watching cost, at the largest number of processes.
        broken: Why the suite could not work, or empty.
        caveats: Sentences about what this run cannot prove.
        diagnosis: Set when the target did not answer at all.
    """

    cases: list[CaseEvidence] = field(default_factory=list)
    residue: list[str] = field(default_factory=list)
    residue_counted: bool = False
    tenants_made: int = 0
    overhead: Overhead | None = None
    broken: str = ""
    caveats: list[str] = field(default_factory=list)
    diagnosis: str = ""
    _page: _Page | None = None

    def begin(self, name: str) -> None:
        """A test begins."""
        self._page = _Page(name)

    @property
    def measurements(self) -> list[Measurement]:
        """The measurements of the test that runs."""
        return self._page.measurements if self._page is not None else []

    def decide(self, measurements: Measurement | Iterable[Measurement], *charts: str) -> None:
        """Write measurements and charts into the log and the evidence, and fail when a promise is broken.

        Args:
            measurements: What the judges said.
            *charts: Inline SVG.

        Raises:
            PromiseBroken: When a verdict is FAIL.
        """
        judged = [measurements] if isinstance(measurements, Measurement) else list(measurements)
        new = excuse_busy_machine(judged, self._page.began_at) if self._page is not None else judged
        if self._page is not None:
            self._page.measurements.extend(new)
        for chart in charts:
            logger.info(chart, html=True)
        logger.info(measurements_table_html(new), html=True)
        _show_as_metadata(new)
        for measurement in new:
            if measurement.metric == "answered" and measurement.verdict is Verdict.FAIL and not measurement.value:
                self.diagnosis = self.diagnosis or measurement.reason
        if any(m.verdict is Verdict.FAIL for m in new):
            raise PromiseBroken(case_message([m for m in new if m.verdict is Verdict.FAIL]).removeprefix("FAIL: "))

    def conclude(
        self, test_id: str, status: str, message: str, promises: Sequence[str], seconds: float
    ) -> CaseEvidence:
        """A test has ended; its evidence is kept.

        Returns:
            The evidence, as it stands in the book.
        """
        page = self._page or _Page("?")
        case = CaseEvidence(
            id=test_id,
            name=page.name,
            promises=tuple(promises),
            status=CaseStatus(status),
            message=message,
            seconds=seconds,
            measurements=tuple(page.measurements),
        )
        self.cases.append(case)
        self._page = None
        return case

    def cleaned(self) -> CleanUp:
        """What was left behind, for the report."""
        return CleanUp(residue=len(self.residue) if self.residue_counted else None, remaining=tuple(self.residue))


def _show_as_metadata(measurements: Sequence[Measurement]) -> None:
    """Measured value, limit and verdict of what decides, as metadata of the test: its own column in report.html."""
    robot = BuiltIn()
    for measurement in measurements:
        if measurement.limit is not None and not measurement.control:
            text = f"{measurement.verdict}: {found(measurement)} ({limit_words(measurement.limit)}; {measurement.samples} samples)"
            robot.set_test_metadata(measurement.metric.capitalize(), text)


BOOK = Book()
"""The book of this Robot execution."""
