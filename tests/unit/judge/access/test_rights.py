"""An ended right is over in every aspect, nobody else is touched, and only what worked before shows anything."""

from __future__ import annotations

from dataclasses import replace

from isolation.judge.access.rights import judge_given_back, judge_others_untouched, judge_right_ended, judge_time_to_end
from isolation.record import Comparison, Limit, Verdict
from isolation.record.concurrent_startup.rights import Aspect, RightsRecord, RightTrial
from isolation.record.limits import Limits

ENDED = RightTrial("role taken", Aspect.SESSION, "tenant-01", "ann", True, True, False, 0.3)
OTHER = RightTrial("role taken", Aspect.SESSION, "tenant-02", "bob", False, True, True)
LIMITS = Limits(
    {
        "still working": Limit(value=0, unit="rights", comparison=Comparison.EXACTLY, source="contract"),
        "others touched": Limit(value=0, unit="users", comparison=Comparison.EXACTLY, source="contract"),
        "not given back": Limit(value=0, unit="rights", comparison=Comparison.EXACTLY, source="contract"),
        "ended": Limit(value=2, unit="s", comparison=Comparison.AT_MOST, source="contract"),
    }
)


def record(*trials: RightTrial, ways: tuple[str, ...] = ("role taken",)) -> RightsRecord:
    return RightsRecord(ways, {}, list(trials))


def ended(*trials: RightTrial, ways: tuple[str, ...] = ("role taken",)) -> list[Verdict]:
    return [m.verdict for m in judge_right_ended("CS-6", record(*trials, ways=ways), LIMITS, aspect="open sessions")]


def test_a_right_that_is_over_passes_and_one_that_goes_on_fails() -> None:
    assert ended(ENDED, OTHER) == [Verdict.PASS]
    assert ended(ENDED, replace(ENDED, after=True)) == [Verdict.FAIL]


def test_what_did_not_work_before_or_was_not_seen_after_shows_nothing() -> None:
    assert ended(replace(ENDED, before=False)) == [Verdict.INCONCLUSIVE]
    assert ended(replace(ENDED, after=None)) == [Verdict.INCONCLUSIVE]
    assert ended() == [Verdict.INCONCLUSIVE]


def test_a_way_that_could_not_be_tried_is_said() -> None:
    assert ended(ENDED, ways=("role taken", "user removed")) == [Verdict.PASS, Verdict.INCONCLUSIVE]


def test_whoever_else_is_touched_fails() -> None:
    good = judge_others_untouched("CS-6", record(ENDED, OTHER), LIMITS)[0]
    bad = judge_others_untouched("CS-6", record(ENDED, replace(OTHER, after=False)), LIMITS)[0]
    assert (good.verdict, bad.verdict, bad.tenants) == (Verdict.PASS, Verdict.FAIL, ("tenant-02",))
    assert judge_others_untouched("CS-6", record(ENDED), LIMITS)[0].verdict is Verdict.INCONCLUSIVE


def test_sessions_have_to_end_in_time() -> None:
    assert judge_time_to_end("CS-6", record(ENDED), LIMITS)[0].verdict is Verdict.PASS
    assert judge_time_to_end("CS-6", record(replace(ENDED, ended_s=2.4)), LIMITS)[0].verdict is Verdict.FAIL
    assert judge_time_to_end("CS-6", record(replace(ENDED, ended_s=None)), LIMITS)[0].verdict is Verdict.INCONCLUSIVE


def test_who_comes_in_after_a_restart_fails_and_a_platform_without_restarts_is_not_judged() -> None:
    restarted = replace(ENDED, aspect=Aspect.RESTARTED)
    for trial, verdict in ((restarted, Verdict.PASS), (replace(restarted, after=True), Verdict.FAIL)):
        (found,) = judge_right_ended("CS-6", record(ENDED, trial), LIMITS, aspect=Aspect.RESTARTED)
        assert found.verdict is verdict
    without = replace(record(ENDED), not_offered={Aspect.RESTARTED: "the operator operation 'restart'"})
    (found,) = judge_right_ended("CS-6", without, LIMITS, aspect=Aspect.RESTARTED)
    assert found.verdict is Verdict.NOT_APPLICABLE
    (unseen,) = judge_right_ended("CS-6", record(ENDED), LIMITS, aspect=Aspect.RESTARTED)
    assert unseen.verdict is Verdict.INCONCLUSIVE


def test_whoever_else_is_refused_after_a_restart_was_touched() -> None:
    refused = replace(OTHER, aspect=Aspect.RESTARTED, after=False)
    assert judge_others_untouched("CS-6", record(ENDED, OTHER, refused), LIMITS)[0].verdict is Verdict.FAIL


def test_a_right_that_was_given_back_has_to_work_and_touches_nobody_else() -> None:
    back = RightTrial("role taken", Aspect.GIVEN_BACK, "tenant-01", "ann", False, True, True)
    good = judge_given_back("CS-6", record(ENDED, OTHER, back), LIMITS)[0]
    dead = record(ENDED, OTHER, replace(back, after=False))
    bad = judge_given_back("CS-6", dead, LIMITS)[0]
    assert (good.verdict, bad.verdict, bad.tenants) == (Verdict.PASS, Verdict.FAIL, ("tenant-01",))
    assert judge_others_untouched("CS-6", dead, LIMITS)[0].verdict is Verdict.PASS
    # It was never refused before, so that it comes in shows nothing.
    assert judge_given_back("CS-6", record(replace(back, before=False)), LIMITS)[0].verdict is Verdict.INCONCLUSIVE
    without = replace(record(ENDED), not_offered={Aspect.GIVEN_BACK: "the operator operation 'grant_role'"})
    assert judge_given_back("CS-6", without, LIMITS)[0].verdict is Verdict.NOT_APPLICABLE
