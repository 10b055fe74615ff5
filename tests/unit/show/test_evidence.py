"""The evidence file is valid, whole, and holds no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from isolation.show.evidence.decided import (
    SCHEMA_FILE,
    DecidedEvidence,
    decide,
    evidence_schema,
    load_evidence,
    save_evidence,
)
from isolation.show.evidence.run import LONGEST_TEXT, Evidence
from unit.show.run_samples import CATALOGUE, bad_run, dead_run, good_run, mixed_run

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhY21lIn0.c2lnbmF0dXJlLXBhcnQ"


def decided(evidence: Evidence) -> DecidedEvidence:
    return decide(evidence, CATALOGUE)[0]


def test_the_published_schema_is_up_to_date() -> None:
    """Write it anew with ``python -m isolation.show.evidence.schema`` when this fails."""
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == evidence_schema()


@pytest.mark.parametrize("evidence", [good_run(), mixed_run(), bad_run(), dead_run()])
def test_every_evidence_file_keeps_the_schema_and_reads_back(evidence: Evidence, tmp_path: Path) -> None:
    save_evidence(decided(evidence), tmp_path / "deep" / "evidence.json")
    text = (tmp_path / "deep" / "evidence.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(evidence_schema())
    Draft202012Validator(evidence_schema()).validate(json.loads(text))
    assert load_evidence(tmp_path / "deep" / "evidence.json") == decided(evidence)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["evidence.json"]


@pytest.mark.parametrize("damage", [{"cases": [{"id": "s1"}]}, {"surprise": 1}, {"seconds": "long"}])
def test_the_schema_refuses_what_is_not_evidence(damage: dict[str, object]) -> None:
    plain = json.loads(decided(good_run()).text()) | damage
    with pytest.raises(ValidationError):
        Draft202012Validator(evidence_schema()).validate(plain)
    with pytest.raises(ValueError):
        DecidedEvidence.model_validate(plain)


def test_the_file_says_what_the_run_says_without_the_catalogue() -> None:
    plain = json.loads(decided(bad_run()).text())
    assert plain["schema_id"] == "urn:tenant-isolation:evidence" and plain["schema_version"].startswith("2.")
    assert plain["overall"]["sentence"].startswith("Isolation is broken: 2 of 13")
    verdicts = {promise["id"]: promise["verdict"] for promise in plain["promises"]}
    assert verdicts["CS-2"] == "FAIL" and verdicts["RI-2"] == "NOT EXAMINED"
    assert {"commit", "hashes", "host", "command_line", "user", "defect"} <= set(plain["identity"])


def test_a_message_without_end_is_cut() -> None:
    case = good_run().cases[0].model_copy(update={"message": "x" * 100_000})
    shown = decided(good_run().model_copy(update={"cases": (case,)}))
    assert len(shown.cases[0].message) == LONGEST_TEXT


def test_a_test_id_cannot_leave_its_link() -> None:
    plain = good_run().model_dump(mode="json")
    plain["cases"][0]["id"] = 's1"><script>'
    with pytest.raises(ValueError):
        Evidence.model_validate(plain)


def test_the_old_file_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "evidence.json"
    save_evidence(decided(good_run()), path)
    before = path.read_bytes()

    def broken(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError):
        save_evidence(decided(bad_run()), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_no_secret_reaches_the_file() -> None:
    case = good_run().cases[0].model_copy(update={"message": f"sent Bearer {JWT} to redis://:s3same@localhost:6379/0"})
    evidence = good_run().model_copy(update={"cases": (case,), "caveats": (f"token {JWT}",)})
    text = decided(evidence).text()
    for secret in ("hunter2", "correct-horse-battery", "s3same", "eyJ"):
        assert secret not in text
    assert "postgresql://tester:(hidden)@127.0.0.1:5432/isolation_test" in text
