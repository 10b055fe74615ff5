"""A restart that did not happen proves nothing."""

from __future__ import annotations

import pytest

from isolation.judge.data.restart import judge_restarted
from isolation.record import Verdict


@pytest.mark.parametrize(
    ("held", "cut", "before", "after", "verdict"),
    [
        (100, 100, 41, 42, Verdict.PASS),
        (100, 100, 0, 0, Verdict.PASS),
        (100, 100, 41, 41, Verdict.INCONCLUSIVE),
        (100, 0, 41, 41, Verdict.INCONCLUSIVE),
        (100, 99, 41, 42, Verdict.INCONCLUSIVE),
        (0, 0, 41, 42, Verdict.INCONCLUSIVE),
    ],
)
def test_only_a_restart_that_cut_everybody_counts(
    held: int, cut: int, before: int, after: int, verdict: Verdict
) -> None:
    found = judge_restarted("CS-5", held, cut, before, after)
    assert (found.verdict, found.control) == (verdict, True)


def test_a_process_that_serves_nobody_was_not_started_by_a_restart() -> None:
    found = judge_restarted("CS-5", 100, 100, 41, 42, "it holds no connection at all")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "process 42, which is said to serve now, does not: it holds no connection" in found.reason
