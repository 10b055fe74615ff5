"""Reading everything that a run left in stores and files, with the operator's own login, for a search of secrets.

Nothing is changed. What the operator can see is not in question here: each piece says by its key columns, key or path
whose it is (`Piece.owner_hint`), so that a judge can ask whether the secret in it is at home there.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from isolation.drive.stores.store_clickhouse import read_clickhouse
from isolation.drive.stores.store_postgresql import read_postgresql
from isolation.drive.stores.store_redis import read_redis
from isolation.record.secrets.pieces import NotReadable, Piece
from process_control.folders import everything_below

MAXIMUM_FILE_BYTES = 64 * 2**20
"""How much of each file is read, from its end."""

__all__ = ["read_clickhouse", "read_files", "read_postgresql", "read_redis", "read_rows"]


def read_rows(address: str) -> list[Piece | NotReadable]:
    """As `read_postgresql`, for callers without an event loop."""
    return asyncio.run(read_postgresql(address))


def read_files(folder: Path, kind: str) -> Iterator[Piece | NotReadable]:
    """The content of every file below a folder; the path below it is the owner hint.

    Links and special files (pipes, devices, sockets) are neither followed nor opened: on a machine of others they lead
    anywhere, and some never end. They are named, for what is behind them was not looked at.

    Args:
        folder: Where to look.
        kind: What to call it, such as ``log``.
    """
    if folder.is_symlink() or not folder.is_dir():
        yield NotReadable(f"{kind} {folder}", "it is a link" if folder.is_symlink() else "there is no such folder")
        return
    for path in sorted(everything_below(folder)):
        name = str(path.relative_to(folder))
        try:
            entry = path.lstat()
            if stat.S_ISDIR(entry.st_mode):
                continue
            if not stat.S_ISREG(entry.st_mode):
                yield NotReadable(f"{kind} {name}", f"{_kind_of(entry.st_mode)}, which is not followed")
                continue
            data, size = read_end(path, entry)
        except FileNotFoundError:
            continue  # removed since the folder was listed: no longer there to be seen
        except OSError as error:
            yield NotReadable(f"{kind} {name}", error.strerror or type(error).__name__)
            continue
        yield Piece(f"{kind} {name}", name, data, looks=max(1, data.count(b"\n")))
        if size > MAXIMUM_FILE_BYTES:
            yield NotReadable(f"{kind} {name}", "only its end is read", size - MAXIMUM_FILE_BYTES)


def read_end(path: Path, entry: os.stat_result) -> tuple[bytes, int]:
    """The end of exactly the regular file that was looked at, and its size.

    Args:
        entry: What ``lstat`` said of it; another thing of that name is refused.

    Raises:
        OSError: It cannot be opened, or is another thing by now.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        opened = os.fstat(handle)
        if (opened.st_dev, opened.st_ino) != (entry.st_dev, entry.st_ino):
            raise OSError(errno.ESTALE, "it was exchanged while it was looked at")
        file.seek(max(0, opened.st_size - MAXIMUM_FILE_BYTES))
        return file.read(MAXIMUM_FILE_BYTES), opened.st_size


def _kind_of(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
