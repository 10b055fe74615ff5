"""Which process ids the yes-man names for its agents: processes that only sleep, or others that are no agents at all."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import subprocess
import threading

AGENT_PROCESSES = ("sleep", "own", "first", "threads", "absent")
_DIE_WITH_PARENT = 1


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


class Names:
    """Gives a process id for each agent.

    Args:
        kind: ``sleep`` (a sleeping child for each), ``own`` (the yes-man's), ``first`` (process 1), ``threads`` (threads of
            the yes-man), ``absent`` (processes that do not exist).
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._absent = itertools.count(3_900_000)
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._over = threading.Event()

    def new(self) -> int:
        """A process id for a new agent."""
        match self._kind:
            case "own":
                return os.getpid()
            case "first":
                return 1
            case "absent":
                return next(self._absent)
            case "threads":
                thread = threading.Thread(target=self._over.wait, daemon=True)
                thread.start()
                return int(thread.native_id or 0)
        child = subprocess.Popen(["sleep", "3600"], preexec_fn=_die_with_parent)
        self._children[child.pid] = child
        return child.pid

    def ticks(self, pid: int) -> int:
        """When it started, where that can be read."""
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                return int(file.read().rpartition(")")[2].split()[19])
        except OSError:
            return 1

    def give_up(self, pid: int) -> None:
        """End a child that was named for an agent; others go on, whatever they are."""
        child = self._children.pop(pid, None)
        if child is not None:
            child.kill()
            child.wait()

    def close(self) -> None:
        """End all of them."""
        self._over.set()
        for pid in list(self._children):
            self.give_up(pid)
