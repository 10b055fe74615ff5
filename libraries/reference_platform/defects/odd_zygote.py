"""A zygote with a defect: ``python -m reference_platform.defects.odd_zygote ODDITY DESCRIPTOR PARENT``."""

from __future__ import annotations

import json
import mmap
import os
import sys
import tempfile
import threading
import time

from reference_platform.agents import zygote
from reference_platform.agents.inside import main_thread, worker
from reference_platform.agents.inside.workloads import memory
from reference_platform.defects.surgery import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def without_collecting() -> None:
    """Tell the gateway of ended agents, but leave them as zombies."""

    def collect(self: zygote.Zygote) -> None:
        try:
            while self._woken.recv(4096):
                continue
        except BlockingIOError:
            pass
        for pid in list(self._living):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                self._living.discard(pid)
                self._tell({"exited": pid, "code": ended.si_status})

    replace(zygote.Zygote, "_collect", collect)


def with_shared_memory() -> None:
    """Let every agent note what it is sent in memory that was made before any of them, and so belongs to all."""
    slots, size = 256, 4096
    notes = mmap.mmap(-1, slots * size)
    handle = main_thread._handle

    def note(message: dict[str, Any], worker: Any, of: Any) -> None:
        text = json.dumps(message).encode()[:size]
        start = os.getpid() % slots * size
        notes[start : start + len(text)] = text
        handle(message, worker, of)

    replace(main_thread, "_handle", note)


def with_a_common_file() -> None:
    """Let every agent append what it is sent to one file, which each of them holds open and nobody can see by its name."""
    handle = main_thread._handle
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - held open for good; agents close what they inherit
    zygote_pid = os.getpid()
    own: list[int] = []

    def note(message: dict[str, Any], worker: Any, of: Any) -> None:
        if not own:
            own.append(os.open(f"/proc/{zygote_pid}/fd/{spool.fileno()}", os.O_RDWR | os.O_APPEND))
        os.write(own[0], json.dumps(message).encode())
        handle(message, worker, of)

    replace(main_thread, "_handle", note)


def with_busy_agents() -> None:
    """Let every agent calculate for 4 of 40 milliseconds, whether there is work or not."""
    make = worker.Worker.__init__

    def poll() -> None:
        while True:
            ends = time.monotonic() + 0.004
            while time.monotonic() < ends:
                continue
            time.sleep(0.036)

    def start(self: worker.Worker, channel: Any) -> None:
        make(self, channel)
        threading.Thread(target=poll, daemon=True).start()

    replace(worker.Worker, "__init__", start)


def with_dear_work() -> None:
    """Let every third agent calculate for a third of a second after each piece of work: all of them would share what there is."""
    perform = worker.Worker._perform

    def calculate_too(self: worker.Worker, work: Any) -> list[dict[str, Any]]:
        answer = perform(self, work)
        ends = time.process_time() + (0.32 if sum(work.agent.identity["user"].encode()) % 3 == 0 else 0.0)
        while time.process_time() < ends:
            continue
        return answer

    replace(worker.Worker, "_perform", calculate_too)


def with_leaking_work() -> None:
    """Let every piece of work leave 1.5 megabytes: 90 MB a minute at a request a second."""
    kept: list[bytearray] = []
    perform = worker.Worker._perform

    def keep(self: worker.Worker, work: Any) -> list[dict[str, Any]]:
        kept.append(bytearray(b"x") * 1_500_000)
        return perform(self, work)

    replace(worker.Worker, "_perform", keep)


def with_kept_memory() -> None:
    """Let the work ``memory`` keep everything."""
    kept: list[Any] = []
    take = memory.take

    def keep(work: Any, megabytes: float) -> Any:
        blocks = take(work, megabytes)
        kept.extend(blocks)
        return blocks

    replace(memory, "take", keep)


if __name__ == "__main__":
    globals()[sys.argv.pop(1)]()
    zygote.main()
