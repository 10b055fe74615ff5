"""One folder, one run: a second run into the same folder is refused, and a dead run keeps nobody out."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from isolation.show.files.safe import open_regular

LOCK_NAME = ".run.lock"


class FolderInUseError(Exception):
    """Another run that lives writes into the folder; the message says which."""


class FolderClaim:
    """Keeps the folder for this process. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, folder: Path, run_id: str) -> None:
        """Claim the folder.

        Raises:
            FolderInUseError: Another run holds it.
            OSError: The folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = open_regular(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._handle, 200).decode("utf-8", "replace").strip() or "another run"
            os.close(self._handle)
            raise FolderInUseError(
                f"'{folder}' is in use by {holder}, which has not ended: choose another output folder"
            ) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"run {run_id}, process {os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another run in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
