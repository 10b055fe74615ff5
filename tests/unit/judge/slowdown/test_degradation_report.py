"""What a campaign reports beside what decides."""

from __future__ import annotations

import pytest

from isolation.judge.slowdown.block_pairs import block_latencies, effects_of
from isolation.record import Condition
from unit.judge.slowdown.made_campaigns import VICTIMS, answer, campaign, judge


def test_the_report_relates_the_victims_answer_time_to_the_growth_of_the_load() -> None:
    operations, blocks = campaign(16, 1.5)
    noisy = [block for block in blocks if block.condition is Condition.NOISY]
    flood = [answer("loud", b.started_at + n / 300, 0.01, b.label) for b in noisy for n in range(220)]
    quiet_only, flooded = judge(operations, blocks)["I_QoS"], judge(operations + flood, blocks)["I_QoS"]
    assert quiet_only.value == pytest.approx(0.5, abs=0.05)
    assert "does not consist of requests" in quiet_only.reason
    assert flooded.value == pytest.approx(0.5, abs=0.05)
    assert flooded.details["relative growth of the load"] == pytest.approx(1.0)


def test_the_report_counts_answers_slower_than_promised() -> None:
    found = judge(*campaign(17, 3.0))["SLO-violation ratio"]
    assert found.value is not None
    assert found.value > 0.5
    assert found.details["quiet ratio"] == 0.0


def test_the_pairs_are_there_for_a_chart() -> None:
    effects = effects_of(block_latencies(*campaign(18, 1.5), VICTIMS, 5.0), Condition.NOISY)
    assert sorted(effect.pair for effect in effects) == list(range(10))
    assert all(1.3 < effect.ratio < 1.7 and effect.d_p95 is not None for effect in effects)
    assert set(effects[0].d_by_tenant) == set(VICTIMS)
