"""The evidence of a run: everything that the sign-off page says, as one validated file that machines can read."""

from __future__ import annotations

import json
import os
import tempfile
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from isolation.record import Environment, Measurement
from isolation.record.claims import Claim
from isolation.show.text import clean, clean_setting

SCHEMA_FILE = Path(__file__).resolve().parents[3] / "resources" / "evidence.schema.json"


class CaseStatus(StrEnum):
    """What the test runner says about a test case."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"


class CaseEvidence(BaseModel):
    """One test case and what it measured.

    Attributes:
        id: The runner's id of the test, such as ``s1-s2-t3``; ``log.html#<id>`` opens it.
        name: The claim that the test makes.
        promises: Ids of the promises that the test stands for.
        status: How the test ended.
        message: The runner's message. A skip whose message begins with ``NOT APPLICABLE`` says that the target has not
            declared the capability; any other skip means that the test was not run.
        seconds: Duration.
        measurements: Its numbers.
        claims: How to judge them again.
        not_examined: Why it could not be examined, which is nobody's failure; or empty.
        not_applicable: What the target does not offer, or empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    name: str = Field(min_length=1)
    promises: tuple[str, ...] = ()
    status: CaseStatus
    message: str = ""
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    measurements: tuple[Measurement, ...] = ()
    claims: tuple[Claim, ...] = ()
    not_examined: str = ""
    not_applicable: str = ""


class LeftOut(BaseModel):
    """A test of the suite that was not chosen for the run.

    Attributes:
        name: The claim that the test makes.
        promises: Ids of the promises that the test stands for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    promises: tuple[str, ...]


class Overhead(BaseModel):
    """What the suite itself used while it measured.

    Attributes:
        cpu_percent: Of one core, mean over the run.
        limit_percent: What it may use at most.
        tenants: How many tenants it was sampling then.
        source: Who says what the limit is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu_percent: float = Field(ge=0, allow_inf_nan=False)
    limit_percent: float = Field(gt=0, allow_inf_nan=False)
    tenants: int = Field(ge=0)
    source: str = Field(min_length=1)

    @property
    def kept(self) -> bool:
        """Whether the overhead stayed below its limit."""
        return self.cpu_percent < self.limit_percent


class CleanUp(BaseModel):
    """What the run left behind.

    Attributes:
        residue: How many things were left after clean-up, or None when nobody could count.
        remaining: What and where, in words, one entry per kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    residue: int | None = Field(default=None, ge=0)
    remaining: tuple[str, ...] = ()


class Evidence(BaseModel):
    """A whole run.

    Attributes:
        environment: The machine and the target.
        settings: Every setting that had an effect, by name, as text with its unit (and its source, where it has one).
        cases: The test cases in the order in which they ran.
        left_out: The tests that were not chosen; a promise is proven by all of its tests only.
        overhead: What the suite used, or None when it was not measured.
        clean_up: What was left behind.
        caveats: Sentences about what this run cannot prove: shortened windows, mechanisms that cannot guarantee.
        diagnosis: Set when the target did not work at all, such as ``100 of 100 connected, 0 of 100 answered``.
        seconds: Duration of the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Environment
    settings: dict[str, str] = Field(default_factory=dict)
    cases: tuple[CaseEvidence, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    overhead: Overhead | None = None
    clean_up: CleanUp = CleanUp()
    caveats: tuple[str, ...] = ()
    diagnosis: str = ""
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    def cleaned(self) -> Evidence:
        """The same evidence without secrets and invisible characters in any text."""
        data = {name: _cleaned(value) for name, value in self.model_dump(mode="json").items()}
        data["settings"] = {clean(name): clean_setting(name, value) for name, value in self.settings.items()}
        return Evidence.model_validate_json(json.dumps(data))


def evidence_schema() -> dict[str, object]:
    """The JSON schema (draft 2020-12) of an evidence file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Evidence of a tenant isolation run",
        **Evidence.model_json_schema(mode="serialization"),
    }


def save_evidence(evidence: Evidence, path: Path) -> None:
    """Write the evidence, cleaned of secrets, in one step: a reader sees the old file or the new one, never a half.

    Args:
        evidence: The run.
        path: Such as ``results/evidence.json``; its folder is made when missing.
    """
    write_whole(path, evidence_text(evidence))


def evidence_text(evidence: Evidence) -> str:
    """The content of the evidence file; its SHA-256 stands beside the signature."""
    return evidence.cleaned().model_dump_json(indent=1) + "\n"


def load_evidence(path: Path) -> Evidence:
    """Read an evidence file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is not valid evidence; the message names each offending field.
    """
    return Evidence.model_validate_json(path.read_bytes())


def write_whole(path: Path, text: str) -> None:
    """Write a text file in one step (a temporary file beside it, then a rename)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        # A text of nothing but invisible characters is still a text: fields that must not be empty stay valid.
        return clean(value) or ("?" if value else "")
    if isinstance(value, dict):
        return {clean(name): _cleaned(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_cleaned(entry) for entry in value]
    return value
