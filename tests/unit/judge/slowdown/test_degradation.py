"""The degradation rule on simulated campaigns, healthy and sick."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from isolation.judge.slowdown.block_pairs import PairEffect, block_latencies
from isolation.judge.slowdown.degradation import (
    ANSWERED,
    DELAY_CONTROL,
    MEAN,
    P95,
    QUIET_CONTROL,
    WORST,
)
from isolation.judge.slowdown.looks import confidence_of, needs_second_look
from isolation.judge.slowdown.victims import Campaign, judge_worst_victim
from isolation.record import Condition, Outcome, Verdict
from isolation.record.limits import Limits
from isolation.record.traffic.blocks import blocks_of
from isolation.settings.catalogue import Catalogue
from unit.judge.slowdown.made_campaigns import LIMITS, VICTIMS, at_most, campaign, judge


def test_a_healthy_target_passes_everything() -> None:
    found = judge(*campaign(1))
    assert {m.verdict for m in found.values()} == {Verdict.PASS}
    assert "The 10 victims slowed down by" in found[MEAN].reason
    assert "in 10 pairs; the limit is 10 %" in found[MEAN].reason
    assert found[QUIET_CONTROL].control
    assert found[DELAY_CONTROL].control
    assert found[MEAN].engine_lag_ms is not None


def test_a_target_that_is_15_percent_worse_is_hardly_ever_accepted_and_a_healthy_one_nearly_always() -> None:
    # s_d of about 0.06: wide enough that a single comparison with the limit would often accept it.
    accepted = healthy = 0
    for seed in range(100):
        accepted += judge(*campaign(seed, 1.15, block_noise=0.04, per_victim=5))[MEAN].verdict is Verdict.PASS
        if seed < 30:
            healthy += judge(*campaign(seed, per_victim=5))[MEAN].verdict is Verdict.PASS
    assert accepted < 5
    assert healthy >= 27


def test_half_as_slow_again_fails_in_mean_and_tail_and_says_by_how_much() -> None:
    found = judge(*campaign(2, 1.5))
    assert found[MEAN].verdict is Verdict.FAIL
    assert found[P95].verdict is Verdict.FAIL
    assert found[WORST].verdict is Verdict.FAIL
    assert found[MEAN].value == pytest.approx(1.5, rel=0.05)
    assert "with a mean of" in found[MEAN].reason
    assert found[QUIET_CONTROL].verdict is Verdict.PASS


def test_one_slowed_victim_of_ten_is_named() -> None:
    found = judge(*campaign(3, slowed={"tenant-07": 1.6}))
    assert found[WORST].verdict is Verdict.FAIL
    assert found[WORST].tenants == ("tenant-07",)
    assert "Tenant 'tenant-07', the worst, was slowed down by" in found[WORST].reason
    assert found[MEAN].verdict is not Verdict.FAIL


def test_innocent_victims_are_rarely_named() -> None:
    verdicts = [judge(*campaign(seed, per_victim=5))[WORST].verdict for seed in range(40)]
    assert verdicts.count(Verdict.FAIL) <= 2


def test_a_campaign_that_is_too_weak_for_single_victims_does_not_pass_them() -> None:
    operations, blocks = campaign(4, rounds=4, per_victim=21)
    strict = replace(LIMITS, strength=at_most(1.15, "ratio"))
    weak = judge(operations, blocks, strict)[WORST]
    assert weak.verdict is Verdict.INCONCLUSIVE
    assert "too weak" in weak.reason
    assert "would have been found in 80 %" in judge(operations, blocks)[WORST].reason


def test_wide_noise_does_not_decide_and_says_how_many_pairs_would() -> None:
    found = judge(*campaign(5, block_noise=0.4))
    assert found[MEAN].verdict is Verdict.INCONCLUSIVE
    assert "s_d 0." in found[MEAN].reason
    assert "would need" in found[MEAN].reason
    assert found[QUIET_CONTROL].verdict is Verdict.INCONCLUSIVE
    assert "too noisy" in found[QUIET_CONTROL].reason


def test_a_fail_on_a_machine_that_is_too_noisy_is_inconclusive() -> None:
    found = judge(*campaign(6, 1.35, block_noise=0.15))
    assert found[MEAN].verdict is Verdict.INCONCLUSIVE
    assert "does not count as FAIL" in found[MEAN].reason


def test_what_the_machine_cannot_explain_stays_a_fail() -> None:
    found = judge(*campaign(3, 2.5, block_noise=0.2, rounds=8))
    control, mean = found[QUIET_CONTROL], found[MEAN]
    assert control.verdict is Verdict.INCONCLUSIVE
    assert mean.verdict is Verdict.FAIL and "does not explain it" in mean.reason
    assert found[WORST].verdict is Verdict.FAIL


def test_a_target_at_its_limit_on_a_noisy_machine_hardly_ever_fails() -> None:
    fails = 0
    for seed in range(60):
        mean = judge(*campaign(seed, 1.10, block_noise=0.12, per_victim=6))[MEAN]
        fails += mean.verdict is Verdict.FAIL
    assert fails <= 3


def test_an_undecided_interval_says_which_end_lies_outside() -> None:
    quicker = judge(*campaign(4, 0.87, block_noise=0.05))[MEAN]
    assert quicker.verdict is Verdict.INCONCLUSIVE
    assert "between -9.09 % and 10 %, and its lower end lies outside" in quicker.reason


def test_two_looks_err_no_more_often_than_one() -> None:
    """Ten thousand campaigns of differences drawn at the limit: at most 5 % pass, and at most 5 % fail."""
    promises = Catalogue.load(Path(__file__).resolve().parents[4] / "resources" / "promises.yaml")
    limits = Limits({name: promises["RI-4"].limit(name) for name in ("confidence", "confidence of two looks")})
    width = confidence_of(limits, two_looks=True)
    rng, limit = np.random.default_rng(3), math.log(1.10)
    drawn = rng.normal(limit, 0.1, (10_000, 14))
    decided = np.zeros(len(drawn))
    for pairs in (7, 14):
        looked = drawn[:, :pairs]
        half = stats.t.ppf((1 + width) / 2, pairs - 1) * looked.std(1, ddof=1) / math.sqrt(pairs)
        low, high = looked.mean(1) - half, looked.mean(1) + half
        verdict = np.where(low > limit, 1, np.where((low > -limit) & (high < limit), -1, 0))
        decided = np.where(decided == 0, verdict, decided)
    assert (decided == -1).mean() < 0.056 and (decided == 1).mean() < 0.056


def test_only_what_is_undecided_and_did_not_fail_is_looked_at_again() -> None:
    assert needs_second_look(judge(*campaign(5, block_noise=0.1, rounds=5)).values())
    assert not needs_second_look(judge(*campaign(2, 2.5)).values())
    assert not needs_second_look(judge(*campaign(1)).values())


def test_a_delay_that_is_not_seen_takes_the_pass_away_but_not_the_fail() -> None:
    blind = judge(*campaign(7, delayed=1.0))
    assert blind[DELAY_CONTROL].verdict is Verdict.INCONCLUSIVE
    assert "could not see a 20 % slowdown" in blind[DELAY_CONTROL].reason
    assert blind[MEAN].verdict is Verdict.INCONCLUSIVE
    assert judge(*campaign(7, 1.5, delayed=1.0))[MEAN].verdict is Verdict.FAIL


def test_without_the_injected_delay_nothing_passes() -> None:
    found = judge(*campaign(8, delayed=None))
    assert found[MEAN].verdict is Verdict.INCONCLUSIVE
    assert found[DELAY_CONTROL].value is None


def test_no_answers_at_all_fail_in_plain_words() -> None:
    operations, blocks = campaign(9)
    dead = [replace(o, outcome=Outcome.TIMED_OUT, accepted_at=None, completed_at=None) for o in operations]
    found = judge(dead, blocks)
    assert found[ANSWERED].verdict is Verdict.FAIL
    assert f"0 of {len(dead)} requests of the 10 victims were answered" in found[ANSWERED].reason
    assert {found[metric].verdict for metric in (MEAN, P95, WORST)} == {Verdict.FAIL}
    assert judge([], blocks)[MEAN].verdict is Verdict.FAIL


def test_a_block_in_which_requests_die_is_not_a_fast_block() -> None:
    operations, blocks = campaign(10)
    noisy = {block.label for block in blocks if block.condition is Condition.NOISY}
    dying = [
        replace(o, outcome=Outcome.REFUSED, completed_at=o.intended_at + 0.001)
        if o.block in noisy and index % 3 == 0
        else o
        for index, o in enumerate(operations)
    ]
    found = judge(dying, blocks)
    assert found[ANSWERED].verdict is Verdict.FAIL
    assert found[MEAN].verdict is Verdict.FAIL


def test_one_victim_without_answers_is_named() -> None:
    operations, blocks = campaign(11)
    starved = [
        replace(o, outcome=Outcome.TIMED_OUT, completed_at=None) if o.tenant == "tenant-04" else o for o in operations
    ]
    found = judge(starved, blocks)[ANSWERED]
    assert found.verdict is Verdict.FAIL
    assert found.tenants == ("tenant-04",)
    assert "of tenant 'tenant-04' only 0.0 %" in found.reason


def test_a_late_generator_makes_everything_inconclusive() -> None:
    operations, blocks = campaign(12, 1.5)
    late = [replace(o, sent_at=o.intended_at + 0.03) for o in operations]
    found = judge(late, blocks)
    assert {m.verdict for m in found.values()} == {Verdict.INCONCLUSIVE}
    assert "load generator" in found[MEAN].reason


def test_too_few_samples_for_a_p95_are_counted_out() -> None:
    found = judge(*campaign(13, per_victim=5))[P95]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "50, needed 200 per block" in found.reason


def test_a_single_pair_does_not_decide() -> None:
    assert judge(*campaign(14, rounds=1))[MEAN].verdict is Verdict.INCONCLUSIVE


def test_requests_outside_the_blocks_do_not_count() -> None:
    operations, blocks = campaign(15)
    warm_up = [replace(o, completed_at=o.intended_at + 3, block="warm-up") for o in operations[:500]]
    assert judge(warm_up + operations, blocks)[MEAN] == judge(operations, blocks)[MEAN]


def test_a_late_generator_does_not_excuse_whoever_is_slow_by_its_own_word() -> None:
    operations, blocks = campaign(18, 1.5)
    late = [replace(o, sent_at=o.intended_at + 0.03, service_seconds=o.latency) for o in operations]
    found = judge(late, blocks)[MEAN]
    assert found.verdict is Verdict.FAIL
    assert "The load generator was late, but by the target's own word the work took" in found.reason
    quick = [replace(o, sent_at=o.intended_at + 0.03, service_seconds=0.02) for o in operations]
    assert judge(quick, blocks)[MEAN].verdict is Verdict.INCONCLUSIVE


def test_an_unanswered_request_counts_with_the_patience_of_the_caller() -> None:
    operations, blocks = campaign(19, rounds=1)
    dead = [replace(o, outcome=Outcome.LOST, completed_at=None) for o in operations]
    unsent = [replace(o, outcome=Outcome.NOT_SENT, sent_at=None, completed_at=None) for o in operations]
    assert set(block_latencies(dead, blocks, VICTIMS, 5.0)[0].pooled) == {5.0}
    assert block_latencies(unsent, blocks, VICTIMS, 5.0)[0].pooled == []


def test_the_stated_strength_is_what_the_campaign_has() -> None:
    # One victim is slowed down by exactly the slowdown that is said to be found in 80 % of campaigns.
    rng = random.Random(20)
    slow = 1.10 * math.exp(0.136)
    stated, found = 0.0, 0
    for _ in range(200):
        effects = [
            PairEffect(
                pair=pair,
                condition=Condition.NOISY,
                first_mean=0.02,
                second_mean=0.02,
                d_mean=0.0,
                d_median=0.0,
                d_p95=None,
                smallest_count=200,
                d_by_tenant={v: rng.gauss(math.log(slow) * (v == VICTIMS[0]), 0.1) for v in VICTIMS},
            )
            for pair in range(10)
        ]
        measured = judge_worst_victim(Campaign("RI-4", VICTIMS, 0.90, 0.80), WORST, effects, LIMITS.mean, None)
        stated += float(str(measured.details["smallest findable slowdown ratio"])) / 200
        found += measured.tenants == (VICTIMS[0],)
    assert stated == pytest.approx(slow, rel=0.02)
    assert 140 <= found <= 180


def test_requests_that_the_suite_did_not_send_do_not_make_a_green_campaign() -> None:
    operations, blocks = campaign(21)
    unsent = [
        replace(o, outcome=Outcome.NOT_SENT, sent_at=None, completed_at=None) if index % 20 == 0 else o
        for index, o in enumerate(operations)
    ]
    found = judge(unsent, blocks)[ANSWERED]
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "never left the suite" in found.reason


def test_noises_that_share_their_quiet_blocks_are_judged_each_for_itself() -> None:
    operations, blocks = campaign(31)
    loud = [replace(b, label=f"{b.label} loud", noise="storm") for b in blocks if b.condition is Condition.NOISY]
    louder = [
        replace(o, block=f"{o.block} loud", completed_at=o.intended_at + 1.3 * (o.latency or 0))
        for o in operations
        if any(o.block == b.label for b in blocks if b.condition is Condition.NOISY)
    ]
    together = [replace(b, noise="heavy work") if b.condition is Condition.NOISY else b for b in blocks] + loud
    everything = operations + louder
    assert judge(everything, blocks_of(together, "heavy work"))[MEAN].verdict is Verdict.PASS
    found = judge(everything, blocks_of(together, "storm"))
    assert found[MEAN].verdict is Verdict.FAIL
    assert found[MEAN].value == pytest.approx(1.3, abs=0.05)
    assert found[QUIET_CONTROL].verdict is Verdict.PASS


def test_rounds_in_which_a_noise_was_not_made_say_nothing_about_it() -> None:
    _, blocks = campaign(32)
    last = max(block.pair for block in blocks)
    own = [replace(b, noise="storm") if b.condition is Condition.NOISY else b for b in blocks]
    without = [b for b in own if not (b.noise == "storm" and b.pair == last)]
    assert blocks_of(without, "storm") == [b for b in own if b.pair != last]
    assert blocks_of(without, "flood") == []
