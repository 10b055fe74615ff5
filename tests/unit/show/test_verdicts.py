"""What a promise and a run are called, above all what must never be called green."""

from __future__ import annotations

import pytest

from isolation.record import Comparison, Measurement, Verdict
from isolation.show.evidence import CleanUp, Ending, EndingKind, Evidence, Identity, LeftOut, Overhead
from isolation.show.overall import Colour, Overall, _lower, causes, first_cause, overall
from isolation.show.verdicts import PromiseResult, PromiseVerdict, promise_results
from unit.show.run_samples import (
    CATALOGUE,
    Cases,
    SamplePromise,
    bad_run,
    dead_run,
    good_cases,
    good_run,
    limit,
    measured,
    mixed_run,
    run,
)

PROMISE = (SamplePromise("RI-4", "Performance isolation"),)
KEPT = measured("RI-4", "slowdown", 1.02, limit(1.1))
BROKEN = measured("RI-4", "slowdown", 1.6, limit(1.1))
OPEN = measured("RI-4", "slowdown", 1.09, limit(1.1), verdict=Verdict.INCONCLUSIVE, reason="More pairs are needed.")
ABSENT = measured("RI-4", "slowdown", None, None, samples=0, verdict=Verdict.NOT_APPLICABLE, reason="Not declared.")
CONTROL = measured("RI-4", "injected delay", 1.2, limit(1.1, "", Comparison.ABOVE), control=True)
REPORTED = measured("RI-4", "median", 1.0, None)
WEAK = measured("RI-4", "slowdown", 1.2, limit(1.3).model_copy(update={"contract": 1.1}))
OTHER_BROKEN = measured("RI-2", "usage", 99, limit(50))


def judged(cases: Cases) -> PromiseResult:
    return promise_results(run(cases), PROMISE)[0]


def verdict_of(*measurements: Measurement, status: str = "PASS", message: str = "") -> PromiseVerdict:
    cases = Cases()
    cases.add("a test", *measurements, promises=("RI-4",), status=status, message=message)
    return judged(cases).verdict


def test_a_kept_limit_is_a_pass() -> None:
    assert verdict_of(KEPT) is PromiseVerdict.PASS
    assert verdict_of(KEPT, CONTROL, REPORTED) is PromiseVerdict.PASS


@pytest.mark.parametrize(
    ("measurements", "status", "message", "expected"),
    [
        ([KEPT, BROKEN], "FAIL", "", PromiseVerdict.FAIL),
        ([KEPT, BROKEN], "PASS", "", PromiseVerdict.FAIL),
        ([KEPT, OPEN], "PASS", "", PromiseVerdict.INCONCLUSIVE),
        ([KEPT, OPEN], "FAIL", "", PromiseVerdict.INCONCLUSIVE),
        ([ABSENT], "SKIP", "", PromiseVerdict.NOT_APPLICABLE),
        ([], "SKIP", "NOT APPLICABLE: no analytics store", PromiseVerdict.NOT_APPLICABLE),
        ([], "SKIP", "only in the soak profile", PromiseVerdict.NOT_PROVEN),
        ([KEPT], "SKIP", "stopped half way", PromiseVerdict.INCONCLUSIVE),
        ([], "SKIP", "Skipped in parent suite setup:\nNOT APPLICABLE: no analytics store", PromiseVerdict.NOT_APPLICABLE),
        ([], "FAIL", "connection refused", PromiseVerdict.NOT_EXAMINED),
        ([KEPT], "FAIL", "connection refused", PromiseVerdict.NOT_EXAMINED),
        ([], "NOT EXAMINED", "the load engine died", PromiseVerdict.NOT_EXAMINED),
        ([KEPT], "NOT EXAMINED", "the load engine died", PromiseVerdict.NOT_EXAMINED),
        ([KEPT, BROKEN], "NOT EXAMINED", "the load engine died", PromiseVerdict.FAIL),
        ([WEAK], "PASS", "", PromiseVerdict.NOT_PROVEN),
        ([KEPT, OTHER_BROKEN], "FAIL", "quota", PromiseVerdict.INCONCLUSIVE),
        ([OTHER_BROKEN, OPEN], "FAIL", "quota", PromiseVerdict.INCONCLUSIVE),
        ([], "PASS", "", PromiseVerdict.NOT_PROVEN),
        ([CONTROL], "PASS", "", PromiseVerdict.NOT_PROVEN),
        ([REPORTED], "PASS", "", PromiseVerdict.NOT_PROVEN),
        ([KEPT, CONTROL.model_copy(update={"verdict": Verdict.FAIL})], "PASS", "", PromiseVerdict.FAIL),
    ],
)  # fmt: skip
def test_anything_else_is_not_a_pass(
    measurements: list[Measurement], status: str, message: str, expected: PromiseVerdict
) -> None:
    assert verdict_of(*measurements, status=status, message=message) is expected


