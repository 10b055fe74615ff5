"""A run is judged again from its files: the same verdicts, a changed one is seen, a missing record is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from isolation.judge.access.agent_manager import judge_clean_up
from isolation.record import Verdict
from isolation.record.agent_manager import AgentManagerRecord, CleanUpDone
from isolation.record.claims import Claim
from isolation.record.experiments import DamagedRecordsError, save_experiment
from isolation.show.evidence import CaseEvidence
from isolation.show.evidence.decided import decide, save_evidence
from isolation.show.evidence.run import CaseStatus
from isolation.show.judge_again import DAMAGED, DIFFERENT, judge_again, judged, main
from unit.judge.resource_records import limits_of
from unit.show.run_samples import CATALOGUE, Cases, run

FILE = "records/agents.jsonl.gz"
CLAIM = Claim(
    judge=f"{judge_clean_up.__module__}:{judge_clean_up.__name__}",
    promise="TM-3",
    record=FILE,
    limits=dict(limits_of("TM-3").by_name),
)


def record(*clean_ups: CleanUpDone) -> AgentManagerRecord:
    return AgentManagerRecord(
        agents=(),
        tried_counts=(),
        connected=("a", "b"),
        stranger="x",
        clean_ups=clean_ups,
        sessions_before=2,
        sessions_after=0,
    )


GOOD = record(CleanUpDone(2, ()), CleanUpDone(0, ()))
BAD = record(CleanUpDone(2, ()), CleanUpDone(2, ("tenant t1: 3 files",)))


def folder_of(tmp_path: Path, seen: AgentManagerRecord, *verdicts: Verdict) -> Path:
    """The output of a run with one test, whose judge said so then."""
    save_experiment(tmp_path / FILE, seen)
    claim = CLAIM.model_copy(update={"verdicts": verdicts})
    case = CaseEvidence(
        id="s1-t1", name="Clean-up is idempotent", promises=("TM-3",), status=CaseStatus.PASS, claims=(claim,)
    )
    cases = Cases()
    cases.made.append(case)
    save_evidence(decide(run(cases), CATALOGUE)[0], tmp_path / "evidence.json")
    return tmp_path


def verdicts_of(seen: AgentManagerRecord) -> tuple[Verdict, ...]:
    return tuple(m.verdict for m in judge_clean_up("TM-3", seen, limits_of("TM-3")))


def test_the_judges_differ_about_the_two_records() -> None:
    assert set(verdicts_of(GOOD)) == {Verdict.PASS}
    assert Verdict.FAIL in verdicts_of(BAD)


@pytest.mark.parametrize("seen", [GOOD, BAD])
def test_the_same_record_gets_the_same_verdicts(tmp_path: Path, seen: AgentManagerRecord) -> None:
    (again,) = judge_again(folder_of(tmp_path, seen, *verdicts_of(seen)))
    assert again.same and again.test == "Clean-up is idempotent"


def test_a_record_that_was_touched_up_is_seen(tmp_path: Path) -> None:
    (again,) = judge_again(folder_of(tmp_path, GOOD, *verdicts_of(BAD)))
    assert not again.same


def test_a_busy_machine_excuses_no_count() -> None:
    claim = CLAIM.model_copy(update={"foreign_percent": 90.0})
    assert Verdict.FAIL in {m.verdict for m in judged(claim, BAD)}


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        ("os.path:join", "is no judge of this suite"),
        ("isolation.judge.access.agent_manager:judge_nothing", "there is no judge"),
    ],
)
def test_only_judges_of_the_suite_are_asked(judge: str, words: str) -> None:
    with pytest.raises(DamagedRecordsError, match=words):
        judged(CLAIM.model_copy(update={"judge": judge}), GOOD)


def called(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["judge_again", str(folder)])
    return main()


def test_the_command_tells_same_different_and_damaged_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(folder_of(tmp_path, GOOD, *verdicts_of(GOOD)), monkeypatch) == 0
    assert "none of their claims differ" in capsys.readouterr().out
    assert called(folder_of(tmp_path, BAD, *verdicts_of(GOOD)), monkeypatch) == DIFFERENT
    assert "differs from the run" in capsys.readouterr().out
    (tmp_path / FILE).unlink()
    assert called(tmp_path, monkeypatch) == DAMAGED
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "evidence.json").write_text("{")
    assert called(tmp_path, monkeypatch) == DAMAGED
