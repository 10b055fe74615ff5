"""A number with everything a reviewer needs to accept or doubt it."""

from __future__ import annotations

import math
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Verdict(StrEnum):
    """What the evidence says. Only PASS is green."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    """The evidence does not decide: too few samples, load generator late, machine too noisy."""
    NOT_APPLICABLE = "NOT APPLICABLE"
    """The target has not declared the capability."""

    @property
    def severity(self) -> int:
        """Rank for combining verdicts: the worst of several is the one with the highest rank."""
        return [Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE, Verdict.FAIL].index(self)


class Comparison(StrEnum):
    """On which side of the limit a value must lie."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="
    EXACTLY = "=="

    def holds(self, value: float, limit: float) -> bool:
        """Whether ``value`` keeps ``limit``."""
        return {
            Comparison.BELOW: value < limit,
            Comparison.AT_MOST: value <= limit,
            Comparison.ABOVE: value > limit,
            Comparison.AT_LEAST: value >= limit,
            Comparison.EXACTLY: value == limit,
        }[self]


class Limit(BaseModel):
    """What a value is held against, and who says so.

    Attributes:
        value: Where it lies.
        unit: Unit of the value.
        comparison: On which side of it a value must lie.
        source: Who says so.
        contract: Where the contract's own limit lies, when a scenario states another one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float = Field(allow_inf_nan=False)
    unit: str
    comparison: Comparison
    source: str = Field(min_length=1)
    contract: float | None = Field(default=None, allow_inf_nan=False)

    @property
    def weaker(self) -> bool:
        """Whether it lets something through that the contract's own limit does not."""
        if self.contract is None or self.contract == self.value:
            return False
        if self.comparison in (Comparison.BELOW, Comparison.AT_MOST):
            return self.value > self.contract
        return self.comparison is Comparison.EXACTLY or self.value < self.contract

    def __str__(self) -> str:
        """Such as ``< 2 s (document 001)``."""
        return f"{self.comparison} {self.value:g} {self.unit}".rstrip() + f" ({self.source})"


class Interval(BaseModel):
    """Where the true value lies, at a stated confidence (0 to 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    confidence: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _ordered(self) -> Interval:
        if self.low > self.high:
            raise ValueError(f"an interval runs from low to high, but {self.low} > {self.high}")
        return self


class Measurement(BaseModel):
    """One number of one promise, judged.

    Attributes:
        promise: Id of the promise, such as ``RI-4``.
        metric: Its name in words, such as ``slowdown of the victims (mean)``; unique within a promise and case.
        value: The measured value, or None when nothing could be measured (never together with PASS).
        unit: Unit of the value; empty for pure counts and ratios.
        interval: Confidence interval of the value, where the judge makes one.
        samples: How many observations stand behind the value. Zero is never a PASS.
        limit: What decided, or None for a number that is only reported (its verdict is then PASS or INCONCLUSIVE).
        verdict: What the evidence says.
        reason: One sentence: claim, measured, limit, who, where to look.
        tenants: The tenants concerned, worst first; empty when all or none.
        engine_lag_ms: 99th percentile of the load engine's own lateness while this was measured, where load ran.
        control: Whether this is a control of the method itself (positive control, quiet/quiet, injected delay).
        details: Further numbers by name, each with its unit in the name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    promise: str = Field(pattern=r"^[A-Z]{2}-\d{1,2}$")
    metric: str = Field(min_length=1)
    value: float | None = None
    unit: str = ""
    interval: Interval | None = None
    samples: int = Field(ge=0)
    limit: Limit | None = None
    verdict: Verdict
    reason: str = Field(min_length=1)
    tenants: tuple[str, ...] = ()
    engine_lag_ms: float | None = None
    control: bool = False
    details: dict[str, float | int | str | None] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _a_pass_needs_evidence(self) -> Measurement:
        if self.verdict is Verdict.PASS and (self.samples == 0 or self.value is None):
            raise ValueError(f"{self.promise} {self.metric}: a PASS needs a value and at least one sample")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"{self.promise} {self.metric}: the value must be finite, not {self.value}")
        return self


def worst(measurements: list[Measurement]) -> Verdict:
    """The verdict of a case: the worst of its measurements; a case without any measurement fails."""
    if not measurements:
        return Verdict.FAIL
    return max((m.verdict for m in measurements), key=lambda verdict: verdict.severity)
