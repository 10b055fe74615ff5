"""A real platform, with or without a seeded defect, and people who can knock at its door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from component.contamination.stage import Stage
from isolation.drive.platform.launch import Platform
from isolation.target.model import Target

TARGETS = Path(__file__).resolve().parents[3] / "resources" / "targets"


@pytest.fixture(scope="module")
def defect() -> str:
    """The defect that the platform of a module carries; a module may say otherwise."""
    return ""


@pytest.fixture(scope="module")
def stage(defect: str) -> Iterator[Stage]:
    target = Target.load(TARGETS, "reference_platform")
    assert target.launch is not None
    plain = target.launch.model_copy(update={"command": ["python", "-m", "reference_platform", "--end-with-parent"]})
    target = target.model_copy(update={"launch": plain})
    platform = Platform(target, ["--defect", defect] if defect else [])
    try:
        yield Stage(target, platform.open())
    finally:
        assert platform.close() == ""
