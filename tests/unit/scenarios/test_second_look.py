"""How much a second look measures: only what was left open, as many rounds as there is time for, never more than at first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from isolation.drive.load.campaign import CampaignPlan, CampaignRecord, order_of_turns
from isolation.record.resource_isolation.noise_campaign import NextLook, NoiseCampaignRecord
from isolation.record.tenants import TenantNames
from isolation.scenarios.resource_isolation.noise_campaign import _look_again


def plan(*noises: str) -> CampaignPlan:
    return CampaignPlan(
        victims=[], noise={name: [] for name in noises}, pairs=7, controls=5, block_s=1.5, slices=3, settle_s=0.075
    )


def looked(seconds: float, more: NextLook) -> list[CampaignPlan]:
    seen: list[CampaignPlan] = []

    def campaign(plan: CampaignPlan) -> CampaignRecord:
        seen.append(plan)
        return CampaignRecord()

    size, engine = SimpleNamespace(second_look=seconds), SimpleNamespace(campaign=campaign)
    api: Any = SimpleNamespace(profile=SimpleNamespace(campaign=size), engine=engine)
    record = NoiseCampaignRecord(TenantNames(("a",)), (), ("a",), 0, 0, 0, 0.5, 8)
    _look_again(api, record, plan(*more.noises), more)
    return seen


@pytest.mark.parametrize("more", [NextLook(("a",), False), NextLook(("a", "b", "c"), False), NextLook(("a",), True)])
def test_a_second_look_fits_into_its_time(more: NextLook) -> None:
    (again,) = looked(30.0, more)
    assert 2 <= again.pairs <= 7 and again.turns * (again.slice_s + again.settle_s) < 30
    assert again.controls == (again.pairs if more.with_delay else 0)


def test_it_goes_on_with_the_rounds_and_is_never_longer_than_the_first() -> None:
    (again,) = looked(900.0, NextLook(("a",), False))
    assert again.pairs == 7
    turns = [turn for together in order_of_turns(again) for turn in together]
    assert {turn.pair for turn in turns} == set(range(7, 14))
    first = {turn.label for together in order_of_turns(plan("a")) for turn in together}
    assert first.isdisjoint(turn.label for turn in turns)


def test_without_time_for_one_round_there_is_none() -> None:
    assert looked(3.0, NextLook(("a", "b", "c"), True)) == []
