"""Writing and reading files so that a reader never sees a half, and nobody's link leads anywhere else."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

_MODE = 0o644


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file in one step: a new file beside it, then a rename, which replaces a symbolic link and never follows one.

    Raises:
        OSError: It cannot be written; the old file, if any, is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8", errors="replace") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def within(folder: Path, name: str) -> Path:
    """A path inside a folder, none of whose folders below it is a symbolic link.

    Raises:
        OSError: A link would lead elsewhere.
    """
    path = folder / name
    for parent in path.parents:
        if parent == folder:
            return path
        if parent.is_symlink():
            raise OSError(f"'{parent}' is a symbolic link")
    raise OSError(f"'{name}' lies outside '{folder}'")


def open_regular(path: Path, flags: int) -> int:
    """Open an ordinary file and nothing else: no link, no pipe, no device.

    Raises:
        OSError: It is something else, or cannot be opened.
    """
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, _MODE)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"'{path}' is not an ordinary file")
    return handle


def read_regular(path: Path) -> bytes:
    """The content of an ordinary file.

    Raises:
        OSError: It is something else, or cannot be read.
    """
    with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
        return file.read()


def said(error: OSError) -> str:
    """What went wrong with a file, in words without Python's."""
    return error.strerror or str(error)
