"""Records on disk: gzip, one JSON object per line that names its type, so that a run can be judged again."""

from __future__ import annotations

import base64
import gzip
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from isolation.record.environment import Environment
from isolation.record.measurements import Measurement
from isolation.record.traffic.blocks import Block
from isolation.record.traffic.events import PlatformEvent
from isolation.record.traffic.frames import Frame
from isolation.record.traffic.operations import Operation
from isolation.record.usage.samples import ProcessRef, Sample

Record = Block | Environment | Frame | Measurement | Operation | PlatformEvent | ProcessRef | Sample

_KINDS: tuple[type[Any], ...] = (
    Block, Environment, Frame, Measurement, Operation, PlatformEvent, ProcessRef, Sample,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Type:
    """A record type with its fields in order and what reads it back."""

    kind: type[Any]
    names: tuple[str, ...]
    adapter: TypeAdapter[Any]


def _described(kind: type[Any]) -> _Type:
    names = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else tuple(kind.model_fields)
    return _Type(kind, names, TypeAdapter(kind))


_TYPES = {kind.__name__: _described(kind) for kind in _KINDS}


class DamagedRecordsError(ValueError):
    """A record file that cannot be read to its end; the message names the file, the line and the fault."""


def save_records(path: Path, records: Iterable[Record]) -> int:
    """Write records in one step, in their order.

    Args:
        path: Such as ``results/records/s1-t3.jsonl.gz``; its folder is made when missing.
        records: Any mixture of the record types.

    Returns:
        How many were written.

    Raises:
        TypeError: Something among them is not a record, or holds a value that JSON cannot say.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with gzip.open(temporary, "wt", encoding="utf-8", compresslevel=5) as file:
            for record in records:
                file.write(json.dumps(_to_plain(record), separators=(",", ":")) + "\n")
                count += 1
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return count


def load_records(path: Path) -> list[Record]:
    """Read records back, equal to those that were saved and in the same order.

    Raises:
        OSError: The file cannot be opened.
        DamagedRecordsError: The file is cut off, or a line is not a record of a known type with exactly its fields.
    """
    records: list[Record] = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            _read_lines(file, records)
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError) as error:
        raise DamagedRecordsError(f"{path}, line {len(records) + 1}: {error}") from error
    return records


def _read_lines(file: IO[str], records: list[Record]) -> None:
    for line in file:
        try:
            records.append(_from_plain(json.loads(line)))
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _to_plain(record: Record) -> dict[str, Any]:
    name = type(record).__name__
    described = _TYPES.get(name)
    if described is None or described.kind is not type(record):
        raise TypeError(f"a record should be one of {', '.join(_TYPES)}, but is {name}")
    if isinstance(record, BaseModel):
        return {"type": name, **record.model_dump(mode="json")}
    return {"type": name, **{field: _encoded(getattr(record, field)) for field in described.names}}


def _from_plain(plain: dict[str, Any]) -> Record:
    described = _TYPES.get(str(plain.pop("type", ""))) if isinstance(plain, dict) else None
    if described is None:
        raise ValueError("not a record of a known type")
    if unknown := sorted(set(plain).difference(described.names)):
        raise ValueError(f"{described.kind.__name__} has no field {unknown[0]!r}")
    if described.kind is Frame:
        plain["data"] = base64.b64decode(str(plain.get("data")), validate=True)
    record: Record = described.adapter.validate_python(plain)
    return record


def _encoded(value: object) -> object:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
