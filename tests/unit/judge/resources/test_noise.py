"""Noise: named, contained, visible, over, and harmless to its victims."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.resources.noise import (
    Noise,
    judge_answers_throughout,
    judge_identified,
    judge_mitigated,
    judge_noise_was_made,
    judge_recovered,
    judge_visible,
    noise_readings,
)
from isolation.judge.rules.series import Reading
from isolation.record import Measurement, Operation, Outcome, PlatformEvent, Verdict
from unit.judge.judge_histories import (
    MB,
    above,
    alert,
    at_least,
    at_most,
    audit,
    below,
    by_metric,
    operation,
    sampled,
    seconds,
)

LOOP = Noise("acme-03", ("cpu",), 100, 160)
STORM = Noise("acme-04", ("io", "database"), 100, 160)
TAKEN_UP = at_least(50)
SHOWN = above(2, "x usual")
WATCHED = ["acme-01", "acme-02", "acme-03", "acme-04"]


def identified(*events: PlatformEvent, noise: Noise = LOOP) -> list[Measurement]:
    return judge_identified("RI-5", [noise], events, ["noisy_tenant"], WATCHED, at_most(30))


def test_noise_that_is_named_in_time_by_its_name_passes() -> None:
    clock, innocents = identified(alert("acme-03", 112, resource="cpu"))
    assert (clock.verdict, clock.value, innocents.verdict) == (Verdict.PASS, 12, Verdict.PASS)
    assert "Tenant 'acme-03' was reported as noisy after 12 s" in clock.reason


def test_noise_that_nobody_reports_fails_in_plain_words() -> None:
    clock = identified()[0]
    assert clock.verdict is Verdict.FAIL
    assert "Tenant 'acme-03' was not reported as noisy within 30 s" in clock.reason


@pytest.mark.parametrize(
    "event",
    [
        alert("acme-03", 131, resource="cpu"),
        alert("acme-03", 99, resource="cpu"),
        alert("acme-03", 110, resource="memory"),
        alert("acme-03", 110, kind="memory_leak"),
        audit("acme-03", 110, "noisy_tenant"),
        alert("acme-01", 110, resource="cpu"),
    ],
)
def test_a_late_early_wrong_or_misaddressed_report_is_no_identification(event: PlatformEvent) -> None:
    assert identified(event)[0].verdict is Verdict.FAIL


def test_naming_an_innocent_tenant_fails_by_name_even_beside_the_right_one() -> None:
    clock, innocents = identified(alert("acme-03", 110, resource="cpu"), alert("acme-01", 111, resource="cpu"))
    assert clock.verdict is Verdict.PASS
    assert (innocents.verdict, innocents.tenants) == (Verdict.FAIL, ("acme-01",))
    assert "'acme-01'" in innocents.reason


def test_a_storm_may_be_named_for_either_of_its_resources() -> None:
    for resource in ("io", "database", ""):
        assert identified(alert("acme-04", 110, resource=resource), noise=STORM)[0].verdict is Verdict.PASS
    assert identified(alert("acme-04", 110, resource="cpu"), noise=STORM)[0].verdict is Verdict.FAIL


def mitigated(values: dict[float, float], recorded_at: float | None = 110) -> Measurement:
    readings = [Reading(at, value) for at, value in values.items()]
    events = [] if recorded_at is None else [audit("acme-03", recorded_at)]
    return judge_mitigated("RI-5", LOOP, events, ["contained"], readings, at_most(20, "%"), at_most(60))


def test_mitigation_is_the_later_of_word_and_deed() -> None:
    found = mitigated({101: 99, 105: 98, 120: 15, 150: 12})
    assert (found.verdict, found.value) == (Verdict.PASS, 20)
    assert found.details == {"recorded after s": 10, "usage down after s": 20}


def test_mitigation_without_a_record_without_an_effect_or_too_late_fails() -> None:
    assert mitigated({101: 99, 120: 15}, None).verdict is Verdict.FAIL
    without_effect = mitigated({101: 99, 120: 99, 159: 97})
    assert without_effect.verdict is Verdict.FAIL
    assert "did not come down to stay: 97 % at the end" in without_effect.reason
    assert mitigated({101: 99, 120: 15, 158: 99}).verdict is Verdict.FAIL
    long = replace(LOOP, ended_at=200)
    late = judge_mitigated(
        "RI-5", long, [audit("acme-03", 165)], ["contained"], [Reading(110, 99), Reading(150, 9)],
        at_most(20, "%"), at_most(60),
    )  # fmt: skip
    assert (late.verdict, late.value) == (Verdict.FAIL, 65)


def test_containing_an_innocent_tenant_is_no_mitigation() -> None:
    found = judge_mitigated(
        "RI-5", LOOP, [audit("acme-01", 110)], ["contained"], [Reading(110, 99), Reading(150, 9)],
        at_most(20, "%"), at_most(60),
    )  # fmt: skip
    assert found.verdict is Verdict.FAIL


def test_noise_too_weak_or_unread_decides_nothing() -> None:
    assert mitigated({101: 10, 120: 5}).verdict is Verdict.INCONCLUSIVE
    assert mitigated({}).verdict is Verdict.INCONCLUSIVE
    assert "could not be read" in mitigated({}).reason
    assert "never left the calm (20 %)" in mitigated({101: 10, 120: 5}).reason


def test_every_kind_of_resource_that_samples_show_has_readings() -> None:
    samples = sampled("a", 1, seconds(0, 10), 80, 70 * MB, written_per_second=5 * MB)
    assert noise_readings(samples, "a", "cpu", 3.0)[-1].value == pytest.approx(80)
    assert noise_readings(samples, "a", "memory", 3.0)[-1].value == 70 * MB
    assert noise_readings(samples, "a", "io", 3.0)[-1].value == pytest.approx(5 * MB)
    assert noise_readings(samples, "a", "messages", 3.0) == []


def after_noise(slow_until: float, end: float = 220) -> list[Operation]:
    return [operation("acme-03", at, 1.5 if at < slow_until else 0.05) for at in seconds(160, end)]


def recovered(operations: list[Operation], released_at: float | None = 170) -> Measurement:
    events = [] if released_at is None else [audit("acme-03", released_at, "released")]
    return judge_recovered(
        "RI-5", LOOP, operations, events, ["released"], at_most(0.2), 10, at_most(30)
    )  # fmt: skip


def test_recovery_is_the_later_of_normal_answers_and_release() -> None:
    assert recovered(after_noise(165)).value == 10
    assert recovered(after_noise(180)).value == 20
    assert recovered(after_noise(180)).verdict is Verdict.PASS


def test_who_is_still_contained_at_the_end_is_not_back_though_its_answers_are_quick() -> None:
    asked = [replace(one, intended_at=188 + number / 10) for number, one in enumerate(after_noise(160)[:10])]
    contained = [audit("acme-03", 110, "contained")]
    found = judge_recovered("RI-5", LOOP, asked, contained, ["released"], at_most(0.2), 10, at_most(30))
    assert found.verdict is Verdict.FAIL and "was contained, and not let go" in found.reason
    unwatched = judge_recovered("RI-5", LOOP, asked, [], ["released"], at_most(0.2), 10, at_most(30))
    assert unwatched.verdict is Verdict.INCONCLUSIVE


def test_recovery_too_late_never_or_not_released_fails() -> None:
    assert recovered(after_noise(195)).verdict is Verdict.FAIL
    assert recovered(after_noise(300)).verdict is Verdict.FAIL
    assert recovered(after_noise(165), None).verdict is Verdict.FAIL
    assert recovered(after_noise(165), 155).verdict is Verdict.FAIL
    assert recovered([]).verdict is Verdict.FAIL


def test_a_single_refusal_later_restarts_the_recovery() -> None:
    operations = [*after_noise(165), operation("acme-03", 200.5, 0.01, Outcome.REFUSED, "busy")]
    assert recovered(operations).verdict is Verdict.FAIL


def test_a_record_too_short_to_be_stable_decides_nothing() -> None:
    assert recovered(after_noise(165, end=170)).verdict is Verdict.INCONCLUSIVE


def test_a_metric_that_the_noise_does_not_move_shows_nothing() -> None:
    frozen = visible([alert("acme-03", 112)], [Reading(90, 60), Reading(110, 60), Reading(111, 97)])
    assert frozen[1].verdict is Verdict.FAIL
    moved = visible([alert("acme-03", 112)], [Reading(90, 2), Reading(110, 60)])
    assert moved[1].verdict is Verdict.PASS


def visible(events: list[PlatformEvent], readings: list[Reading]) -> list[Measurement]:
    return judge_visible("RI-5", LOOP, events, ["noisy_tenant"], readings, SHOWN)


def test_an_operator_must_see_both_alerts_and_metrics() -> None:
    alerts, metrics = visible([alert("acme-03", 112)], [Reading(110, 97)])
    assert (alerts.verdict, metrics.verdict) == (Verdict.PASS, Verdict.PASS)
    blind = visible([alert("acme-01", 112)], [Reading(110, 0), Reading(90, 50)])
    assert [m.verdict for m in blind] == [Verdict.FAIL, Verdict.FAIL]
    assert by_metric(blind, "metrics").samples == 0


def test_every_answer_of_every_victim_counts() -> None:
    fast = [operation(f"acme-{number:02}", number, 0.1) for number in range(50)]
    assert judge_answers_throughout("RI-5", fast, below(2)).verdict is Verdict.PASS
    slow = judge_answers_throughout("RI-5", [*fast, operation("acme-07", 60, 2.31)], below(2))
    assert (slow.verdict, slow.tenants) == (Verdict.FAIL, ("acme-07",))
    assert "Tenant 'acme-07'" in slow.reason and "2.31 s" in slow.reason
    dead = [*fast, operation("acme-08", 60, None, Outcome.TIMED_OUT)]
    lost = judge_answers_throughout("RI-5", dead, below(2))
    assert (lost.verdict, lost.tenants) == (Verdict.FAIL, ("acme-08",))
    assert judge_answers_throughout("RI-5", [], below(2)).verdict is Verdict.FAIL


def test_two_noisy_tenants_are_both_guilty_each_from_its_own_start_on() -> None:
    later = replace(STORM, started_at=130)
    events = [alert("acme-03", 112, resource="cpu"), alert("acme-04", 140, resource="io")]
    found = judge_identified("RI-5", [later, LOOP], events, ["noisy_tenant"], WATCHED, at_most(30))
    assert [m.value for m in found] == [10, 12, 0]
    early = judge_identified("RI-5", [later, LOOP], [alert("acme-04", 110)], ["noisy_tenant"], WATCHED, at_most(30))
    assert early[-1].tenants == ("acme-04",)


def test_operations_of_others_and_from_before_say_nothing_about_the_recovery() -> None:
    others = [operation("acme-01", at, 3.0) for at in seconds(160, 220)]
    before = [operation("acme-03", at, 3.0) for at in seconds(100, 159)]
    unsent = [operation("acme-03", 210, outcome=Outcome.NOT_SENT)]
    assert recovered([*others, *before, *unsent, *after_noise(165)]).value == 10


def test_an_alert_from_before_the_noise_is_not_about_the_noise() -> None:
    assert visible([alert("acme-03", 99)], [Reading(110, 97)])[0].verdict is Verdict.FAIL


def test_noise_that_hardly_reached_the_target_proves_nothing() -> None:
    heard = [replace(operation("acme-03", float(at), 0.5), accepted_at=at + 0.1) for at in range(10)]
    unheard = [replace(o, accepted_at=None, completed_at=None, outcome=Outcome.TIMED_OUT) for o in heard]
    assert judge_noise_was_made("RI-5", heard, ["acme-03"], TAKEN_UP).verdict is Verdict.PASS
    refused = [replace(o, outcome=Outcome.REFUSED) for o in heard]
    assert judge_noise_was_made("RI-5", refused, ["acme-03"], TAKEN_UP).verdict is Verdict.PASS, (
        "refusing contains, too"
    )
    for asked, noisy in (
        (heard[:4] + unheard[4:], ["acme-03"]),
        (heard, ["acme-03", "acme-04"]),
        ([], ["acme-03"]),
    ):
        found = judge_noise_was_made("RI-5", asked, noisy, TAKEN_UP)
        assert found.verdict is Verdict.INCONCLUSIVE and found.control
    assert (
        "Of 10 noisy requests of tenant 'acme-03' 40 % were taken up"
        in judge_noise_was_made("RI-5", heard[:4] + unheard[4:], ["acme-03"], TAKEN_UP).reason
    )


def test_a_cancellation_alone_is_no_noise_but_waiting_behind_the_own_noise_is() -> None:
    asked = [operation("acme-03", float(at), 0.7, Outcome.CANCELLED) for at in range(10)]
    sounded = [replace(o, accepted_at=o.intended_at + 0.1) for o in asked]
    never = [replace(o, accepted_at=o.completed_at) for o in asked]
    assert judge_noise_was_made("RI-4", sounded, ["acme-03"], TAKEN_UP).verdict is Verdict.PASS
    assert judge_noise_was_made("RI-4", never, ["acme-03"], TAKEN_UP).verdict is Verdict.INCONCLUSIVE
    behind = [replace(o, intended_at=o.intended_at + 0.6) for o in never]
    waited = judge_noise_was_made("RI-4", sounded + behind, ["acme-03"], TAKEN_UP)
    assert (waited.verdict, waited.value) == (Verdict.PASS, 100)
