"""A process of the suite's own that holds a control in every place: it proves that the search of processes works.

What is in its shared memory was written by a child of it: the process itself has never touched those pages.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from types import TracebackType

_PROGRAM = """
import mmap, os, sys
kept = sys.stdin.readline()
shared = mmap.mmap(-1, mmap.PAGESIZE)
writer = os.fork()
if writer == 0:
    shared.write(kept.encode())
    os._exit(0)
os.waitpid(writer, 0)
print("ready", flush=True)
sys.stdin.readline()
"""


class DecoyProcess:
    """Holds one text in its environment, command line, own and shared memory and an open file, until it is left.

    Attributes:
        places: The places in which the search must find the text.
    """

    places = frozenset({"environment", "command line", "memory", "shared memory", "open file"})

    def __init__(self, text: str) -> None:
        """Keep the text; ``with`` starts the process."""
        self._text = text
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None, "the decoy has not been started: use 'with'"
        return self._process.pid

    def __enter__(self) -> DecoyProcess:
        """Start the process and wait until it holds the text."""
        self._file = tempfile.TemporaryFile("w+", encoding="utf-8", prefix="isolation-control-")
        self._file.write(self._text)
        self._file.flush()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, self._text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"CONTROL": self._text},
            pass_fds=[self._file.fileno()],
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(self._text + "\n")
        self._process.stdin.flush()
        self._process.stdout.readline()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process and remove its file."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()
        self._file.close()
