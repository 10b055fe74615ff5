"""A claim of a test about a record: enough to judge it again from the files of the run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from isolation.record.measurements import Limit, Verdict


class Claim(BaseModel):
    """What was claimed, by which limits, and what the judge said.

    Attributes:
        judge: The judge, as ``package.module:function``.
        record: File of the record, relative to the folder of the run.
        limits: The limits in force, by name.
        subject: What else the sentence named: tenants, kinds.
        foreign_percent: How busy others kept the machine meanwhile; it may excuse a FAIL about speed.
        verdicts: Verdict of each measurement, in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judge: str = Field(pattern=r"^[a-z_.]+:[a-z_]+$")
    promise: str
    record: str
    limits: dict[str, Limit]
    subject: dict[str, object] = Field(default_factory=dict)
    foreign_percent: float | None = None
    verdicts: tuple[Verdict, ...] = ()
