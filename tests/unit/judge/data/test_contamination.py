"""Foreign secrets: one is too many, none means something only with probes and a control."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isolation.judge.data.contamination import Cell, contamination_matrix, judge_contamination
from isolation.record import Measurement, Verdict
from isolation.record.secrets.searches import Finding

LEAK = Finding("acme-01", "ann", "frame", "acme-02", "bob", "base64", 5.0, "…key=8888…")
OWN = replace(LEAK, seen_by_tenant="acme-01", seen_by_user="ann")


def judged(*findings: Finding, probes: int = 3000, control: bool = True) -> Measurement:
    return judge_contamination("CS-2", "frames", findings, probes, control)


def test_nothing_found_passes_with_its_strength() -> None:
    found = judged(OWN)
    assert (found.verdict, found.value, found.samples) == (Verdict.PASS, 0, 3000)
    assert found.details["upper bound of the rate (95 %)"] == pytest.approx(3 / 3000, rel=0.01)
    assert "0.001 per probe" in found.reason and "positive control was found" in found.reason


def test_one_foreign_secret_fails_and_names_owner_and_seer() -> None:
    found = judged(OWN, LEAK)
    assert (found.verdict, found.value, found.tenants) == (Verdict.FAIL, 1, ("acme-01", "acme-02"))
    for part in ("'acme-01'", "'ann'", "'acme-02'", "'bob'", "frame", "base64", "…key=8888…"):
        assert part in found.reason


def test_another_user_of_the_same_tenant_is_foreign_too() -> None:
    assert judged(replace(OWN, seen_by_user="bob")).verdict is Verdict.FAIL


def test_a_secret_in_a_shared_place_is_seen_by_everybody() -> None:
    shared = judged(replace(LEAK, place="log", seen_by_tenant="", seen_by_user=""))
    assert shared.verdict is Verdict.FAIL and "everybody" in shared.reason


def test_a_foreign_secret_fails_even_when_the_control_was_missed() -> None:
    assert judged(LEAK, control=False).verdict is Verdict.FAIL
    assert judged(LEAK, probes=0).verdict is Verdict.FAIL


def test_zero_without_the_positive_control_means_nothing() -> None:
    found = judged(control=False)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "zero means nothing" in found.reason


def test_a_platform_that_answers_nothing_fails_and_one_that_keeps_nothing_is_not_accused() -> None:
    assert judged(probes=0).verdict is Verdict.FAIL
    kept = judge_contamination("CS-2", "Redis", [], 0, False)
    assert (kept.verdict, kept.value) == (Verdict.INCONCLUSIVE, None)
    assert "Nothing of Redis was there to be looked at" in kept.reason


def test_the_matrix_counts_owner_place_and_seer() -> None:
    matrix = contamination_matrix([LEAK, LEAK, OWN, replace(LEAK, place="redis")])
    assert matrix == {Cell("acme-01", "frame", "acme-02"): 2, Cell("acme-01", "redis", "acme-02"): 1}
    assert next(iter(matrix.values())) == 2
