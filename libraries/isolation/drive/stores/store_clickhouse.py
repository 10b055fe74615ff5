"""Everything in ClickHouse: rows of an external server, or of a copy of the folder of an embedded one.

An embedded store (chDB) belongs to the platform's process: nobody else may open its folder. Its parts are files that are
never changed, so a copy can be opened, in a process of its own that ends at once (chDB must never be loaded into a
process that forks).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from isolation.record.secrets.pieces import NotReadable, Piece

MOST_ROWS = 200_000
"""How many rows of each table are read."""
_PATIENCE = 60.0
_SYSTEM = ("system", "information_schema", "INFORMATION_SCHEMA")


class NoClickHouse(Exception):
    """There is no ClickHouse to read, or no way to read it; the sentence says why."""


class NotInstalled(NoClickHouse):
    """The optional packages that read it are not installed."""


def read_clickhouse(place: str, control: str) -> list[Piece | NotReadable]:
    """Every row of every table.

    Args:
        place: An address (``http://...``) with its login, or the folder of an embedded store.
        control: A text that the same connection is asked for, as a positive control.

    Returns:
        The control, one piece per row, and an entry for each table that was not read fully.

    Raises:
        NoClickHouse: It cannot be read.
    """
    if find_spec("clickhouse_connect") is None:
        raise NotInstalled("the package 'clickhouse-connect' is not installed")
    if "://" in place:
        return list(_read(import_module("clickhouse_connect").get_client(dsn=place), control))
    if find_spec("chdb") is None:
        raise NotInstalled("the package 'chdb-core-lite' is not installed")
    return _read_copy(Path(place), control)


def _read(client: Any, control: str) -> Iterator[Piece | NotReadable]:
    answer = client.query("SELECT {control:String}", parameters={"control": control}).result_rows
    yield Piece("ClickHouse control", "", _content(answer[0]))
    tables = client.query(
        "SELECT database, name FROM system.tables WHERE database NOT IN {system:Array(String)} AND NOT is_temporary",
        parameters={"system": list(_SYSTEM)},
    ).result_rows
    for database, table in tables:
        where = f"ClickHouse {database}.{table}"
        statement = f"SELECT * FROM `{database}`.`{table}` LIMIT {MOST_ROWS + 1}"
        rows = client.query(statement).result_rows
        for row in rows[:MOST_ROWS]:
            yield Piece(
                where, " ".join(value for value in row if isinstance(value, str) and len(value) <= 96), _content(row)
            )
        if len(rows) > MOST_ROWS:
            yield NotReadable(where, f"only the first {MOST_ROWS:,} rows are read")


def _read_copy(folder: Path, control: str) -> list[Piece | NotReadable]:
    if not folder.is_dir():
        raise NoClickHouse("the folder of the embedded store is not there")
    with tempfile.TemporaryDirectory(prefix="isolation-clickhouse-") as parent:
        copy = Path(parent) / "copy"
        try:
            # The store goes on writing: a part that vanishes while it is copied was merged into another one.
            shutil.copytree(folder, copy, ignore=_without_temporary, copy_function=_copy_if_there, symlinks=True)
        except OSError as error:
            raise NoClickHouse(f"the folder of the embedded store cannot be copied: {type(error).__name__}") from None
        return _read_in_child(copy, control)


def _read_in_child(copy: Path, control: str) -> list[Piece | NotReadable]:
    command = [sys.executable, "-m", "isolation.drive.stores.store_clickhouse"]
    environment = {
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
        "PATH": "/usr/bin:/bin",
        "TMPDIR": str(copy.parent),
    }
    question = json.dumps({"folder": str(copy), "control": control})
    try:
        child = subprocess.run(
            command, input=question, capture_output=True, text=True, timeout=_PATIENCE, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoClickHouse(f"the copy of the embedded store gave no answer within {_PATIENCE:g} s") from None
    if child.returncode != 0:
        last = [line for line in child.stderr.splitlines() if line.strip()][-1:]
        raise NoClickHouse(f"the copy of the embedded store cannot be opened: {' '.join(last)[:200]}")
    return [
        Piece(line["place"], line["hint"], line["data"].encode("utf-8", "surrogateescape"))
        if "data" in line
        else NotReadable(line["place"], line["reason"])
        for line in map(json.loads, child.stdout.splitlines())
    ]


def _without_temporary(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith(("tmp_", "delete_tmp", "status"))}


def _copy_if_there(source: str, target: str) -> None:
    try:
        shutil.copy2(source, target)
    except FileNotFoundError:
        return  # see above


def _content(row: tuple[object, ...]) -> bytes:
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode("utf-8", "replace") for value in row)


def main() -> None:
    """The child: opens the copy and prints one JSON object per piece."""
    question = json.loads(sys.stdin.read())
    client = import_module("clickhouse_connect").get_client(interface="chdb", path=question["folder"])
    for entry in _read(client, question["control"]):
        if isinstance(entry, Piece):
            line = {
                "place": entry.place,
                "hint": entry.owner_hint,
                "data": entry.data.decode("utf-8", "surrogateescape"),
            }
        else:
            line = {"place": entry.place, "reason": entry.reason}
        print(json.dumps(line))


if __name__ == "__main__":
    main()
