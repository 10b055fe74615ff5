"""``evidence.json``: everything that a run collected, together with what it says, so that nobody has to judge again to read it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from isolation.record import Measurement
from isolation.show.evidence.run import Evidence
from isolation.show.files.safe import read_regular, write_whole
from isolation.show.overall import Colour, first_cause, overall
from isolation.show.verdicts import PromiseLike, PromiseResult, PromiseVerdict, promise_results

SCHEMA_FILE = Path(__file__).resolve().parents[4] / "resources" / "evidence.schema.json"
SCHEMA_ID: Literal["urn:tenant-isolation:evidence"] = "urn:tenant-isolation:evidence"
SCHEMA_VERSION = "2.0"


class OverallVerdict(BaseModel):
    """The verdict of the run.

    Attributes:
        colour: ``green`` only when nothing at all speaks against it.
        sentence: In plain words.
        reservations: What else speaks against signing.
        first_cause: Why something could not be examined; empty when everything was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    colour: Colour
    sentence: str
    reservations: tuple[str, ...]
    first_cause: str


class PromiseOutcome(BaseModel):
    """The verdict of one promise.

    Attributes:
        id: Such as ``RI-4``.
        title: From the catalogue.
        verdict: The worst of what is known.
        reason: Why it is not a PASS.
        headline: The number that a reader wants to see first, or None when it was not measured.
        decided_by: The number that decided, or None when the end of a test decided.
        controls: What it is evidence for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    verdict: PromiseVerdict
    reason: str
    headline: Measurement | None
    decided_by: Measurement | None
    controls: tuple[str, ...]


class DecidedEvidence(Evidence):
    """A run and its verdicts.

    Attributes:
        schema_id: Names this kind of file.
        schema_version: Grows with every change that a reader could notice; the number before the point when an old reader would err.
        overall: The verdict of the run.
        promises: The verdict of every promise, in the order of the catalogue.
    """

    schema_id: Literal["urn:tenant-isolation:evidence"] = SCHEMA_ID
    schema_version: str = Field(default=SCHEMA_VERSION, pattern=r"^2\.\d+$")
    overall: OverallVerdict
    promises: tuple[PromiseOutcome, ...]

    def text(self) -> str:
        """The content of the file."""
        return self.model_dump_json(indent=1) + "\n"

    def fingerprint(self) -> str:
        """SHA-256 of the file, as it stands beside the signature."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def decide(evidence: Evidence, catalogue: Sequence[PromiseLike]) -> tuple[DecidedEvidence, list[PromiseResult]]:
    """The evidence, cleaned of secrets, with its verdicts; and the results for those who render them."""
    shown = evidence.cleaned()
    results = promise_results(shown, catalogue)
    verdict = overall(shown, results)
    said = OverallVerdict(
        colour=verdict.colour,
        sentence=verdict.sentence,
        reservations=verdict.reservations,
        first_cause=first_cause(shown),
    )
    fields = {name: getattr(shown, name) for name in Evidence.model_fields}
    return DecidedEvidence(**fields, overall=said, promises=tuple(map(_outcome, results))), results


def save_evidence(evidence: DecidedEvidence, path: Path) -> None:
    """Write ``evidence.json`` in one step.

    Raises:
        OSError: It cannot be written.
    """
    write_whole(path, evidence.text())


def load_evidence(path: Path) -> DecidedEvidence:
    """Read an evidence file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is not valid evidence; the message names each offending field.
    """
    return DecidedEvidence.model_validate_json(read_regular(path))


def evidence_schema() -> dict[str, object]:
    """The JSON schema (draft 2020-12) of an evidence file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{SCHEMA_ID}:{SCHEMA_VERSION}",
        "title": "Evidence of a tenant isolation run",
        **DecidedEvidence.model_json_schema(mode="serialization"),
    }


def _outcome(result: PromiseResult) -> PromiseOutcome:
    return PromiseOutcome(
        id=result.id,
        title=result.title,
        verdict=result.verdict,
        reason=result.reason,
        headline=result.headline,
        decided_by=result.key,
        controls=result.promise.controls,
    )
