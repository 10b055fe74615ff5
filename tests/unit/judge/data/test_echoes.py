"""Answers that carry the right id and somebody else's text."""

from __future__ import annotations

from isolation.judge.data.echoes import judge_echoes
from isolation.record import Verdict
from isolation.record.traffic.echoes import Echo

GOOD = [Echo(f"acme-{number}", f"text {number}", f"text {number}") for number in range(100)]


def test_own_texts_pass() -> None:
    found = judge_echoes("CS-4", GOOD)
    assert (found.verdict, found.value, found.samples) == (Verdict.PASS, 0, 100)


def test_a_foreign_text_fails_and_names_both_tenants() -> None:
    found = judge_echoes("CS-4", [*GOOD[:7], Echo("acme-7", "text 7", "text 3"), *GOOD[8:]])
    assert (found.verdict, found.value, found.tenants) == (Verdict.FAIL, 1, ("acme-7", "acme-3"))
    assert "'acme-7' got the text of 'acme-3'" in found.reason


def test_a_text_that_nobody_sent_fails() -> None:
    found = judge_echoes("CS-4", [Echo("acme-7", "text 7", "something else")])
    assert found.verdict is Verdict.FAIL
    assert "a text that nobody had sent" in found.reason


def test_no_answer_at_all_fails() -> None:
    found = judge_echoes("CS-4", [Echo("acme-1", "text", None)])
    assert found.verdict is Verdict.FAIL
    assert "0 of 1 request answered" in found.reason
    assert judge_echoes("CS-4", []).verdict is Verdict.FAIL


def test_answers_in_words_of_the_platforms_own_do_not_decide() -> None:
    found = judge_echoes("CS-4", [Echo("acme-1", "text", None)], without_text=1)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "none gave the text of its request back" in found.reason
