"""The gateway's log file: JSON lines, without payloads and without secrets."""

from __future__ import annotations

import json
import time
import traceback
from pathlib import Path
from typing import TextIO

LARGEST_BYTES = 20 * 1024 * 1024


class LogFile:
    """Writes one line for each thing worth knowing; starts again in a second file when it has grown too large."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Args:
            path: Where; the folder must exist.
        """
        self._path = path
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=1)

    def write(self, event: str, **fields: str | float) -> None:
        """Write a line.

        Args:
            event: What happened.
            fields: Ids and numbers that belong to it; never text that a user sent.
        """
        self._file.write(json.dumps({"at": round(time.time(), 3), "event": event, **fields}) + "\n")
        if self._file.tell() > LARGEST_BYTES:
            self._turn_over()

    def fault(self, where: str, error: BaseException) -> None:
        """Write down a fault of the platform.

        Only its type and its places in the code: the text of an exception may quote what a user sent.

        Args:
            where: What was being done.
            error: What went wrong.
        """
        places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        self.write("fault", where=where, error=type(error).__name__, places=" > ".join(places))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _turn_over(self) -> None:
        self._file.close()
        self._path.replace(self._path.with_suffix(".old.jsonl"))
        self._file = self._path.open("a", encoding="utf-8", buffering=1)
