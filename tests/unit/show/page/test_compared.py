"""A run beside its baseline, and the build of the platform."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from isolation.show.evidence import Evidence
from isolation.show.evidence.decided import DecidedEvidence, decide, save_evidence
from isolation.show.evidence.identity import build_words
from isolation.show.history import History
from isolation.show.history.baseline import load_run
from isolation.show.history.comparison import Change
from isolation.show.page.compared import compared
from isolation.show.page.signoff import PageInput, render_page
from unit.show.run_samples import CATALOGUE, SAMPLE_CATALOGUE, Cases, bad_run, good_run, limit, measured, run


def decided(evidence: Evidence) -> DecidedEvidence:
    return decide(evidence, CATALOGUE)[0]


def test_the_same_run_differs_in_nothing() -> None:
    both = compared(decided(good_run()), decided(good_run()))
    assert both.rows == ()
    assert "none is worse" in both.words
    assert "no verdict changed" in both.words


def test_what_is_worse_comes_first_verdicts_before_numbers() -> None:
    both = compared(decided(good_run()), decided(bad_run()))
    changes = [row.change for row in both.rows]
    assert both.rows[0].what == "verdict"
    assert changes[0] is Change.WORSE
    assert "PASS" in both.rows[0].before
    back = compared(decided(bad_run()), decided(good_run()))
    assert back.rows[0].change is Change.BETTER


def test_two_numbers_of_one_name_are_two_numbers() -> None:
    """Seen: RI-2 asks twice whether a tenant was answered again; the first was compared with the second."""
    cases = Cases()
    cases.add(
        "One", measured("RI-2", "answered again", 100.0, limit(1)), measured("RI-2", "answered again", 1.0, limit(1))
    )
    later = Cases()
    later.add(
        "One", measured("RI-2", "answered again", 1.0, limit(1)), measured("RI-2", "answered again", 1.0, limit(1))
    )
    both = compared(decided(run(cases)), decided(run(later)))
    assert [(row.before, row.after) for row in both.rows if row.what != "verdict"] == [("100", "1")]


def test_the_page_shows_the_baseline_only_when_there_is_one() -> None:
    shown, results = decide(bad_run(), CATALOGUE)
    page = PageInput(shown, results, SAMPLE_CATALOGUE, (), History(), {}, baseline=decided(good_run()))
    html = render_page(page)
    assert "Compared with the baseline" in html
    assert "reference platform 1.0.0" in html
    without = PageInput(shown, results, SAMPLE_CATALOGUE, (), History(), {})
    assert "Compared with the baseline" not in render_page(without)


def test_a_baseline_is_a_file_or_its_folder_and_anything_else_is_one_sentence(tmp_path: Path) -> None:
    evidence = decided(good_run())
    save_evidence(evidence, tmp_path / "evidence.json")
    assert load_run(tmp_path) == load_run(tmp_path / "evidence.json") == evidence
    (tmp_path / "torn.json").write_text("{")
    for path, words in ((tmp_path / "nowhere", "cannot be read"), (tmp_path / "torn.json", "is no evidence")):
        with pytest.raises(ValueError, match=words) as raised:
            load_run(path)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("by_file", "by_platform", "words"),
    [
        (None, None, ""),
        ("2.4", None, "2.4 (as the target file says)"),
        (None, "2.4\x1b[31m-rc1", "2.4[31m-rc1 (as the platform says)"),
        ("2.4", "build 2.4", "build 2.4 (as the platform says)"),
        ("2.3", "2.4", "2.4 (as the platform says; the target file says 2.3)"),
    ],
)
def test_the_build_says_who_says_so(by_file: str | None, by_platform: object, words: str) -> None:
    assert build_words(by_file, by_platform) == words


def test_a_platform_cannot_fill_the_page_with_its_build() -> None:
    assert len(build_words(None, "x" * 10_000)) < 200
