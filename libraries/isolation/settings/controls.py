"""Public catalogues of controls and weaknesses that promises are evidence for."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from isolation.settings.errors import SettingsError, in_one_sentence, read_yaml


class Framework(BaseModel):
    """One public catalogue.

    Attributes:
        framework: Its short name.
        title: Its full name.
        edition: The edition in which the ids were looked up.
        address: Where it is published.
        controls: Titles by id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    framework: str = Field(min_length=1)
    title: str = Field(min_length=1)
    edition: str = Field(min_length=1)
    address: str = Field(pattern=r"^https://")
    controls: dict[str, str] = Field(min_length=1)


def load_frameworks(path: Path) -> tuple[Framework, ...]:
    """Read ``controls.yaml``.

    Raises:
        SettingsError: When it cannot be read, or names a control twice.
    """
    try:
        frameworks = TypeAdapter(tuple[Framework, ...]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise in_one_sentence(error, str(path), Framework) from None
    ids = [control for framework in frameworks for control in framework.controls]
    twice = next((control for control in ids if ids.count(control) > 1), None)
    if twice is not None:
        raise SettingsError(f"{path}: '{twice}' stands in two frameworks")
    return frameworks
