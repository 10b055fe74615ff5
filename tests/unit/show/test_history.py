"""Runs beside each other: only what is comparable makes a trend, and only what is more than noise is a change."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from isolation.record import Interval
from isolation.show import compare
from isolation.show.compare import comparison_words
from isolation.show.evidence import EndingKind, Evidence, LeftOut
from isolation.show.evidence.decided import DecidedEvidence, decide, save_evidence
from isolation.show.history import History, RunLine, append_run, load_history, run_line
from isolation.show.history.comparison import Change, compare_runs
from unit.show.run_samples import CATALOGUE, Cases, bad_run, earlier, good_run, limit, measured, run


def line_of(evidence: Evidence) -> RunLine:
    return run_line(*decide(evidence, CATALOGUE))


def one(value: float, interval: tuple[float, float] | None = None, unit: str = "s") -> DecidedEvidence:
    cases = Cases()
    held = Interval(low=interval[0], high=interval[1], confidence=0.9) if interval else None
    cases.add("a test", measured("RI-3", "time", value, limit(60, unit), interval=held))
    return decide(run(cases), CATALOGUE)[0]


def test_history_survives_a_damaged_line_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append_run(path, line_of(earlier(good_run(), "run-1", "2026-11-01T09:00:00+00:00")))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"run_id": "half a li')
    append_run(path, line_of(earlier(bad_run(), "run-2", "2026-11-02T09:00:00+00:00")))
    with path.open("ab") as file:
        file.write(b"\xff\xfe\n[]\n")
    history = load_history(path)
    assert [entry.run_id for entry in history.runs] == ["run-1", "run-2"]
    assert len(history.damage) == 3 and "line 2" in history.damage[0]


def test_a_missing_history_is_empty(tmp_path: Path) -> None:
    assert load_history(tmp_path / "none.jsonl") == History()


def test_a_line_of_an_older_version_is_read_and_never_compared_with_a_known_host(tmp_path: Path) -> None:
    new = {"commit", "changed", "host", "defect", "left_out", "ending"}
    plain = {key: value for key, value in json.loads(line_of(good_run()).model_dump_json()).items() if key not in new}
    (tmp_path / "history.jsonl").write_text(json.dumps({**plain, "run_id": "old"}) + "\n")
    history = load_history(tmp_path / "history.jsonl")
    assert len(history.runs) == 1 and history.comparable(line_of(good_run())) == []


@pytest.mark.parametrize(
    "other",
    [
        {"host": "elsewhere"},
        {"target": "another"},
        {"profile": "quick"},
        {"defect": "quota_off"},
        {"left_out": 1},
        {"ending": EndingKind.INTERRUPTED},
        {"run_id": line_of(good_run()).run_id},
    ],
)
def test_seeded_partial_and_foreign_runs_are_never_compared(other: dict[str, object]) -> None:
    now = line_of(good_run())
    before = now.model_copy(update={"run_id": "before"})
    assert History((before,)).comparable(now) == [before]
    assert History((before.model_copy(update=other),)).comparable(now) == []
    if "run_id" not in other:
        assert History((before,)).comparable(now.model_copy(update=other)) == []


def test_the_line_of_a_run_names_what_makes_it_comparable() -> None:
    evidence = good_run().model_copy(update={"left_out": (LeftOut(name="x", promises=()),)})
    line = line_of(evidence)
    assert (line.host, line.commit[:7], line.left_out, line.whole) == ("bench-1", "200c390", 1, False)
    assert line.values["RI-4"].low == 1.02 and line.values["RI-4"].limit == 1.1


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (one(10), one(10), Change.SAME),
        (one(10), one(12), Change.SAME),
        (one(10), one(30), Change.WORSE),
        (one(30), one(10), Change.BETTER),
        (one(0.1), one(2.5), Change.SAME),
        (one(10, (8, 12)), one(30, (11, 40)), Change.SAME),
        (one(10, (8, 12)), one(13, (12.5, 13.5)), Change.WORSE),
    ],
)
def test_a_change_is_more_than_noise(before: DecidedEvidence, after: DecidedEvidence, expected: Change) -> None:
    assert [entry.change for entry in compare_runs(before, after).numbers] == [expected]


def test_two_runs_are_compared_by_verdicts_too_and_what_hinders_it_is_said() -> None:
    before = decide(good_run(), CATALOGUE)[0]
    seeded = bad_run().model_copy(
        update={"identity": bad_run().identity.model_copy(update={"defect": "x", "host": "y"})}
    )
    comparison = compare_runs(before, decide(seeded, CATALOGUE)[0])
    words = comparison_words(comparison)
    assert comparison.worse
    assert "worse                  CS-2   PASS -> FAIL" in words
    assert "note: The seeded defect is another one" in words and "note: The machine is another one" in words


def test_the_command_ends_with_1_for_worse_and_2_for_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, evidence in (("good", good_run()), ("bad", bad_run())):
        save_evidence(decide(evidence, CATALOGUE)[0], tmp_path / f"{name}.json")
    (tmp_path / "broken.json").write_text("{")
    for names, code in ((("good", "good"), 0), (("good", "bad"), 1), (("good", "broken"), 2), (("good", "none"), 2)):
        monkeypatch.setattr(sys, "argv", ["compare", *(str(tmp_path / f"{name}.json") for name in names)])
        assert compare.main() == code
    assert "cannot be read" in capsys.readouterr().err