def test_a_promise_without_any_test_is_not_proven() -> None:
    assert judged(Cases()).verdict is PromiseVerdict.NOT_PROVEN


def test_one_test_that_did_not_run_keeps_a_promise_from_being_green() -> None:
    cases = Cases()
    cases.add("short", KEPT)
    cases.add("long", promises=("RI-4",), status="SKIP", message="only in the soak profile")
    result = judged(cases)
    assert result.verdict is PromiseVerdict.INCONCLUSIVE
    assert "only in the soak profile" in result.reason


def test_a_promise_is_not_proven_by_some_of_its_tests() -> None:
    cases = Cases()
    cases.add("short", KEPT)
    other = LeftOut(name="elsewhere", promises=("RI-2",))
    assert promise_results(left_out(cases, other), PROMISE)[0].verdict is PromiseVerdict.PASS
    result = promise_results(left_out(cases, other, LeftOut(name="the long one", promises=("RI-2", "RI-4"))), PROMISE)[
        0
    ]
    assert result.verdict is PromiseVerdict.NOT_PROVEN
    assert result.reason == "1 of its 2 tests were left out of this run: the long one."
    assert result.key is None


def test_a_broken_promise_stays_broken_whatever_was_left_out() -> None:
    cases = Cases()
    cases.add("short", BROKEN, status="FAIL")
    evidence = left_out(cases, LeftOut(name="the long one", promises=("RI-4",)))
    assert promise_results(evidence, PROMISE)[0].verdict is PromiseVerdict.FAIL


def left_out(cases: Cases, *tests: LeftOut) -> Evidence:
    return run(cases).model_copy(update={"left_out": tests})


def test_tests_that_did_not_run_are_not_proven_even_beside_an_empty_pass() -> None:
    cases = Cases()
    cases.add("empty", promises=("RI-4",))
    cases.add("long", promises=("RI-4",), status="SKIP", message="only in the soak profile")
    assert judged(cases).verdict is PromiseVerdict.NOT_PROVEN


def test_the_number_shown_is_the_one_that_decided() -> None:
    near = measured("RI-4", "near", 1.09, limit(1.1))
    cases = Cases()
    cases.add("a test", KEPT, near, CONTROL)
    assert judged(cases).key == near
    cases.add("another", BROKEN)
    assert judged(cases).key == BROKEN
    assert judged(cases).reason == BROKEN.reason


def test_a_kept_number_is_not_shown_beside_a_fail_that_it_did_not_decide() -> None:
    cases = Cases()
    cases.add("a test", KEPT, status="FAIL", message="connection refused")
    assert judged(cases).key is None


def test_a_promise_that_the_catalogue_does_not_know_is_shown_and_makes_the_run_red() -> None:
    cases = good_cases()
    cases.add("misspelt", measured("ZZ-9", "something", 1, limit(2)))
    evidence = run(cases)
    results = promise_results(evidence, CATALOGUE)
    assert results[-1].id == "ZZ-9"
    assert overall(evidence, results).colour is Colour.RED


def overall_of(evidence: Evidence) -> Overall:
    return overall(evidence, promise_results(evidence, CATALOGUE))


def test_a_run_is_green_only_when_nothing_speaks_against_it() -> None:
    assert overall_of(good_run()).colour is Colour.GREEN
    assert overall_of(good_run()).reservations == ()


@pytest.mark.parametrize(
    "change",
    [
        {"clean_up": CleanUp(residue=1, remaining=("1 key",))},
        {"clean_up": CleanUp()},
        {"overhead": None},
        {"overhead": Overhead(cpu_percent=2.0, limit_percent=2, tenants=50, source="OP-1")},
        {"diagnosis": "100 of 100 connected, 0 of 100 answered"},
        {"cases": ()},
        {"cases": good_run().cases[:-1]},
    ],
)
def test_a_run_with_anything_against_it_is_not_green(change: dict[str, object]) -> None:
    assert overall_of(good_run().model_copy(update=change)).colour is not Colour.GREEN


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.FAIL])
def test_one_promise_that_is_not_kept_takes_the_green_from_the_run(verdict: Verdict) -> None:
    cases = good_cases()
    cases.add("one more", KEPT.model_copy(update={"verdict": verdict}))
    assert overall_of(run(cases)).colour is not Colour.GREEN


@pytest.mark.parametrize("kind", [kind for kind in EndingKind if kind is not EndingKind.FINISHED])
def test_a_run_that_did_not_come_to_its_end_is_red_and_accuses_nobody(kind: EndingKind) -> None:
    verdict = overall_of(good_run().model_copy(update={"ending": Ending(kind=kind, cause="It ended with signal 9")}))
    assert verdict.colour is Colour.RED
    assert "broken" not in verdict.sentence
    assert kind is EndingKind.NOT_FINISHED or "It ended with signal 9." in verdict.sentence


