"""Abused credentials are refused, good ones accepted, none forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.access.credentials import judge_credentials
from isolation.record import Outcome, Verdict
from isolation.record.access.probes import CredentialProbe
from isolation.record.measurements import worst

WAYS = ["expired", "algorithm none", "foreign tenant"]
GOOD = [CredentialProbe(way, "acme-01", Outcome.REFUSED, Outcome.ANSWERED) for way in WAYS]


def test_refused_bad_tokens_beside_accepted_good_ones_pass() -> None:
    assert worst(judge_credentials("CS-2", GOOD, WAYS)) is Verdict.PASS


def test_an_accepted_bad_token_fails_by_its_way_of_abuse() -> None:
    bad = judge_credentials("CS-2", [*GOOD[:2], replace(GOOD[2], bad=Outcome.ANSWERED)], WAYS)[0]
    assert (bad.verdict, bad.value, bad.tenants) == (Verdict.FAIL, 1, ("acme-01",))
    assert "accepted: 'foreign tenant'" in bad.reason


@pytest.mark.parametrize("twin", [Outcome.REFUSED, Outcome.TIMED_OUT, Outcome.LOST])
def test_a_good_token_that_is_refused_fails(twin: Outcome) -> None:
    found = judge_credentials("CS-2", [*GOOD[:2], replace(GOOD[2], twin=twin)], WAYS)
    assert found[1].verdict is Verdict.FAIL and "prove nothing" in found[1].reason


def test_a_bad_token_without_a_reply_or_not_tried_decides_nothing() -> None:
    lost = judge_credentials("CS-2", [*GOOD[:2], replace(GOOD[2], bad=Outcome.TIMED_OUT)], WAYS)
    assert lost[0].verdict is Verdict.INCONCLUSIVE and "without a reply: 'foreign tenant'" in lost[0].reason
    untried = judge_credentials("CS-2", GOOD[:2], WAYS)
    assert untried[0].verdict is Verdict.INCONCLUSIVE and "not tried: 'foreign tenant'" in untried[0].reason


def test_no_token_tried_fails() -> None:
    assert {m.verdict for m in judge_credentials("CS-2", [], WAYS)} == {Verdict.FAIL}


def test_all_turned_away_is_no_proof_that_bad_ones_are() -> None:
    away = [replace(probe, twin=Outcome.REFUSED) for probe in GOOD]
    assert {m.verdict for m in judge_credentials("CS-2", away, WAYS)} == {Verdict.INCONCLUSIVE}
