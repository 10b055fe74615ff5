"""Records of experiments come back as they were saved, and a damaged file is never read as a shorter record."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from isolation.record import Operation, Sample
from isolation.record.experiments import DamagedRecordsError, experiment_record, load_experiment, save_experiment
from isolation.record.saving import NOT_SAVED


@experiment_record
@dataclass
class Example:
    clocks: dict[tuple[str, int], float]
    names: tuple[str, ...]
    operations: list[Operation] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    raw: bytes = b""
    secret: str = field(default="", metadata=NOT_SAVED)


def example() -> Example:
    operations = [
        Operation("tenant-01", "u1", "tenant-01", f"r{n}", "noop", float(n), kept={"answer": "marker"})
        for n in range(3)
    ]
    samples = [Sample(float(n), "tenant-01", 7, 0.1 * n, 1024) for n in range(4)]
    return Example({("tenant-01", 1): 2.5}, ("tenant-01",), operations, samples, b"\x00\xff", "hush")


def test_a_record_comes_back_as_it_was_but_for_what_must_not_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "records" / "example.jsonl.gz"
    save_experiment(path, example())
    loaded, saved = load_experiment(path), example()
    assert (loaded.clocks, loaded.names, loaded.samples, loaded.raw) == (
        saved.clocks,
        saved.names,
        saved.samples,
        saved.raw,
    )
    assert [o.correlation_id for o in loaded.operations] == ["r0", "r1", "r2"]
    assert all(o.kept == {} for o in loaded.operations)
    assert loaded.secret == ""
    assert b"marker" not in gzip.decompress(path.read_bytes())
    assert b"hush" not in gzip.decompress(path.read_bytes())


def test_a_file_that_was_cut_anywhere_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "example.jsonl.gz"
    lines = save_experiment(path, example())
    whole = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    assert len(whole) == lines
    for kept in range(lines):
        path.write_bytes(gzip.compress(b"".join(whole[:kept])))
        with pytest.raises(DamagedRecordsError):
            load_experiment(path)


@pytest.mark.parametrize("cut", [1, 10, 20])
def test_a_broken_file_is_noticed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "example.jsonl.gz"
    save_experiment(path, example())
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    with pytest.raises(DamagedRecordsError):
        load_experiment(path)


def test_an_unknown_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"schema":"isolation.experiment/1","type":"os:Path","fields":{}}\n{"end":1}\n'))
    with pytest.raises(DamagedRecordsError, match="os:Path"):
        load_experiment(path)


def test_only_records_of_experiments_are_saved(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="experiment_record"):
        save_experiment(tmp_path / "x.gz", object())
