"""The evidence of a run, as it is collected: test cases with their numbers, and everything around them."""

from __future__ import annotations

import json
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from isolation.record import Environment, Measurement, Verdict
from isolation.record.claims import Claim
from isolation.show.evidence.identity import Identity
from isolation.show.text import clean, clean_setting, shorten

LONGEST_TEXT = 4_000
"""Characters of one text of the evidence: a platform may answer with a megabyte."""


class CaseStatus(StrEnum):
    """How a test case ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"


class EndingKind(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    NOT_FINISHED = "not finished"
    """It goes on, or it died without a word."""
    INTERRUPTED = "interrupted"
    BROKEN = "broken"
    """The suite could not work: a setting, the machine, a platform that never answered."""
    PLATFORM_DIED = "platform died"


class Ending(BaseModel):
    """How a run ended, and why when not by itself.

    Attributes:
        kind: In one word.
        cause: One sentence, such as ``The platform ended by itself, signal SIGKILL (9), 34 s after its start``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EndingKind = EndingKind.FINISHED
    cause: str = ""


class CaseEvidence(BaseModel):
    """One test case and what it measured.

    Attributes:
        id: The runner's id of the test, such as ``s1-s2-t3``; ``log.html#<id>`` opens it.
        name: The claim that the test makes.
        promises: Ids of the promises that the test stands for.
        status: How the test ended.
        message: What the runner says. A skip that begins with ``NOT APPLICABLE`` says that the target has not declared the
            capability; any other skip means that the test was not run.
        seconds: Duration.
        measurements: Its numbers.
        claims: How to judge them again.
        not_examined: Why it could not be examined, which is nobody's failure; or empty.
        not_applicable: What the target does not offer, or empty.
        source: File of the scenario, as seen from the project, and line of the test; such as ``suites/x.robot:12``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    name: str = Field(min_length=1)
    source: str = ""
    promises: tuple[str, ...] = ()
    status: CaseStatus
    message: str = ""
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    measurements: tuple[Measurement, ...] = ()
    claims: tuple[Claim, ...] = ()
    not_examined: str = ""
    not_applicable: str = ""

    @property
    def undone(self) -> str:
        """Why it could not be examined; empty when it was, or did not have to be."""
        decided = any(m.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE) for m in self.measurements)
        if self.not_examined or self.status is not CaseStatus.FAIL or decided:
            return self.not_examined
        return self.message.strip() or "no reason given"


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
        identity: What exactly was run, by whom and where.
        ending: How the run ended.
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
    identity: Identity = Identity()
    ending: Ending = Ending()
    settings: dict[str, str] = Field(default_factory=dict)
    cases: tuple[CaseEvidence, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    overhead: Overhead | None = None
    clean_up: CleanUp = CleanUp()
    caveats: tuple[str, ...] = ()
    diagnosis: str = ""
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    def cleaned(self) -> Evidence:
        """The same evidence without secrets, invisible characters and endless texts."""
        data = {name: _cleaned(value) for name, value in self.model_dump(mode="json").items()}
        data["settings"] = {clean(name): clean_setting(name, value) for name, value in self.settings.items()}
        return Evidence.model_validate_json(json.dumps(data))


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        # A text of nothing but invisible characters is still a text: fields that must not be empty stay valid.
        return shorten(clean(value), LONGEST_TEXT) or ("?" if value else "")
    if isinstance(value, dict):
        return {clean(name): _cleaned(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_cleaned(entry) for entry in value]
    return value
