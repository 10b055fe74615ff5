"""A tenant that was only said to be gone is found; zero of nothing proves nothing."""

from __future__ import annotations

from isolation.judge.recovery.removal import judge_removal, judge_traces
from isolation.record import Verdict
from unit.judge.judge_histories import at_most

LIMIT = at_most(0, unit="things")


def test_what_the_target_counts_must_be_nothing() -> None:
    assert judge_removal("OP-3", 70, [], 10, LIMIT).verdict is Verdict.PASS
    found = judge_removal("OP-3", 70, ["tenant t1: 3 files"], 10, LIMIT)
    assert found.verdict is Verdict.FAIL and "tenant t1: 3 files" in found.reason
    assert judge_removal("OP-3", 0, [], 10, LIMIT).verdict is Verdict.INCONCLUSIVE
    assert judge_removal("OP-3", 70, None, 10, LIMIT).verdict is Verdict.INCONCLUSIVE


def test_what_the_stores_hold_must_be_nothing() -> None:
    assert judge_traces("OP-3", 30, [], [], 10, LIMIT).verdict is Verdict.PASS
    found = judge_traces("OP-3", 30, ["role tenant_t1"], ["a store"], 10, LIMIT)
    assert found.verdict is Verdict.FAIL and "role tenant_t1" in found.reason
    assert "'2 x row' and 'key'" in judge_traces("OP-3", 30, ["row", "key", "row"], [], 10, LIMIT).reason
    assert judge_traces("OP-3", 30, [], ["a store"], 10, LIMIT).verdict is Verdict.INCONCLUSIVE
    assert judge_traces("OP-3", 0, [], [], 10, LIMIT).verdict is Verdict.INCONCLUSIVE
