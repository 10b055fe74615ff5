"""Four noisy tenants: reported, contained, seen, back to normal; and what decides nothing for want of a noise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.resources.noisy_neighbours import (
    judge_back_to_normal,
    judge_noise_contained,
    judge_noise_reported,
    judge_noise_visible,
)
from isolation.record import Measurement, Outcome, PlatformEvent, Sample, Verdict
from isolation.record.measurements import worst
from isolation.record.resource_isolation.noisy_neighbours import MadeNoise, NoisyNeighboursRecord
from isolation.record.tenants import NoSuchTenant, TenantNames
from isolation.record.usage.operator_usage import OperatorUsage
from isolation.record.usage.watch_notes import Trouble, WatchNote
from isolation.target.words import Alert, Audit
from unit.judge.judge_histories import operation, sampled, seconds
from unit.judge.resource_records import limits_of, told

LIMITS = limits_of("RI-5")
NOISY, QUIET = "tenant-01", ("tenant-02", "tenant-03", "tenant-04")
REPORTED = told("alert", Alert.NOISE, NOISY, 103, "cpu")
CONTAINED = told("audit", Audit.CONTAINED, NOISY, 104)
RELEASED = told("audit", Audit.RELEASED, NOISY, 140)


def usage_of(busy_until: float = 106) -> list[Sample]:
    found = sampled(NOISY, 1, seconds(90, 120), lambda at: 90 if 100 < at < busy_until else 1)
    for pid, name in enumerate(QUIET, 2):
        found += sampled(name, pid, seconds(90, 120), 1)
    return found


def recorded(*events: PlatformEvent, samples: list[Sample] | None = None) -> NoisyNeighboursRecord:
    return NoisyNeighboursRecord(
        tenants=TenantNames((NOISY, *QUIET)),
        noises=(MadeNoise(NOISY, "endless_loop", ("cpu",), 100),),
        began_at=90,
        stopped_at=120,
        ended_at=150,
        sampling_s=1,
        gone=(),
        before=[operation(NOISY, 95, 0.02)],
        afterwards=[operation(NOISY, at, 0.03) for at in seconds(141, 145)],
        samples=usage_of() if samples is None else samples,
        events=list(events),
        usage=[OperatorUsage(at, NOISY, 95 if at > 100 else 1, 0, 0, False) for at in seconds(92, 119)],
    )


def decisive(found: list[Measurement]) -> list[Verdict]:
    return [m.verdict for m in found if not m.control]


def test_noise_that_is_reported_contained_seen_and_over_passes() -> None:
    record = recorded(REPORTED, CONTAINED, RELEASED)
    for judge in (judge_noise_reported, judge_noise_contained):
        assert worst(judge("RI-5", record, LIMITS, first=1, last=1)) is Verdict.PASS
    assert worst(judge_noise_visible("RI-5", record, LIMITS)) is Verdict.PASS
    assert worst(judge_back_to_normal("RI-5", record, LIMITS)) is Verdict.PASS


def test_noise_that_nobody_reports_or_contains_fails() -> None:
    record = recorded(samples=usage_of(busy_until=130))
    assert Verdict.FAIL in decisive(judge_noise_reported("RI-5", record, LIMITS, first=1, last=1))
    assert decisive(judge_noise_contained("RI-5", record, LIMITS, first=1, last=1)) == [Verdict.FAIL]


def test_without_a_noise_nothing_that_did_not_happen_is_the_platforms_fault() -> None:
    refused = replace(operation(NOISY, 100, 0.01, Outcome.REFUSED, "bad_request"))
    record = recorded(samples=usage_of(busy_until=0))
    record.asked = [refused]
    found = judge_noise_contained("RI-5", record, LIMITS, first=1, last=1)
    assert {m.verdict for m in found} == {Verdict.INCONCLUSIVE}
    assert "bad_request" in found[0].reason


def test_naming_somebody_else_fails_and_a_gap_in_the_alerts_takes_the_pass_away() -> None:
    wrong = recorded(REPORTED, told("alert", Alert.NOISE, QUIET[0], 105, "cpu"))
    assert judge_noise_reported("RI-5", wrong, LIMITS, first=1, last=1)[-1].verdict is Verdict.FAIL
    blind = recorded(REPORTED)
    blind.notes = [WatchNote(110, Trouble.GAP, "alerts", "nothing was read", None)]
    assert judge_noise_reported("RI-5", blind, LIMITS, first=1, last=1)[-1].verdict is Verdict.INCONCLUSIVE


def test_whoever_was_never_away_cannot_come_back() -> None:
    (found,) = judge_back_to_normal("RI-5", recorded(RELEASED), LIMITS)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "neither contained nor served slowly" in found.reason


def test_a_kind_of_noise_that_the_target_does_not_offer_is_not_applicable() -> None:
    record = recorded(REPORTED, CONTAINED)
    record.noises = (*record.noises, MadeNoise("tenant-02", "io_load", ("io",), None))
    found = judge_noise_contained("RI-5", record, LIMITS, first=1, last=2)
    assert [m.verdict for m in found if m.verdict is Verdict.NOT_APPLICABLE] == [Verdict.NOT_APPLICABLE]


def test_a_sentence_about_a_tenant_that_made_no_noise_is_refused() -> None:
    with pytest.raises(NoSuchTenant, match="'tenant-04' makes no noise"):
        judge_noise_reported("RI-5", recorded(), LIMITS, first=4, last=4)
