"""What everybody on the machine can see: common temporary folders, shared memory, names of abstract sockets.

Only what came or changed since a moment is read, and of files only regular ones that others may read: a stranger's private
things are none of the suite's business. Folders that are searched elsewhere, or are the suite's own, are left out.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from isolation.drive.stores.stores import MAXIMUM_FILE_BYTES, read_end
from isolation.record.secrets.pieces import NotReadable, Piece
from process_control.proc.net_unix import read_unix_sockets
from process_control.proc.sysvipc_shm import read_segments

FOLDERS: Final = ("/tmp", "/var/tmp", "/dev/shm")
_DATABASE_MARK: Final = "PG_VERSION"
"""A folder with such a file is a database's own: read as a store."""
_SHM_RDONLY: Final = 0o10000


def read_shared_places(
    since: float, except_below: Collection[Path] = (), folders: Collection[str] = FOLDERS
) -> Iterator[Piece | NotReadable]:
    """Everything that came or changed since a moment, as one piece each; it belongs to everybody who can see it.

    Args:
        since: Seconds since the epoch.
        except_below: Folders that are left out.
        folders: Where to look for files.
    """
    left_out = {path.resolve() for path in except_below}
    for folder in folders:
        yield from _files(Path(folder), since, left_out)
    yield from _segments(since)
    yield from _abstract_sockets()


def _files(folder: Path, since: float, left_out: set[Path]) -> Iterator[Piece | NotReadable]:
    for place, inner, names in os.walk(folder):
        here = Path(place)
        if here in left_out or _DATABASE_MARK in names:
            inner.clear()
            continue
        inner[:] = [name for name in inner if _open_to_others(here / name)]
        for name in sorted(names):
            path = here / name
            try:
                entry = path.lstat()
                if not stat.S_ISREG(entry.st_mode) or not entry.st_mode & stat.S_IROTH:
                    continue
                if max(entry.st_mtime, entry.st_ctime) < since:
                    continue
                data, size = read_end(path, entry)
            except FileNotFoundError:
                continue  # removed since
            except OSError as error:
                yield NotReadable(f"shared file {path}", error.strerror or type(error).__name__)
                continue
            yield Piece(f"shared file {path}", "", str(path).encode("utf-8", "replace") + b"\n" + data)
            if size > MAXIMUM_FILE_BYTES:
                yield NotReadable(f"shared file {path}", "only its end is read", size - MAXIMUM_FILE_BYTES)


def _open_to_others(folder: Path) -> bool:
    try:
        mode = folder.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and bool(mode & stat.S_IXOTH)


def _segments(since: float) -> Iterator[Piece | NotReadable]:
    """System V shared memory, attached for reading only."""
    library = ctypes.CDLL(None, use_errno=True)
    library.shmat.restype = ctypes.c_void_p
    library.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
    library.shmdt.argtypes = [ctypes.c_void_p]
    for segment in read_segments():
        if segment.changed_at < since or not segment.mode & stat.S_IROTH:
            continue
        place, size = f"shared memory segment {segment.segment_id}", segment.size
        address = library.shmat(segment.segment_id, None, _SHM_RDONLY)
        if address in (None, ctypes.c_void_p(-1).value):
            yield NotReadable(place, os.strerror(ctypes.get_errno()), size)
            continue
        try:
            yield Piece(place, "", ctypes.string_at(address, min(size, MAXIMUM_FILE_BYTES)))
        finally:
            library.shmdt(address)


def _abstract_sockets() -> Iterator[Piece | NotReadable]:
    """Their names are all that can be seen of them without knocking."""
    try:
        sockets = read_unix_sockets()
    except OSError as error:
        yield NotReadable("abstract sockets", error.strerror or type(error).__name__)
        return
    names = sorted({each.name for each in sockets if each.is_abstract})
    yield Piece("names of abstract sockets", "", "\n".join(names).encode("utf-8", "replace"), looks=max(1, len(names)))
