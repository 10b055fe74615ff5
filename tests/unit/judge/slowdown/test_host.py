"""Slices that the host of a virtual machine disturbed: no noise passes by them, and no failure is excused."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from isolation.judge.rules.host import HOST_CONTROL, judge_host
from isolation.judge.slowdown.degradation import (
    MEAN,
    P95,
    WORST,
)
from isolation.record import Block, Condition, Verdict
from unit.judge.slowdown.made_campaigns import campaign, judge


def hit_by_the_host(blocks: list[Block], condition: Condition, per_block: int) -> list[Block]:
    """Blocks of four slices, some of which the host disturbed in one condition."""
    return [replace(block, slices=4, disturbed=per_block if block.condition is condition else 0) for block in blocks]


def test_a_host_that_disturbs_noisy_slices_only_takes_the_pass_away() -> None:
    operations, blocks = campaign(1)
    found = judge(operations, hit_by_the_host(blocks, Condition.NOISY, 2))
    assert found[HOST_CONTROL].verdict is Verdict.INCONCLUSIVE
    assert "disturbed 20 of 40 noisy slices and 0 of 120 others" in found[HOST_CONTROL].reason
    assert "the noise may be using up what the host gives" in found[HOST_CONTROL].reason
    assert {found[metric].verdict for metric in (MEAN, P95, WORST)} == {Verdict.INCONCLUSIVE}


def test_a_host_that_disturbs_noisy_slices_only_excuses_no_failure() -> None:
    operations, blocks = campaign(2, 1.5)
    assert judge(operations, hit_by_the_host(blocks, Condition.NOISY, 2))[MEAN].verdict is Verdict.FAIL


@pytest.mark.parametrize("condition", [Condition.QUIET, Condition.DELAYED])
def test_a_host_that_disturbs_other_slices_changes_nothing(condition: Condition) -> None:
    operations, blocks = campaign(1)
    found = judge(operations, hit_by_the_host(blocks, condition, 2))
    assert {measurement.verdict for measurement in found.values()} == {Verdict.PASS}


def test_a_host_that_meets_all_alike_is_hardly_ever_suspected() -> None:
    rng = random.Random(7)
    suspected = 0
    for _ in range(300):
        blocks = [
            replace(block, slices=4, disturbed=sum(rng.random() < 0.2 for _ in range(4)))
            for block in campaign(1, per_victim=0)[1]
        ]
        suspected += judge_host("RI-4", blocks, 0.01).verdict is not Verdict.PASS
    assert suspected <= 6


def test_what_is_undecided_says_how_much_the_host_disturbed() -> None:
    operations, blocks = campaign(5, block_noise=0.4)
    left = [replace(block, slices=4, left_disturbed=1) for block in blocks]
    assert (
        "The machine's host disturbed 40 of the 160 slices that were compared." in judge(operations, left)[MEAN].reason
    )
    assert "host" not in judge(operations, blocks)[MEAN].reason
    assert "host" not in judge(*campaign(2, 1.5))[MEAN].reason


def test_without_blocks_nothing_is_known_of_the_host() -> None:
    assert judge_host("RI-4", [], 0.01).verdict is Verdict.INCONCLUSIVE
