"""The coverage model as the page shows it: how many cells a test looks into, and why the others are empty."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.settings.coverage import SIDES, Coverage


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One kind of crossing.

    Attributes:
        what: What crosses.
        counts: Such as ``14 of 15 channels``, for each side.
        gaps: Cells that no test looks into, each with its reason.
    """

    what: str
    counts: tuple[str, ...]
    gaps: tuple[tuple[str, str], ...]


def coverage_lines(coverage: Coverage) -> tuple[CoverageLine, ...]:
    """The rows in their order."""
    return tuple(
        CoverageLine(
            row.what,
            tuple(
                f"{len(row.cells(side)) - len(row.gaps(side))} of {len(row.cells(side))} {name}"
                for side, name in SIDES.items()
            ),
            tuple((cell, reason) for side in SIDES for cell, reason in row.gaps(side).items()),
        )
        for row in coverage.cells
    )
