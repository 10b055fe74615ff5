"""What the governor enforces and when it calls something noisy, leaking or running away."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum


class EnforcementChoice(StrEnum):
    """How quotas are enforced."""

    AUTO = "auto"
    """Control groups where they may be made, else signals."""
    CGROUPS = "cgroups"
    """Control groups, or no start at all."""
    SIGNALS = "signals"
    """Stop and continue, as an ordinary user has to."""


@dataclass(frozen=True, slots=True)
class GovernorSettings:
    """All numbers of the governor; each is positive. MB are 1,000,000 bytes; CPU % is of one core.

    Attributes:
        cpu_quota_percent: Processor quota of a tenant unless the operator sets another (percent of one core).
        memory_quota_bytes: Memory quota of a tenant unless the operator sets another (bytes).
        enforcement: How quotas are enforced.
        sample_seconds: Time between two looks at all agents (s).
        noisy_seconds: How long a tenant takes too much before it is called noisy (s).
        noisy_share: Which part of its quota is too much, while others are active (0 to 1).
        hold_seconds: How long a noisy tenant stays contained after its last excess (s); more than the 2 s for which a
            process can be stopped at a stretch.
        box_percent: Processor time that all contained tenants share (percent of one core).
        box_io_bytes_per_second: Storage traffic that all contained tenants share (bytes/s).
        box_memory_bytes_per_second: Fresh memory that all contained tenants may take together (bytes/s).
        contain_factor: Which part of its usual rates a contained tenant keeps in the gateway (0 to 1).
        crowd_share: Which part of its quota is too much on a saturated machine, when far above the others (0 to 1).
        crowd_factor: How many times the lower quartile of the active tenants is "far above the others".
        io_bytes_per_second: Storage traffic that is noise (bytes/s).
        memory_churn_bytes_per_second: Fresh memory taken that is noise (bytes/s).
        refused_share: Which part of a tenant's own demand refused or delayed by its own limits is noise (0 to 1).
        throttled_share: Which part of the time held back means that the processor quota is exceeded (0 to 1).
        leak_window_seconds: How long memory is watched for a leak (s).
        leak_megabytes_per_minute: Steady growth above this is a leak (MB/min).
        handle_margin: Handles above an idle agent's first count that are a leak.
        handle_idle_seconds: How long after its last operation an agent counts as idle (s).
        lease_idle_seconds: How long a leased database connection may lie unused (s).
        runaway_seconds: How long an agent may burn processor time without finishing anything (s).
        burning_share: Which part of what a tenant may use is burning (0 to 1).
        sustained_seconds: Over how long sustained use is averaged (s).
        sustained_percent: Mean use above this is told to the operator in any case (percent of one core).
        memory_watch_seconds: Time between two looks at memory where the kernel has no quota for it (s).
    """

    cpu_quota_percent: float = 50.0
    memory_quota_bytes: int = 1 << 30
    enforcement: EnforcementChoice = EnforcementChoice.AUTO
    sample_seconds: float = 1.0
    noisy_seconds: float = 3.0
    noisy_share: float = 0.8
    hold_seconds: float = 10.0
    box_percent: float = 10.0
    box_io_bytes_per_second: float = 2e6
    box_memory_bytes_per_second: float = 20e6
    contain_factor: float = 0.2
    crowd_share: float = 0.3
    crowd_factor: float = 4.0
    io_bytes_per_second: float = 20e6
    memory_churn_bytes_per_second: float = 200e6
    refused_share: float = 0.2
    throttled_share: float = 0.2
    leak_window_seconds: float = 20.0
    leak_megabytes_per_minute: float = 25.0
    handle_margin: int = 20
    handle_idle_seconds: float = 2.0
    lease_idle_seconds: float = 5.0
    runaway_seconds: float = 12.0
    burning_share: float = 0.8
    sustained_seconds: float = 300.0
    sustained_percent: float = 80.0
    memory_watch_seconds: float = 0.02

    def __post_init__(self) -> None:
        """Refuse impossible values by name.

        Raises:
            ValueError: A number is not positive, or a share is above 1.
        """
        object.__setattr__(self, "enforcement", EnforcementChoice(self.enforcement))
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, EnforcementChoice):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"{field.name} should be a positive number, but is {value!r}.")
            if field.name.endswith("_share") and value > 1:
                raise ValueError(f"{field.name} should be at most 1, but is {value!r}.")

    def to_json(self) -> str:
        """The settings as one JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> GovernorSettings:
        """Read settings; what is not named keeps its default.

        Args:
            text: One JSON object.

        Raises:
            ValueError: A name is unknown or a value impossible.
        """
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("The governor's settings should be one JSON object.")
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"The governor has no setting named {', '.join(sorted(unknown))}.")
        return cls(**values)
