"""Records come back from the disk as they were."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from isolation.record import Block, Condition, Direction, Frame, Operation, Outcome, PlatformEvent, ProcessRef, Sample
from isolation.record.files import DamagedRecordsError, Record, load_records, save_records
from unit.show.run_samples import ENVIRONMENT, limit, measured

RECORDS: list[Record] = [
    Operation(
        "acme",
        "ann",
        "s1",
        "c1",
        "typical",
        1.25,
        1.26,
        1.3,
        1.4,
        Outcome.ANSWERED,
        kept={"base64": "x", "n": [1, None]},
    ),
    Operation("acme", "ann", "s1", "c2", "typical", 2.0),
    Sample(3.0, "acme", 4711, 1.5, 2**33, None, 1, 2, 3, 4),
    Block("b1", 1, Condition.NOISY, 1.0, 3.0, 2.0, "storm"),
    PlatformEvent(7, 1.5, "alert", "noisy_tenant", "acme", resource="cpu", detail={"percent": 97.5, "who": ["a"]}),
    Frame(1.0, "acme", "ann", "s1", Direction.RECEIVED, "message", bytes(range(256))),
    ProcessRef("acme", "ann", "agent-1", 4711, 99, "operator"),
    measured("RI-4", "slowdown", 1.02, limit(1.1), details={"p95_ms": 3.5}),
    ENVIRONMENT,
]


def test_records_of_every_type_come_back_equal_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "records.jsonl.gz"
    assert save_records(path, RECORDS) == len(RECORDS)
    assert load_records(path) == RECORDS
    assert [entry.name for entry in path.parent.iterdir()] == ["records.jsonl.gz"]


def test_each_line_is_json_that_names_its_type(tmp_path: Path) -> None:
    save_records(tmp_path / "r.gz", RECORDS)
    lines = gzip.decompress((tmp_path / "r.gz").read_bytes()).decode().splitlines()
    assert lines[2].startswith('{"type":"Sample","at":3.0,')
    assert len(lines) == len(RECORDS)


@pytest.mark.parametrize(
    "line",
    ['{"type":"Secret"}', "[]", "{", '{"type":"Block","label":"b"}', '{"type":"Frame","data":"%%%"}',
     '{"type":"Block","label":"b","pair":1,"condition":"loud","started_at":1,"ended_at":2}',
     '{"type":"Block","label":"b","pair":1,"condition":"quiet","started_at":1,"ended_at":2,"extra":1}'],
)  # fmt: skip
def test_a_line_that_is_no_record_is_refused_with_its_number(line: str, tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    save_records(path, RECORDS[:1])
    path.write_bytes(path.read_bytes() + gzip.compress(line.encode() + b"\n"))
    with pytest.raises(DamagedRecordsError, match="line 2"):
        load_records(path)


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-12], lambda data: b"plain text", lambda data: data[:30] + b"\x00" * 40]
)
def test_a_damaged_file_is_refused(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    save_records(path, RECORDS * 20)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedRecordsError):
        load_records(path)


def test_what_is_not_a_record_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="should be one of"):
        save_records(tmp_path / "r.gz", [RECORDS[0], {"a": 1}])  # type: ignore[list-item]  # on purpose
    assert list(tmp_path.iterdir()) == []
