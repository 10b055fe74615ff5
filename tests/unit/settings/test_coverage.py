"""The coverage model and the suites are kept together."""

from __future__ import annotations

from pathlib import Path

import pytest
from robot.api import TestSuiteBuilder as Builder

from isolation.settings.coverage import SIDES, Coverage, load_coverage
from isolation.settings.errors import SettingsError

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "resources" / "coverage.yaml"
COVERAGE = load_coverage(FILE)


def _of_the_suites() -> list[tuple[str, str]]:
    """File and name of every test."""
    found = []
    for file in sorted((ROOT / "suites").rglob("*.robot")):
        if file.stem != "__init__":
            found += [(file.stem, test.name) for test in Builder().build(file).tests]
    return found


TESTS = _of_the_suites()


def fitting(named: str) -> list[tuple[str, str]]:
    """The tests that an entry of the model means."""
    file, _, name = named.partition(": ")
    return [test for test in TESTS if test[0].startswith(file) and test[1].startswith(name)]


@pytest.mark.parametrize("named", sorted(set(COVERAGE.tests())))
def test_every_named_test_is_there_once(named: str) -> None:
    assert len(fitting(named)) == 1, fitting(named)


def test_every_test_stands_in_a_cell() -> None:
    covered = {test for named in set(COVERAGE.tests()) for test in fitting(named)}
    assert [f"{file}: {name}" for file, name in TESTS if (file, name) not in covered] == []


def test_a_missing_cell_is_refused(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8").replace('      pushes: ["07_doors: No subscription"', '      pulls: ["x"', 1)
    assert text != FILE.read_text("utf-8")
    (tmp_path / "coverage.yaml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="pushes"):
        load_coverage(tmp_path / "coverage.yaml")


def test_gaps_have_reasons() -> None:
    for row in COVERAGE.cells:
        for side in SIDES:
            for cell, reason in row.gaps(side).items():
                assert len(reason) >= 8, (row.what, cell)


def test_a_cell_is_either_looked_into_or_not() -> None:
    assert isinstance(COVERAGE, Coverage)
    for row in COVERAGE.cells:
        for side in SIDES:
            for cell, entries in row.cells(side).items():
                assert cell not in row.gaps(side) or len(entries) == 1, (row.what, cell)
