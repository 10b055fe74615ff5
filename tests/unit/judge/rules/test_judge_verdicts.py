"""How judges decide and speak."""

from __future__ import annotations

import pytest

from isolation.judge.rules.verdicts import amount, inconclusive, judged, names, no_evidence, plural, some, zero
from isolation.record import Verdict
from unit.judge.judge_histories import at_least, below


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (2.31, "s", "2.31 s"),
        (0, "", "0"),
        (1024.0**3, "bytes", "1,024 MB"),
        (5 * 1024.0**2, "bytes/s", "5 MB/s"),
        (0.0421, "s", "0.0421 s"),
        (50.0, "%", "50 %"),
        (1234.5, "", "1,234"),
    ],
)
def test_numbers_read_well(value: float, unit: str, words: str) -> None:
    assert amount(value, unit) == words


def test_lists_of_names_stay_short() -> None:
    assert names([]) == "nobody"
    assert names(["a"]) == "'a'"
    assert names("ab") == "'a' and 'b'"
    assert names("abcdefg") == "'a', 'b', 'c', 'd', 'e' and 2 more"
    assert [plural(1, "answer"), plural(2, "answer"), plural(2, "process")] == ["1 answer", "2 answers", "2 processes"]


def test_the_limit_decides_and_stands_in_the_sentence() -> None:
    good = judged("RI-4", "time", 1.9, below(2), 10, "It took 1.9 s")
    bad = judged("RI-4", "time", 2.0, below(2), 10, "It took 2 s")
    assert (good.verdict, good.reason) == (Verdict.PASS, "It took 1.9 s; the limit is 2 s.")
    assert (bad.verdict, bad.reason) == (Verdict.FAIL, "It took 2 s; the limit is 2 s. See evidence RI-4.")
    assert "at least 95 %" in judged("RI-4", "share", 99, at_least(95), 10, "x").reason


def test_zero_samples_are_never_green() -> None:
    assert judged("RI-4", "faults", 0, zero("x"), 0, "None").verdict is Verdict.FAIL
    assert no_evidence("RI-4", "faults", zero("x"), "Nothing was there").verdict is Verdict.FAIL
    assert inconclusive("RI-4", "faults", zero("x"), "Too few").verdict is Verdict.INCONCLUSIVE


def test_what_must_occur_and_what_must_not() -> None:
    assert judged("RI-4", "seen", 0, some("x"), 1, "x").verdict is Verdict.FAIL
    assert judged("RI-4", "seen", 1, some("x"), 1, "x").verdict is Verdict.PASS
    assert judged("RI-4", "seen", 1, zero("x"), 1, "x").verdict is Verdict.FAIL
