"""Noises in turns with quiet time: noise counts by its work, watching by its gaps, a grant by what the answer says."""

from __future__ import annotations

import pytest

from isolation.judge.slowdown.noise_campaign import (
    NoSuchNoise,
    judge_connections_shared,
    judge_equal_shares,
    judge_victims_answered_in_time,
    judge_victims_not_accused,
    judge_victims_not_slowed,
)
from isolation.record import Block, Condition, Operation, Verdict
from isolation.record.resource_isolation.noise_campaign import CampaignNoise, ConnectionsOfOne, NoiseCampaignRecord
from isolation.record.tenants import TenantNames
from isolation.record.usage.watch_notes import Trouble, WatchNote
from isolation.target.words import Alert
from unit.judge.judge_histories import by_metric, operation, sampled, seconds
from unit.judge.resource_records import limits_of, told

LIMITS = limits_of("RI-4")
NOISY, VICTIMS = "tenant-01", ("tenant-02", "tenant-03")
REPORTED = told("alert", Alert.NOISE, NOISY, 103)


def recorded(loud: float = 80.0, at_work: float = 3.0) -> NoiseCampaignRecord:
    samples = sampled(NOISY, 1, seconds(98, 160), lambda at: loud if 100 < at < 106 else at_work if at > 120 else 0.0)
    for pid, name in enumerate(VICTIMS, 2):
        samples += sampled(name, pid, seconds(98, 160), 2.0)
    operations: list[Operation] = []
    blocks = []
    for number in range(4):
        condition = Condition.NOISY if number % 2 else Condition.QUIET
        label, begin = f"block {number}", 120.0 + 10 * number
        noise = "heavy work" if number % 2 else ""
        blocks.append(Block(label, number // 2, condition, begin, begin + 9, 9.0, noise))
        operations += [_in(label, operation(name, at, 0.05)) for name in VICTIMS for at in seconds(begin, begin + 9)]
    return NoiseCampaignRecord(
        tenants=TenantNames((NOISY, *VICTIMS)),
        noises=(
            CampaignNoise("heavy work", (NOISY,)),
            CampaignNoise("exceeded quotas", (), "The target names no loop."),
        ),
        victims=VICTIMS,
        began_at=100,
        measured_at=119,
        ended_at=160,
        slice_s=1.0,
        patience_s=8,
        connections=ConnectionsOfOne(NOISY, 15, 5, 5),
        before=[operation(name, 104, 0.1) for name in VICTIMS],
        operations=operations,
        blocks=blocks,
        greedy=[operation(NOISY, 161, 0.1)],
        beside=[operation(name, 162, 0.1) for name in VICTIMS],
        samples=samples,
        events=[REPORTED],
    )


def _in(label: str, one: Operation) -> Operation:
    return Operation(**{**{name: getattr(one, name) for name in one.__slots__}, "block": label})


def test_noise_counts_by_the_work_that_it_did() -> None:
    found = judge_victims_not_slowed("RI-4", recorded(), LIMITS, noise="heavy work")
    assert by_metric(found, f"control: '{NOISY}' was loud until it was contained").verdict is Verdict.PASS
    assert by_metric(found, f"control: '{NOISY}' worked").verdict is Verdict.PASS
    silent = judge_victims_not_slowed("RI-4", recorded(loud=0, at_work=0), LIMITS, noise="heavy work")
    for metric in (f"control: '{NOISY}' was loud until it was contained", f"control: '{NOISY}' worked"):
        control = by_metric(silent, metric)
        assert (control.verdict, control.control) == (Verdict.INCONCLUSIVE, True)


def test_every_answer_counts_and_everybody_gets_its_share() -> None:
    record = recorded()
    fast = judge_victims_answered_in_time("RI-4", record, LIMITS, noise="heavy work")
    assert fast[0].verdict is Verdict.PASS
    assert by_metric(fast, f"control: '{NOISY}' worked").verdict is Verdict.PASS
    beside_nothing = judge_victims_answered_in_time("RI-4", recorded(loud=0, at_work=0), LIMITS, noise="heavy work")
    assert by_metric(beside_nothing, f"control: '{NOISY}' worked").verdict is Verdict.INCONCLUSIVE
    assert {m.verdict for m in judge_equal_shares("RI-4", record, LIMITS, noise="heavy work")} == {Verdict.PASS}
    record.before.append(operation(VICTIMS[0], 105, 2.5))
    slow = judge_victims_answered_in_time("RI-4", record, LIMITS, noise="heavy work")[0]
    assert (slow.verdict, slow.tenants) == (Verdict.FAIL, (VICTIMS[0],))


def test_nobody_else_is_named_as_far_as_anybody_watched() -> None:
    record = recorded()
    assert judge_victims_not_accused("RI-4", record, LIMITS)[0].verdict is Verdict.PASS
    record.notes = [WatchNote(130, Trouble.ENDED, "platform", "it ended")]
    assert judge_victims_not_accused("RI-4", record, LIMITS)[0].verdict is Verdict.INCONCLUSIVE
    record.events.append(told("alert", Alert.NOISE, VICTIMS[1], 110))
    assert judge_victims_not_accused("RI-4", record, LIMITS)[0].verdict is Verdict.FAIL


def test_the_allowed_number_of_connections_is_enough_when_the_answer_says_so() -> None:
    record = recorded()
    held, served = judge_connections_shared("RI-4", record, LIMITS)
    assert (held.verdict, served.verdict) == (Verdict.PASS, Verdict.PASS)
    record.connections = ConnectionsOfOne(NOISY, 15, None, 5)
    assert judge_connections_shared("RI-4", record, LIMITS)[0].verdict is Verdict.INCONCLUSIVE
    record.connections = ConnectionsOfOne(NOISY, 15, 15, 15)
    assert judge_connections_shared("RI-4", record, LIMITS)[0].verdict is Verdict.FAIL
    record.connections = None
    assert judge_connections_shared("RI-4", record, LIMITS)[0].verdict is Verdict.NOT_APPLICABLE


def test_a_noise_that_the_target_cannot_make_is_not_applicable_and_an_unknown_one_accuses_nobody() -> None:
    (found,) = judge_victims_not_slowed("RI-4", recorded(), LIMITS, noise="exceeded quotas")
    assert found.verdict is Verdict.NOT_APPLICABLE
    with pytest.raises(NoSuchNoise, match="'light work'"):
        judge_equal_shares("RI-4", recorded(), LIMITS, noise="light work")
