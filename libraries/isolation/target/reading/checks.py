"""What is wrong in a target file although each of its values is right: contradictions, and words that nothing fills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from isolation.target.model.target import Target
from isolation.target.reading.yaml_lines import Place

Finding = tuple[Place, str]


def contradictions(target: Target, folder: Path | None) -> Iterator[Finding]:
    """Everything that does not fit together.

    Args:
        target: The file.
        folder: Where the file is; None when it has no place.
    """
    yield from _whole(target)


def _whole(target: Target) -> Iterator[Finding]:
    if target.launch is None and not target.doors and target.adapter is None:
        yield (), "a target has 'launch' (the suite starts it), 'doors' (where it is), or both"
    if target.adapter is None:
        for name in ("session", "correlation"):
            if getattr(target, name) is None:
                yield (), f"'{name}' is missing; it may be left out only where 'adapter' names a Python class"