def test_what_was_measured_before_the_end_stays_broken() -> None:
    ended = Ending(kind=EndingKind.PLATFORM_DIED, cause="exit code 3")
    verdict = overall_of(bad_run().model_copy(update={"ending": ended}))
    assert verdict.sentence.startswith("Isolation is broken") and "exit code 3" in " ".join(verdict.reservations)


def test_only_a_measured_fail_says_broken_and_the_first_cause_is_said_once() -> None:
    cases = good_cases()
    cases.add("first", promises=("RI-1",), status="NOT EXAMINED", message="The load engine died: signal 9")
    cases.add("second", promises=("RI-2",), status="FAIL", message="KeyError: 'cpu control'")
    cases.add("third", promises=("RI-3",), status="NOT EXAMINED", message="The load engine died: signal 9")
    evidence = run(cases)
    verdict = overall_of(evidence)
    assert verdict.sentence == (
        "Nothing is shown to be broken, but 3 of 13 promises could not be examined (RI-1, RI-2 and RI-3):"
        " The load engine died: signal 9."
    )
    assert first_cause(evidence) == "The load engine died: signal 9."
    assert [len(tests) for tests in causes(evidence).values()] == [2, 1]


def test_a_seeded_defect_and_a_changed_suite_are_said() -> None:
    seeded = good_run().model_copy(update={"identity": Identity(defect="quota_off")})
    assert overall_of(seeded).colour is Colour.RED and "quota_off" in overall_of(seeded).sentence
    changed = good_run().model_copy(update={"identity": Identity(changed=True)})
    assert overall_of(changed).colour is Colour.AMBER


def test_a_weaker_limit_takes_the_green_from_the_run_and_says_both_limits() -> None:
    cases = Cases()
    cases.add("a test", KEPT, WEAK)
    result = judged(cases)
    assert result.verdict is PromiseVerdict.NOT_PROVEN
    assert result.reason == "'slowdown' was judged by ≤ 1.3, which is weaker than the contract's 1.1."


def test_a_promise_that_does_not_apply_in_part_says_so() -> None:
    cases = Cases()
    cases.add("one", KEPT)
    cases.add("two", promises=("RI-4",), status="SKIP", message="NOT APPLICABLE: no store")
    assert judged(cases).in_part
    cases.made = cases.made[1:]
    assert not judged(cases).in_part


def test_the_headline_is_the_worst_of_the_first_name_that_was_measured() -> None:
    near = measured("RI-4", "slowdown of b", 1.09, limit(1.1))
    far = measured("RI-4", "slowdown of a", 1.01, limit(1.1))
    cases = Cases()
    cases.add("a test", far, near, measured("RI-4", "connections", 5, limit(5)))
    promise = SamplePromise("RI-4", "x", metric="slowdown of *")
    result = promise_results(run(cases), (promise,))[0]
    assert result.headline == near
    assert result.key is not None and result.key.metric == "connections"


def test_a_failed_test_that_stands_for_no_promise_makes_the_run_red() -> None:
    cases = good_cases()
    cases.add("housekeeping", status="FAIL", message="boom")
    verdict = overall_of(run(cases))
    assert verdict.colour is Colour.RED
    assert "housekeeping" in verdict.sentence


def test_a_run_without_any_control_is_not_green() -> None:
    cases = good_cases()
    kept = [
        case.model_copy(update={"measurements": tuple(m for m in case.measurements if not m.control)})
        for case in cases.made
    ]
    verdict = overall_of(good_run().model_copy(update={"cases": tuple(kept)}))
    assert verdict.colour is Colour.AMBER
    assert "nothing shows that its checks can fail" in verdict.sentence


def test_a_run_without_a_catalogue_is_red() -> None:
    assert overall(good_run(), promise_results(run(Cases()), ())).colour is Colour.RED


def test_the_sentence_names_what_is_broken_and_a_dead_target_comes_first() -> None:
    assert "2 of 13 promises are not kept (CS-2 and AR-1)" in overall_of(bad_run()).sentence
    assert overall_of(dead_run()).sentence.startswith("Nothing is proven: 100 of 100 connected, 0 of 100 answered")
    assert overall_of(mixed_run()).colour is Colour.RED


def test_a_part_that_does_not_apply_hides_nothing_and_is_told() -> None:
    cases = Cases()
    cases.add("a test", KEPT, ABSENT)
    result = judged(cases)
    assert (result.verdict, result.in_part, result.absent) == (PromiseVerdict.PASS, True, (ABSENT.reason,))
    assert verdict_of(BROKEN, ABSENT) is PromiseVerdict.FAIL
    assert verdict_of(KEPT, OPEN, ABSENT) is PromiseVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("sentence", "as_an_end"),
    [("CS-2 does not apply", "CS-2 does not apply"), ("The suite itself was late", "the suite itself was late")],
)
def test_an_id_keeps_its_capitals_at_the_end_of_a_headline(sentence: str, as_an_end: str) -> None:
    assert _lower(sentence) == as_an_end
