"""The record of one experiment on disk, so that its judges can be asked again years later.

One gzip file of JSON lines: a header that names the schema, the type and all single fields; one line for each item of each
list; an end line with the number of lines before it. A file that was cut anywhere, also between two lines, is noticed.
A field that must not be saved (the answers of users hold their secrets) says so: ``field(metadata=NOT_SAVED)``.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import typing
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from isolation.record.saving import is_saved

SCHEMA = "isolation.experiment/1"

_T = typing.TypeVar("_T")
_TYPES: dict[str, type[Any]] = {}


class DamagedRecordsError(ValueError):
    """A record file that cannot be read to its end; the message names the file, the line and the fault."""


def experiment_record(kind: type[_T]) -> type[_T]:
    """Make a data class known as the record of an experiment; its lists are written line by line.

    Raises:
        TypeError: The class is no data class.
    """
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} should be a data class")
    _TYPES[_name(kind)] = kind
    return kind


def save_experiment(path: Path, record: object) -> int:
    """Write the record of an experiment in one step.

    Args:
        path: Such as ``results/records/leak_detection.jsonl.gz``; its folder is made when missing.
        record: An instance of an ``experiment_record``.

    Returns:
        How many lines were written.

    Raises:
        TypeError: It is no record of an experiment, or holds a value that JSON cannot say.
        OSError: The place cannot be written.
    """
    if _name(type(record)) not in _TYPES:
        raise TypeError(f"{type(record).__name__} is no record of an experiment: decorate it with experiment_record")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    lines = 0
    try:
        with gzip.open(temporary, "wt", encoding="utf-8", compresslevel=5) as file:
            for line in _lines(record):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")
                lines += 1
            file.write(json.dumps({"end": lines}) + "\n")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return lines + 1


def load_experiment(path: Path) -> Any:
    """Read the record of an experiment back.

    Raises:
        OSError: The file cannot be opened.
        DamagedRecordsError: It is cut, of another schema or type, or holds what does not belong there.
    """
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            plain: list[dict[str, Any]] = []
            for line in file:
                number += 1
                plain.append(json.loads(line))
        return _assembled(plain)
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, KeyError, TypeError, ImportError) as error:
        raise DamagedRecordsError(f"{path}, line {number}: {_said(error)}") from error


def _lines(record: object) -> Iterator[dict[str, Any]]:
    kind = type(record)
    lists = _lists_of(kind)
    single = {item.name: _plain(getattr(record, item.name)) for item in _saved(kind) if item.name not in lists}
    yield {"schema": SCHEMA, "type": _name(kind), "fields": single}
    for name in lists:
        for item in getattr(record, name):
            yield {"of": name, "item": _plain(item)}


def _assembled(lines: list[dict[str, Any]]) -> Any:
    if not lines or "end" not in lines[-1] or lines[-1]["end"] != len(lines) - 1:
        raise ValueError("the file does not end as it should: it was cut")
    header = lines[0]
    if header.get("schema") != SCHEMA:
        raise ValueError(f"the schema is {header.get('schema')!r}, and this version reads {SCHEMA!r}")
    kind = _known(str(header.get("type")))
    lists = _lists_of(kind)
    values: dict[str, Any] = {name: [] for name in lists}
    for name, value in header["fields"].items():
        values[name] = _reader(kind, name)(value)
    readers = {name: _item_reader(kind, name) for name in lists}
    for line in lines[1:-1]:
        values[line["of"]].append(readers[line["of"]](line["item"]))
    return kind(**values)


def _name(kind: type[Any]) -> str:
    return f"{kind.__module__}:{kind.__name__}"


def _known(name: str) -> type[Any]:
    """The record type of that name; its module is imported when it is one of this room."""
    module, _, _ = name.partition(":")
    if name not in _TYPES and module.startswith(f"{__package__}."):
        import_module(module)
    if name not in _TYPES:
        raise ValueError(f"there is no record type {name!r} in this version")
    return _TYPES[name]


def _saved(kind: type[Any]) -> list[Any]:
    return [item for item in fields(kind) if is_saved(item)]


def _lists_of(kind: type[Any]) -> tuple[str, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(item.name for item in _saved(kind) if typing.get_origin(hints[item.name]) is list)


def _reader(kind: type[Any], name: str) -> Callable[[Any], Any]:
    return _restoring(typing.get_type_hints(kind)[name])


def _item_reader(kind: type[Any], name: str) -> Callable[[Any], Any]:
    return _restoring(typing.get_args(typing.get_type_hints(kind)[name])[0])


def _restoring(hint: Any) -> Callable[[Any], Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(hint)
    return lambda value: adapter.validate_python(_decoded(value))


def _plain(value: Any) -> Any:
    """Plain JSON; bytes as a marked object, mappings with any keys as marked pairs."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in _saved(type(value))}
    if isinstance(value, Mapping):
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: _plain(entry) for key, entry in value.items()}
        return {"$pairs": [[_plain(key), _plain(entry)] for key, entry in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(entry) for entry in value), key=repr)
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"], validate=True)
        if "$pairs" in value:
            return {_hashable(key): _decoded(entry) for key, entry in value["$pairs"]}
        return {key: _decoded(entry) for key, entry in value.items()}
    return [_decoded(entry) for entry in value] if isinstance(value, list) else value


def _hashable(key: Any) -> Any:
    decoded = _decoded(key)
    return tuple(decoded) if isinstance(decoded, list) else decoded


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error) or type(error).__name__
