"""Odd values accuse only when others wait each time, far beyond what they wait anyway."""

from __future__ import annotations

from pathlib import Path

import pytest

from isolation.drive.probe.oddities import ODD, odd_values
from isolation.judge.slowdown.odd_values import judge_odd_values
from isolation.record import Verdict
from isolation.record.resource_isolation.odd_values import OddTry, OddValuesRecord
from isolation.target.model import Target
from isolation.target.placeholders import names_in
from unit.judge.resource_records import limits_of

ROOT = Path(__file__).resolve().parents[4]
LIMITS = limits_of("RI-4")


def record(*waits: float, calm: float = 0.004, answered: int = 500) -> OddValuesRecord:
    tries = [
        OddTry("file_get", "the header Range", "many digits", 48_000, "refused", 0.01, (0.01,)),
        OddTry("report", "the field 'text'", "many ' '", 50_000, "answered", 3.0, waits),
    ]
    return OddValuesRecord("tenant-01", ("tenant-02",), tries, (calm, 0.001), answered)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (record(0.01), Verdict.PASS),
        (record(3.0, 2.8, 2.9), Verdict.FAIL),
        (record(3.0, 2.8, 0.1), Verdict.PASS),
        (record(1.9, 1.9, 1.9), Verdict.PASS),
        (record(2.9, 2.9, 2.9, calm=0.3), Verdict.PASS),
        (record(3.0, 3.0, 3.0, calm=0.6), Verdict.INCONCLUSIVE),
        (record(0.01, answered=3), Verdict.FAIL),
        (OddValuesRecord("tenant-01", ("tenant-02",)), Verdict.INCONCLUSIVE),
    ],
)
def test_only_what_comes_each_time_counts(seen: OddValuesRecord, verdict: Verdict) -> None:
    (found,) = judge_odd_values("RI-4", seen, LIMITS)
    assert found.verdict is verdict, found.reason
    if verdict is Verdict.FAIL and seen.answered > 100:
        assert "many ' ' (50,000 characters) in the field 'text' of report" in (found.reason or "")


@pytest.mark.parametrize(
    "file", ["resources/targets/reference_platform.yaml", "tests/known_leaks/starlette_range/target.yaml"]
)
def test_every_odd_value_has_its_place_and_says_nothing_of_others(file: str) -> None:
    target = Target.load(ROOT, str(ROOT / file))
    values = odd_values(target, 400)
    assert len(values) > 50
    for value in values:
        assert ODD in set(names_in(value.template.model_dump())), value
    assert len({(value.request, value.place) for value in values}) == len(
        {(value.request, value.place) for value in odd_values(target, 60)}
    )
