"""The record of abused credentials, each tried beside its good twin (CS-2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from isolation.record.access.probes import CredentialProbe
from isolation.record.experiments import experiment_record


@experiment_record
@dataclass(slots=True)
class CredentialTrialsRecord:
    """What trying the tokens showed; no token is in it.

    Attributes:
        expected: Every way of abuse that had to be tried, and its group.
        clock_s: By how much the platform's clock is ahead of ours; tokens are made by its clock. None when it cannot be seen.
        probes: Every token that was tried.
    """

    expected: dict[str, str]
    clock_s: float | None = None
    probes: list[CredentialProbe] = field(default_factory=list)

    def of_group(self, group: str) -> tuple[list[CredentialProbe], list[str]]:
        """What was tried of a group, and what of it had to be tried."""
        return (
            [probe for probe in self.probes if probe.group == group],
            [abuse for abuse, of in self.expected.items() if of == group],
        )
