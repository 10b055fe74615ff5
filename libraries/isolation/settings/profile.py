"""The scale of a run: how many, how long, how heavy; one file per profile in ``resources/profiles``."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from isolation.settings.errors import SettingsError, in_one_sentence, read_yaml
from isolation.settings.units import Count, Megabytes, Percent, PerSecond, Seconds


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Steady(_Part):
    """The work of tenants that behave."""

    tenants: Count
    rate: PerSecond
    work: Seconds


class Baseline(_Part):
    """RI-1."""

    agents: Count
    idle: Seconds
    load: Seconds
    rate: PerSecond
    alone: Seconds


class Quota(_Part):
    """RI-2."""

    cpu: Percent
    memory: Megabytes
    watch_memory: Seconds
    watch_cpu: Seconds


class Leaks(_Part):
    """RI-3."""

    rate_per_minute: Megabytes
    handles: Count
    connections: Count
    sustained: Seconds


class Campaign(_Part):
    """Quiet and noisy blocks that take turns (RI-2, RI-4, RI-5)."""

    tenants: Count
    warm_up: Seconds
    pairs: Count
    controls: Count
    block: Seconds
    slices: Count
    settle: Seconds
    stolen: Percent
    again: Percent
    answers: Count
    second_look: Seconds


class Heavy(_Part):
    """RI-4: the one tenant that works heavily."""

    rate: PerSecond
    work: Seconds


class Stress(_Part):
    """RI-6."""

    tenants: Count
    step: Seconds
    light: Seconds
    medium: Seconds
    heavy: Seconds


class Recovery(_Part):
    """RI-7."""

    agents: Count
    work: Seconds


class Startup(_Part):
    """CS-1 to CS-5."""

    users: Count
    batch: Count
    pause: Seconds
    hold: Seconds


class Registry(_Part):
    """AR-1 to AR-21."""

    users: Count
    operations: Count
    concurrent_users: Count
    cycles: Count
    long_session: Seconds


class ShardLimits(_Part):
    """What is asked of each of several load engines; one that keeps less is named, and nothing that it carried is judged.

    Attributes:
        clock: How exactly its clock has to be known.
        late: By how much it may miss a common start.
        silent: After how long without a sign of life it counts as lost.
        lease: After how long without a call an engine in a cluster ends by itself.
    """

    clock: Seconds
    late: Seconds
    silent: Seconds
    lease: Seconds


class Profile(_Part):
    """One profile.

    Attributes:
        name: As the file is called.
        purpose: One sentence for the report.
        strict: Whether INCONCLUSIVE fails a test.
        sampling: Distance between two samples of a process.
    """

    name: str = Field(pattern=r"^[a-z_]+$")
    purpose: str = Field(min_length=1)
    strict: bool
    sampling: Seconds
    steady: Steady
    baseline: Baseline
    quota: Quota
    leaks: Leaks
    campaign: Campaign
    heavy: Heavy
    stress: Stress
    recovery: Recovery
    startup: Startup
    registry: Registry
    shards: ShardLimits

    def flat(self) -> dict[str, str]:
        """Every single number by ``part.name``, in seconds, MB, per cent or requests per second."""
        parts = {name: part for name, part in self if isinstance(part, BaseModel)}
        numbers = ((f"{name}.{inner}", value) for name, part in parts.items() for inner, value in part)
        return {name: f"{value:g}" for name, value in numbers if not isinstance(value, tuple)}

    @classmethod
    def load(cls, folder: Path, name: str) -> Profile:
        """Read one profile.

        Args:
            folder: Where the profiles are.
            name: Such as ``quick``.

        Raises:
            SettingsError: When there is no such profile or it holds anything impossible.
        """
        path = folder / f"{name}.yaml"
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        if name not in known:
            raise SettingsError(f"there is no profile '{name}' in {folder}; there are {', '.join(known)}")
        try:
            profile = cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise in_one_sentence(error, str(path), cls) from None
        if profile.name != name:
            raise SettingsError(
                f"{path}: 'name' cannot be '{profile.name}': it should be '{name}', as the file is called"
            )
        return profile
