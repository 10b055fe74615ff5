"""The plan of a load and the order of a campaign's blocks."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from isolation.drive.load.campaign import CampaignPlan, order_of_turns
from isolation.drive.load.plans import Stream, schedule
from isolation.drive.load.slices import Turn, noise_due
from isolation.record import Condition


@pytest.mark.parametrize("rate", [0.5, 1.0, 15.0, 200.0])
def test_the_rate_is_kept(rate: float) -> None:
    due = schedule([Stream("a", "work", rate)], 60.0, seed=1)
    assert len(due) == pytest.approx(60 * rate, abs=1)


def test_every_stream_keeps_its_own_rate() -> None:
    streams = [Stream("a", "work", 5), Stream("b", "work", 50)]
    counts = Counter(one.stream.tenant for one in schedule(streams, 20.0, seed=1))
    assert counts["a"] == pytest.approx(100, abs=1)
    assert counts["b"] == pytest.approx(1000, abs=1)


@pytest.mark.parametrize("seed", range(20))
def test_requests_are_due_in_order_and_within_the_plan(seed: int) -> None:
    offsets = [one.offset for one in schedule([Stream(name, "work", 7) for name in "abc"], 3.0, seed)]
    assert offsets == sorted(offsets)
    assert offsets[0] >= 0
    assert offsets[-1] <= 3.0


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    streams = [Stream("a", "work", 10), Stream("b", "work", 10)]
    assert schedule(streams, 5.0, seed=1) == schedule(streams, 5.0, seed=1)
    assert schedule(streams, 5.0, seed=1) != schedule(streams, 5.0, seed=2)


def test_a_stream_is_steady_but_not_a_metronome() -> None:
    offsets = [one.offset for one in schedule([Stream("a", "work", 10)], 30.0, seed=4)]
    gaps = [after - before for before, after in itertools.pairwise(offsets)]
    assert all(0.07 < gap < 0.13 for gap in gaps[1:]), "a jitter of a quarter of the period"
    assert len({round(gap, 4) for gap in gaps}) > 50


@pytest.mark.parametrize("seed", range(5))
def test_streams_of_one_rate_keep_apart_in_an_order_by_chance(seed: int) -> None:
    due = schedule([Stream(f"t{i}", "work", 1) for i in range(20)], 3.0, seed)
    gaps = [after.offset - before.offset for before, after in itertools.pairwise(due)]
    assert all(0.03 < gap < 0.07 for gap in gaps[1:]), "a jitter of a quarter of the twentieth of a second between two"
    order = [one.stream.tenant for one in due]
    assert order[:20] == order[20:40] != [f"t{i}" for i in range(20)]


def test_no_streams_make_an_empty_plan() -> None:
    assert schedule([], 10.0, seed=1) == []


def plan(
    pairs: int, controls: int, seed: int = 1, slices: int = 1, noises: tuple[str, ...] = ("loud",)
) -> CampaignPlan:
    return CampaignPlan([], {noise: [] for noise in noises}, pairs, controls, 1, slices, settle_s=0, seed=seed)


def turns_of(plan: CampaignPlan) -> list[Turn]:
    return list(itertools.chain.from_iterable(order_of_turns(plan)))


@pytest.mark.parametrize(("pairs", "controls"), [(10, 5), (10, 0), (4, 3), (3, 3), (16, 8), (1, 1), (7, 2)])
def test_each_round_has_two_quiet_and_one_noisy_block_and_the_controls_are_all_there(pairs: int, controls: int) -> None:
    order = turns_of(plan(pairs, controls))
    assert [turn.pair for turn in order] == sorted(turn.pair for turn in order), "the rounds come one after the other"
    for pair in range(pairs):
        own = Counter(turn.condition for turn in order if turn.pair == pair)
        assert (own[Condition.QUIET], own[Condition.NOISY]) == (2, 1)
        assert own[Condition.DELAYED] <= 1
    assert sum(turn.condition is Condition.DELAYED for turn in order) == controls
    assert len(order) == plan(pairs, controls).turns


def test_every_noise_has_a_block_of_its_own_in_every_round() -> None:
    order = turns_of(plan(5, 0, noises=("storm", "flood")))
    for pair in range(5):
        own = [turn.noise for turn in order if turn.pair == pair and turn.condition is Condition.NOISY]
        assert sorted(own) == ["flood", "storm"]
    assert {turn.noise for turn in order if turn.condition is not Condition.NOISY} == {""}


def test_the_blocks_of_a_round_take_turns_slice_by_slice() -> None:
    order = order_of_turns(plan(4, 4, slices=3))
    assert sum(len(together) for together in order) == plan(4, 4, slices=3).turns == 4 * 4 * 3
    for together in order:
        assert len({turn.label for turn in together}) == 4, "every block once, before any has its next slice"
        assert len({turn.part for turn in together}) == 1


def test_more_controls_than_rounds_are_as_many_as_there_are_rounds() -> None:
    assert sum(turn.condition is Condition.DELAYED for turn in turns_of(plan(3, 9))) == 3


def test_the_controls_are_spread_over_the_rounds() -> None:
    rounds = [turn.pair for turn in turns_of(plan(12, 4)) if turn.condition is Condition.DELAYED]
    assert [after - before for before, after in itertools.pairwise(rounds)] == [3, 3, 3]


def test_the_order_within_the_rounds_is_random_and_repeatable() -> None:
    def first_of_each(seed: int) -> list[Condition]:
        return [turn.condition for turn in turns_of(plan(40, 0, seed))[::3]]

    assert first_of_each(1) == first_of_each(1)
    assert first_of_each(1) != first_of_each(2)
    assert 5 <= first_of_each(1).count(Condition.NOISY) <= 25, "neither condition always comes first"


@pytest.mark.parametrize(("seconds", "requests"), [(0.5, 1), (0.6, 1), (0.7, 2), (1.2, 2), (1.3, 3)])
def test_no_noise_is_due_when_its_slice_is_over(seconds: float, requests: int) -> None:
    heavy = Stream("loud", "heavy", 100 / 60, {"milliseconds": 400})
    due = noise_due([heavy], seconds)
    assert [one.offset < seconds for one in due] == [True] * requests


def test_lasting_noise_is_asked_for_once_and_lasts_as_long_as_its_slice() -> None:
    due = noise_due([Stream("loud", "endless_loop", 1.0, {"seconds": 1.0})], 0.6)
    assert [(one.offset, one.stream.arguments["seconds"]) for one in due] == [(0.0, 0.6)]
