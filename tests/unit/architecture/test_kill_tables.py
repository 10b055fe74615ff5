"""The kill tables name what exists, and every test and every seeded defect stands in them, or says why not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml
from robot.running import TestSuite as Suite  # type: ignore[import-untyped]

from reference_platform.defects import NAMES

ROOT = Path(__file__).resolve().parents[3]
KILL = ROOT / "tests" / "kill"
WITHOUT_A_ROW = KILL / "without_a_row" / "tests.yaml"


@dataclass(frozen=True)
class Row:
    """What one row of a kill table names."""

    table: str
    defect: str
    suite: str
    test: str
    only: str = ""

    def __str__(self) -> str:
        return f"{self.table}: {self.defect}: {self.test}"


@cache
def names_in(suite: str) -> tuple[str, ...]:
    """Names of the tests of one suite file, given relative to the root."""
    file = ROOT / suite
    return tuple(test.name for test in Suite.from_file_system(file).tests) if file.is_file() else ()


def rows() -> list[Row]:
    return [
        Row(table.name, row["defect"], row["suite"], row["test"], row.get("only", ""))
        for table in sorted(KILL.glob("*.yaml"))
        for row in yaml.safe_load(table.read_text(encoding="utf-8"))
    ]


def every_test() -> list[tuple[str, str]]:
    suites = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "suites").rglob("[!_]*.robot"))
    return [(suite, test) for suite in suites for test in names_in(suite)]


@pytest.mark.parametrize("row", rows(), ids=str)
def test_a_row_names_a_defect_and_exactly_one_test_that_exist(row: Row) -> None:
    assert row.defect in NAMES
    assert len([name for name in names_in(row.suite) if name.startswith(row.test)]) == 1
    assert row.test.startswith(row.only) or row.only.startswith(row.test)


def test_every_seeded_defect_has_a_row() -> None:
    assert set(NAMES) - {row.defect for row in rows()} == set()


def test_every_test_has_a_row_or_a_written_reason() -> None:
    reasons = {(r["suite"], r["test"]): r["reason"] for r in yaml.safe_load(WITHOUT_A_ROW.read_text(encoding="utf-8"))}
    begins = [(row.suite, row.test) for row in rows()]
    covered = {(s, test) for s, test in every_test() if any(s == suite and test.startswith(b) for suite, b in begins)}
    assert sorted(set(every_test()) - covered - set(reasons)) == [], "tests that nothing has turned red"
    assert sorted(set(reasons) - set(every_test())) == [], "reasons for tests that do not exist"
    assert sorted(set(reasons) & covered) == [], "reasons for tests that have a row"
    assert all(len(reason) > 20 for reason in reasons.values())
