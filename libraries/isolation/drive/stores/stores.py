"""Reading everything that a run left in stores and files, with the operator's own login, for a search of secrets.

Nothing is changed. What the operator can see is not in question here: each piece says by its key columns, key or path
whose it is (`Piece.owner_hint`), so that a judge can ask whether the secret in it is at home there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from isolation.drive.stores.store_clickhouse import read_clickhouse
from isolation.drive.stores.store_postgresql import read_postgresql
from isolation.drive.stores.store_redis import read_redis
from isolation.record.pieces import NotReadable, Piece
from process_control.folders import everything_below

MAXIMUM_FILE_BYTES = 64 * 2**20
"""How much of each file is read, from its end."""

__all__ = ["read_clickhouse", "read_files", "read_postgresql", "read_redis", "read_rows"]


def read_rows(address: str) -> list[Piece | NotReadable]:
    """As `read_postgresql`, for callers without an event loop."""
    return asyncio.run(read_postgresql(address))


def read_files(folder: Path, kind: str) -> Iterator[Piece | NotReadable]:
    """The content of every file below a folder; the path below it is the owner hint.

    Args:
        folder: Where to look; links to files are followed.
        kind: What to call it, such as ``log``.
    """
    if not folder.is_dir():
        yield NotReadable(f"{kind} {folder}", "there is no such folder")
        return
    for path in sorted(everything_below(folder)):
        name = str(path.relative_to(folder))
        try:
            if not path.is_file():
                continue
            with path.open("rb") as file:
                size = path.stat().st_size
                file.seek(max(0, size - MAXIMUM_FILE_BYTES))
                data = file.read(MAXIMUM_FILE_BYTES)
        except FileNotFoundError:
            continue  # removed since the folder was listed: no longer there to be seen
        except OSError as error:
            yield NotReadable(f"{kind} {name}", error.strerror or type(error).__name__)
            continue
        yield Piece(f"{kind} {name}", name, data, looks=max(1, data.count(b"\n")))
        if size > MAXIMUM_FILE_BYTES:
            yield NotReadable(f"{kind} {name}", "only its end is read", size - MAXIMUM_FILE_BYTES)
