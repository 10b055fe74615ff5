"""What a temporary folder has to offer: space, and that programs in it may be run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from reference_platform.services.errors import ServiceError

#: A data folder of PostgreSQL with its write-ahead log takes about 45 MB, copies of the programs 60 MB more.
NEEDED_BYTES = 128 * 1024 * 1024
_NO_SPACE = ("No space left on device", "Check free disk space")


def require_space(folder: Path) -> None:
    """Refuse a folder that is nearly full, before anything is made there.

    Raises:
        ServiceError: One sentence that names the folder, what is free and what is needed.
    """
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise ServiceError(
            f"The stores need {NEEDED_BYTES // 2**20} MB in {folder}, but only {free // 2**20} MB are free there: "
            "set TMPDIR to another folder"
        )


def require_executable(folder: Path) -> None:
    """Refuse a folder in which no program may be run, before programs are copied there.

    Raises:
        ServiceError: One sentence that names the folder.
    """
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        raise ServiceError(
            f"The servers' programs have to be copied to {folder.parent}, but no program may be run there (noexec): "
            "set TMPDIR to another folder, or install the packages where other users can read them"
        )


def without_space(words: str, place: Path) -> None:
    """Say it in one sentence when a server's own words are that there was no space.

    Args:
        words: What it wrote.
        place: Where it worked.

    Raises:
        ServiceError: If so.
    """
    if any(sign in words for sign in _NO_SPACE):
        raise ServiceError(f"There is no space left in {place.parent}: set TMPDIR to another folder")
