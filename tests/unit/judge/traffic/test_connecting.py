"""What is left of connections."""

from __future__ import annotations

import pytest

from isolation.judge.traffic.connecting import judge_sockets_gone
from isolation.judge.traffic.routing import judge_connections
from isolation.record import Comparison, Limit, Verdict
from isolation.record.concurrent_startup.connections import Connection

NONE = Limit(value=0, unit="connections", comparison=Comparison.EXACTLY, source="a test")


@pytest.mark.parametrize(
    ("held", "left", "verdict"),
    [
        (100, 0, Verdict.PASS),
        (100, 1, Verdict.FAIL),
        (0, 1, Verdict.FAIL),
        (0, 0, Verdict.INCONCLUSIVE),
        (None, 0, Verdict.INCONCLUSIVE),
        (100, None, Verdict.INCONCLUSIVE),
    ],
)
def test_sockets_are_gone_when_the_same_count_had_found_them(
    held: int | None, left: int | None, verdict: Verdict
) -> None:
    assert judge_sockets_gone("CS-4", held, left, 100).verdict is verdict


def test_the_strength_of_zero_is_how_many_there_were() -> None:
    found = judge_sockets_gone("CS-4", 99, 0, 100)
    assert found.samples == 99
    assert (
        "0 sockets were left after 100 connections had been closed; 99 had been found while they were open"
        in found.reason
    )


@pytest.mark.parametrize(
    ("changed", "verdicts"),
    [
        ({}, (Verdict.PASS, Verdict.PASS, Verdict.PASS)),
        ({"opened": False}, (Verdict.FAIL, Verdict.PASS, Verdict.PASS)),
        ({"dropped": True}, (Verdict.PASS, Verdict.FAIL, Verdict.PASS)),
        ({"close_code": 1006}, (Verdict.PASS, Verdict.PASS, Verdict.FAIL)),
    ],
)
def test_what_did_not_open_was_not_dropped_and_what_was_dropped_had_opened(
    changed: dict[str, bool | int], verdicts: tuple[Verdict, ...]
) -> None:
    life = {"opened": True, "dropped": False, "close_code": 1000, **changed}
    one = Connection("user-02", "tenant-02", bool(life["opened"]), bool(life["dropped"]), life["close_code"])
    other = Connection("user-01", "tenant-01", True, False, 1000)
    found = judge_connections("CS-4", [other, one], 2, NONE, NONE)
    assert tuple(one.verdict for one in found) == verdicts
    assert [one.tenants for one in found if one.verdict is Verdict.FAIL] == [("tenant-02",)] * bool(changed)


def test_connections_of_which_none_opened_prove_nothing() -> None:
    (found,) = judge_connections("CS-4", [Connection("user-01", "tenant-01", False, False, None)], 1, NONE, NONE)
    assert found.verdict is Verdict.FAIL and found.samples == 0
