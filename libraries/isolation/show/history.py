"""The history of runs: one line of JSON per run, so that a reviewer sees whether a number drifts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from isolation.show.evidence import Evidence
from isolation.show.overall import Colour, Overall
from isolation.show.verdicts import PromiseResult, PromiseVerdict


class KeyValue(BaseModel):
    """The number that decided about a promise in one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    value: float = Field(allow_inf_nan=False)
    unit: str


class RunLine(BaseModel):
    """One run in short.

    Attributes:
        run_id: Identifies the run.
        started: ISO 8601 with zone.
        target: Name of the target.
        profile: Name of the profile; only runs of one target and one profile are compared with each other.
        colour: The overall verdict.
        seconds: Duration.
        verdicts: Per promise.
        values: Per promise with a number.
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

    def count(self, verdict: PromiseVerdict) -> int:
        """How many promises had this verdict."""
        return list(self.verdicts.values()).count(verdict)


@dataclass(frozen=True, slots=True)
class History:
    """The runs that could be read, oldest first, and what was wrong with the lines that could not."""

    runs: tuple[RunLine, ...] = ()
    damage: tuple[str, ...] = ()

    def comparable(self, run: RunLine) -> list[RunLine]:
        """Earlier runs of the same target and profile."""
        return [r for r in self.runs if (r.target, r.profile) == (run.target, run.profile) and r.run_id != run.run_id]


def run_line(evidence: Evidence, results: Sequence[PromiseResult], verdict: Overall) -> RunLine:
    """The line of this run."""
    environment = evidence.cleaned().environment
    values = {
        result.id: KeyValue(metric=result.key.metric, value=result.key.value, unit=result.key.unit)
        for result in results
        if result.key is not None and result.key.value is not None
    }
    return RunLine(
        run_id=environment.run_id, started=environment.started, target=environment.target, profile=environment.profile,
        colour=verdict.colour, seconds=evidence.seconds, verdicts={r.id: r.verdict for r in results}, values=values,
    )  # fmt: skip


def append_run(path: Path, run: RunLine) -> None:
    """Add a run to the history; a last line that an interrupted run left unfinished is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        unfinished = False
        if file.seek(0, 2):
            file.seek(-1, 2)
            unfinished = file.read(1) != b"\n"
        file.write((b"\n" if unfinished else b"") + run.model_dump_json().encode() + b"\n")


def load_history(path: Path) -> History:
    """Read the history; a missing file is an empty history, a damaged line is left out and named."""
    if not path.exists():
        return History()
    runs: list[RunLine] = []
    damage: list[str] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            runs.append(RunLine.model_validate_json(line))
        except ValidationError as error:
            damage.append(f"{path.name} line {number} is left out: {error.errors()[0]['msg']}")
    return History(tuple(runs), tuple(damage))
