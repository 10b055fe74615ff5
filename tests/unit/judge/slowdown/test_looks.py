"""Second looks at campaigns that did not decide: what they are about, and that two looks err no more often than one."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from isolation.judge.slowdown.degradation import MEAN
from isolation.judge.slowdown.noise_campaign import degradation_limits, judge_victims_not_slowed, next_look
from isolation.record import Block, Condition, Operation, Verdict
from isolation.record.resource_isolation.noise_campaign import CampaignNoise, NoiseCampaignRecord
from isolation.record.tenants import TenantNames
from unit.judge.judge_histories import operation
from unit.judge.resource_records import limits_of

LIMITS = limits_of("RI-4")
VICTIMS = tuple(f"tenant-{number:02d}" for number in range(10, 20))
SECONDS, PER_VICTIM = 2.0, 22


def record(rng: random.Random, rounds: int, noises: dict[str, tuple[float, float]]) -> NoiseCampaignRecord:
    """Rounds of two quiet blocks, a delayed one and one of each noise, which slows down by a factor with a spread between blocks."""
    made = NoiseCampaignRecord(
        tenants=TenantNames(("tenant-01", *VICTIMS)),
        noises=tuple(CampaignNoise(name, ("tenant-01",)) for name in noises),
        victims=VICTIMS,
        began_at=0,
        measured_at=1,
        ended_at=1,
        slice_s=1.0,
        patience_s=8,
        two_looks=True,
    )
    add_rounds(made, rng, rounds, noises)
    return made


def add_rounds(
    made: NoiseCampaignRecord, rng: random.Random, rounds: int, noises: dict[str, tuple[float, float]]
) -> None:
    first = 1 + max((block.pair for block in made.blocks), default=-1)
    for pair in range(first, first + rounds):
        kinds = [(Condition.QUIET, "", 1.0, 0.01)] * 2 + [(Condition.DELAYED, "", 1.2, 0.01)]
        kinds += [(Condition.NOISY, name, *what) for name, what in noises.items()]
        for number, (condition, noise, factor, spread) in enumerate(kinds):
            begin = 100.0 + 20 * pair + 2.2 * number
            label = f"{pair} {number}"
            made.blocks.append(Block(label, pair, condition, begin, begin + SECONDS, SECONDS, noise))
            made.operations += _answers(rng, label, begin, 0.02 * factor * rng.lognormvariate(0, spread))


def _answers(rng: random.Random, label: str, begin: float, mean_s: float) -> list[Operation]:
    found = []
    for name in VICTIMS:
        for number in range(PER_VICTIM):
            at = begin + SECONDS * number / PER_VICTIM
            one = operation(name, at, mean_s * rng.gammavariate(16, 1 / 16))
            found.append(Operation(**{**{word: getattr(one, word) for word in one.__slots__}, "block": label}))
    return found


def test_a_second_look_is_about_the_noises_that_the_first_left_open_and_no_others() -> None:
    made = record(random.Random(1), 7, {"heavy work": (1.0, 0.02), "exceeded quotas": (1.0, 0.3)})
    more = next_look(made, LIMITS)
    assert more is not None and more.noises == ("exceeded quotas",) and not more.with_delay


def test_what_passed_or_failed_is_not_looked_at_again() -> None:
    made = record(random.Random(2), 7, {"heavy work": (1.0, 0.02), "four kinds of noise": (1.6, 0.02)})
    assert next_look(made, LIMITS) is None


def test_a_delay_that_was_not_seen_is_injected_again() -> None:
    made = record(random.Random(3), 7, {"heavy work": (1.0, 0.02)})
    made.blocks = [block for block in made.blocks if block.condition is not Condition.DELAYED]
    more = next_look(made, LIMITS)
    assert more is not None and more.with_delay


def test_a_noise_that_the_target_does_not_offer_is_not_looked_at() -> None:
    made = record(random.Random(4), 7, {"heavy work": (1.0, 0.02)})
    made.noises = (*made.noises, CampaignNoise("exceeded quotas", (), "The target file names no request endless_loop."))
    assert next_look(made, LIMITS) is None


def test_the_rounds_of_the_second_look_count_together_with_those_of_the_first() -> None:
    rng, noises = random.Random(5), {"heavy work": (1.0, 0.09)}
    undecided_once = undecided_twice = 0
    for _ in range(12):
        made = record(rng, 7, noises)
        if next_look(made, LIMITS) is None:
            continue
        undecided_once += 1
        add_rounds(made, rng, 7, noises)
        mean = next(m for m in judge_victims_not_slowed("RI-4", made, LIMITS, noise="heavy work") if m.metric == MEAN)
        assert mean.samples == 14
        undecided_twice += mean.verdict is Verdict.INCONCLUSIVE
    assert undecided_once > 3 * undecided_twice


def test_whoever_may_look_twice_uses_the_wider_interval_at_the_first_look_too() -> None:
    made = record(random.Random(6), 1, {})
    assert degradation_limits(LIMITS, made).confidence == 0.94
    made.two_looks = False
    assert degradation_limits(LIMITS, made).confidence == 0.90


@pytest.mark.parametrize("more", [1, 2, 3, 5, 7])
def test_two_looks_at_two_statistics_err_no_more_often_than_one(more: int) -> None:
    """At the limit of each at most 5 % pass and at most 5 % fail, whichever of the two asks for the second look."""
    rng, count, first = np.random.default_rng(more), 40_000, 7
    limits = (math.log(1.10), math.log(1.25))
    shared = rng.normal(0, 0.07, (count, first + more))
    drawn = [limit + shared + rng.normal(0, 0.07, shared.shape) for limit in limits]
    early = [_decided(values[:, :first], limit) for values, limit in zip(drawn, limits, strict=True)]
    late = [_decided(values, limit) for values, limit in zip(drawn, limits, strict=True)]
    again = ((early[0] == 0) | (early[1] == 0)) & (early[0] != 1) & (early[1] != 1)
    for before, after in zip(early, late, strict=True):
        final = np.where(again, after, before)
        assert (final == 1).mean() <= 0.0525 and (final == -1).mean() <= 0.0525


def _decided(differences: NDArray[np.float64], limit: float) -> NDArray[np.int64]:
    """1 for FAIL, -1 for PASS, 0 for neither, as the rule says it of a 94 % interval."""
    pairs = differences.shape[1]
    reach = stats.t.ppf(0.97, pairs - 1) * differences.std(1, ddof=1) / math.sqrt(pairs)
    low, high = differences.mean(1) - reach, differences.mean(1) + reach
    return np.where(low > limit, 1, np.where((low > -limit) & (high < limit), -1, 0))
