"""What can cross from one tenant to another, through what, when and under which condition; and which test looks there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from isolation.settings.errors import in_one_sentence, read_yaml

NONE = "none: "
"""What a cell begins with that no test looks into; the reason follows."""
Side = Literal["channel", "moment", "condition"]
SIDES: dict[Side, str] = {"channel": "channels", "moment": "moments", "condition": "conditions"}


class CoverageRow(BaseModel):
    """One kind of crossing.

    Attributes:
        what: What crosses.
        channel: By channel, the tests that look, or why none does.
        moment: The same by moment.
        condition: The same by condition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str = Field(min_length=1)
    channel: dict[str, list[str]]
    moment: dict[str, list[str]]
    condition: dict[str, list[str]]

    def cells(self, side: Side) -> dict[str, list[str]]:
        """The cells of one side."""
        found: dict[str, list[str]] = getattr(self, side)
        return found

    def gaps(self, side: Side) -> dict[str, str]:
        """Cells of one side that no test looks into, with the reason."""
        return {
            name: entry.removeprefix(NONE)
            for name, entries in self.cells(side).items()
            for entry in entries
            if entry.startswith(NONE)
        }


class Coverage(BaseModel):
    """The whole model.

    Attributes:
        channels: Through what something can cross.
        moments: When.
        conditions: Under which condition.
        cells: One row for each kind of crossing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: list[str]
    moments: list[str]
    conditions: list[str]
    cells: list[CoverageRow] = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Coverage:
        for row in self.cells:
            for side, name in SIDES.items():
                expected: list[str] = getattr(self, name)
                if list(row.cells(side)) != expected:
                    wrong = set(expected) ^ set(row.cells(side)) or {"the order"}
                    raise ValueError(f"{side} of '{row.what}': {', '.join(sorted(wrong))} differ from '{name}'")
                empty = next((cell for cell, entries in row.cells(side).items() if not entries), None)
                if empty is not None:
                    raise ValueError(
                        f"{side} '{empty}' of '{row.what}' says neither which test looks nor why none does"
                    )
        return self

    def tests(self) -> Iterator[str]:
        """Every test that a cell names, as ``file: beginning of the name``."""
        for row in self.cells:
            for side in SIDES:
                for entries in row.cells(side).values():
                    yield from (entry for entry in entries if not entry.startswith(NONE))


def load_coverage(path: Path) -> Coverage:
    """Read ``coverage.yaml``.

    Raises:
        SettingsError: When it cannot be read, or a cell is missing.
    """
    try:
        return Coverage.model_validate(read_yaml(path))
    except ValidationError as error:
        raise in_one_sentence(error, str(path), Coverage) from None
