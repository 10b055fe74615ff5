"""The short form of the fault matrix; the whole of it is ``tests/faults/run.py``, or ``poe faults``."""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from fault_stage import Fault, perform, wrong
from fault_table import matrix
from isolation.settings.errors import SettingsError
from isolation.target.model import Target

ROOT = Path(__file__).resolve().parents[2]
ROWS = matrix()
_EACH = 3
"""Places in each section for each kind of nonsense."""
REFERENCE = yaml.safe_load((ROOT / "resources" / "targets" / "reference_platform.yaml").read_text(encoding="utf-8"))
SPOILT: dict[str, object] = {
    "nothing": None, "a text": "nonsense", "a number": 17, "a list": ["x"], "a mapping": {"x": {"y": 1}}, "a long number": 10**400,
    "a placeholder": "{nobody}", "true": True, "control characters": "a\u001b[31m\u202eb\u0000",
}  # fmt: skip


@pytest.mark.parametrize(
    "fault", [pytest.param(row, id=row.name, marks=() if row.cheap else pytest.mark.slow) for row in ROWS]
)
def test_a_fault_of_the_surroundings_accuses_nobody_and_loses_nothing(tmp_path: Path, fault: Fault) -> None:
    if fault.root and os.geteuid() != 0:
        pytest.skip("only root can mount")
    assert wrong(fault, perform(fault, tmp_path)) == []


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 200


def _places(part: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a nested structure, outside first."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    below = [place for name, value in inner for place in _places(value, (*way, name))]
    return [way, *below] if way else below


def _some_of_each_section(rng: random.Random) -> list[tuple[Any, ...]]:
    """Each section itself, and a few places in it."""
    sections: dict[str, list[tuple[Any, ...]]] = {}
    for place in _places(REFERENCE):
        sections.setdefault(place[0], []).append(place)
    return [one for of in sections.values() for one in [of[0], *rng.sample(of[1:], min(_EACH, len(of) - 1))]]


@pytest.mark.parametrize("kind", SPOILT)
def test_a_target_file_that_is_wrong_anywhere_is_refused_in_one_sentence_or_good(tmp_path: Path, kind: str) -> None:
    """Places of every section of the reference target's file are spoilt one by one; what is refused is refused with file and place, never a crash."""
    refused, accepted = 0, 0
    for place in _some_of_each_section(random.Random(kind)):
        content = copy.deepcopy(REFERENCE)
        part = content
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = SPOILT[kind]
        file = tmp_path / "target.yaml"
        file.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000), encoding="utf-8")
        try:
            Target.load(tmp_path, str(file))
            accepted += 1
        except SettingsError as error:
            refused += 1
            said = str(error)
            assert "target.yaml" in said, (place, said)
            assert len(said) < 5_000 and "\u001b" not in said, (place, said[:300])
    assert refused > 10, f"{accepted} of {accepted + refused} were accepted"
