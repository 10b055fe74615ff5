"""What is left of connections."""

from __future__ import annotations

import pytest

from isolation.judge.traffic.connecting import judge_sockets_gone
from isolation.record import Verdict


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
