"""The history of runs: one line of JSON per run, so that a reviewer sees whether a number drifts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from isolation.record import Comparison, Measurement
from isolation.show.evidence.decided import DecidedEvidence
from isolation.show.evidence.run import EndingKind
from isolation.show.files.safe import open_regular, read_regular, said
from isolation.show.overall import Colour
from isolation.show.verdicts import PromiseResult, PromiseVerdict

_LARGEST = 32 * 1024 * 1024
"""Bytes of a history that are read; runs beyond that are too many to compare with."""


class KeyValue(BaseModel):
    """A number of one promise in one run.

    Attributes:
        value: As measured.
        unit: Unit of the value.
        low: Lower end of its interval, where there is one.
        high: Upper end of its interval.
        limit: Where its limit lay.
        comparison: On which side of the limit it has to lie.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    value: float = Field(allow_inf_nan=False)
    unit: str
    low: float | None = Field(default=None, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)
    limit: float | None = Field(default=None, allow_inf_nan=False)
    comparison: Comparison | None = None


class RunLine(BaseModel):
    """One run in short.

    Attributes:
        run_id: Identifies the run.
        started: ISO 8601 with zone.
        colour: The overall verdict.
        seconds: Duration.
        verdicts: Per promise.
        values: The headline of each promise that has one, else the number that decided.
        commit: Of the suite.
        build: Of the platform.
        changed: Whether the suite differed from its commit.
        host: Name of the machine.
        defect: The seeded defect, or empty.
        left_out: How many tests were not chosen.
        ending: How the run ended.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    started: str
    target: str
    profile: str
    colour: Colour
    seconds: float = Field(ge=0, allow_inf_nan=False)
    verdicts: dict[str, PromiseVerdict]
    values: dict[str, KeyValue]
    commit: str = ""
    build: str = ""
    changed: bool | None = None
    host: str = ""
    defect: str = ""
    left_out: int = Field(default=0, ge=0)
    ending: EndingKind = EndingKind.FINISHED

    def count(self, verdict: PromiseVerdict) -> int:
        """How many promises had this verdict."""
        return list(self.verdicts.values()).count(verdict)

    @property
    def whole(self) -> bool:
        """Whether it examined everything, on a platform without a seeded defect, to its end: only such runs make a trend."""
        return not self.defect and not self.left_out and self.ending is EndingKind.FINISHED

    def compares_with(self, other: RunLine) -> bool:
        """Whether both were whole runs of the same target and profile on the same machine."""
        mine, theirs = (self.target, self.profile, self.host), (other.target, other.profile, other.host)
        return mine == theirs and self.whole and other.whole and self.run_id != other.run_id


@dataclass(frozen=True, slots=True)
class History:
    """The runs that could be read, oldest first, and what was wrong with the lines that could not."""

    runs: tuple[RunLine, ...] = ()
    damage: tuple[str, ...] = ()

    def comparable(self, run: RunLine) -> list[RunLine]:
        """Earlier runs that may be drawn into one line with this one."""
        return [earlier for earlier in self.runs if earlier.compares_with(run)]


def run_line(evidence: DecidedEvidence, results: Sequence[PromiseResult]) -> RunLine:
    """The line of this run."""
    environment, identity = evidence.environment, evidence.identity
    shown = {result.id: result.headline or result.key for result in results}
    return RunLine(
        run_id=environment.run_id,
        started=environment.started,
        target=environment.target,
        profile=environment.profile,
        colour=evidence.overall.colour,
        seconds=evidence.seconds,
        verdicts={result.id: result.verdict for result in results},
        values={name: _value(m) for name, m in shown.items() if m is not None and m.value is not None},
        commit=identity.commit,
        build=identity.platform_build,
        changed=identity.changed,
        host=identity.host,
        defect=identity.defect,
        left_out=len(evidence.left_out),
        ending=evidence.ending.kind,
    )


def _value(m: Measurement) -> KeyValue:
    assert m.value is not None
    return KeyValue(
        metric=m.metric,
        value=m.value,
        unit=m.unit,
        low=m.interval.low if m.interval else None,
        high=m.interval.high if m.interval else None,
        limit=m.limit.value if m.limit else None,
        comparison=m.limit.comparison if m.limit else None,
    )


def append_run(path: Path, run: RunLine) -> None:
    """Add a run to the history, in one write; a last line that an interrupted run left unfinished is closed first.

    Raises:
        OSError: It is no ordinary file, or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = open_regular(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    try:
        size = os.fstat(handle).st_size
        unfinished = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if unfinished else b"") + run.model_dump_json().encode() + b"\n")
    finally:
        os.close(handle)


def load_history(path: Path) -> History:
    """Read the history. A missing file is an empty history; what cannot be read is left out and named, and never an error."""
    try:
        content = read_regular(path)[-_LARGEST:]
    except FileNotFoundError:
        return History()
    except OSError as error:
        return History(
            damage=(f"The history {path.name} cannot be read ({said(error)}): nothing is compared with it.",)
        )
    runs: list[RunLine] = []
    damage: list[str] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            runs.append(RunLine.model_validate_json(line))
        except ValidationError as error:
            damage.append(f"{path.name} line {number} is left out: {error.errors()[0]['msg']}")
    return History(tuple(runs), tuple(damage))
