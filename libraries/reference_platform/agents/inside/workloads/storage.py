"""Work that writes: to the agent's private folder and to the database."""

from __future__ import annotations

import itertools
import os
import time

from reference_platform.agents.inside.work import Work
from reference_platform.agents.inside.workloads.memory import MEGABYTE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

_BLOCK_BYTES = 250_000
_IO_LOAD_ROWS = 200
_numbers = itertools.count(1)


class TemporaryFile:
    """A file in the agent's private folder that is gone when the work is done, however it ends.

    Args:
        work: Whose.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._path = f"{work.agent.folder}/work-{next(_numbers)}"
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        """Use the file in a ``with`` block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close and remove the file."""
        os.close(self._descriptor)
        os.unlink(self._path)

    def write(self, size: int, sync: bool = True) -> None:
        """Write from the beginning.

        Args:
            size: Bytes; the work is checked after each block of them.
            sync: Whether the bytes must have reached the disk.
        """
        content = os.urandom(min(size, _BLOCK_BYTES))
        for start in range(0, size, _BLOCK_BYTES):
            os.pwrite(self._descriptor, content[: size - start], start)
            self._work.check()
        if sync:
            os.fsync(self._descriptor)

    def read(self, size: int) -> int:
        """Read back what was written.

        Returns:
            How many bytes there were.
        """
        found = 0
        for start in range(0, size, _BLOCK_BYTES):
            found += len(os.pread(self._descriptor, _BLOCK_BYTES, start))
            self._work.check()
        return found


def disk(work: Work) -> dict[str, Any]:
    """Write, sync, read back and remove a temporary file."""
    size = int(work.arguments["megabytes"] * MEGABYTE)
    with TemporaryFile(work) as file:
        file.write(size)
        if file.read(size) != size:
            raise OSError("the file lost some of its bytes")
    return {}


def database(work: Work) -> dict[str, Any]:
    """Insert, sort and remove rows."""
    return {"rows": work.call("database", rows=work.get("rows", 100), repeat=work.get("repeat", 1))}


def io_load(work: Work) -> dict[str, Any]:
    """Write to disk and database as quickly as possible, both at the same time."""
    end = time.monotonic() + work.get("seconds", 10)
    writes = queries = 0
    with TemporaryFile(work) as file:
        while time.monotonic() < end:
            number, call = work.agent.calls.start(work.run, "database", {"rows": _IO_LOAD_ROWS, "repeat": 1})
            try:
                while not call.arrived.is_set() and time.monotonic() < end:
                    file.write(MEGABYTE)
                    writes += 1
                work.wait_for(number, call)
            finally:
                work.agent.calls.forget(number)
            queries += 1
    return {"writes": writes, "queries": queries}
