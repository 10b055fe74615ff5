"""The monitor's sampler against psutil, at 1 Hz over many processes: processor time for each process and sample."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libraries"))

from process_control.open_files import allow_many_open_files
from process_control.reading import ProcessReader

_ROUNDS = 5
_FORK = "import os, sys, time\nfor _ in range(int(sys.argv[1])):\n    if not os.fork():\n        time.sleep(600)\n        os._exit(0)\nprint('up', flush=True)\ntime.sleep(600)"


@contextmanager
def children(count: int) -> Iterator[list[int]]:
    """Processes that sleep."""
    with subprocess.Popen(
        [sys.executable, "-c", _FORK, str(count)], stdout=subprocess.PIPE, text=True, process_group=0
    ) as root:
        assert root.stdout is not None
        root.stdout.readline()
        try:
            yield [child.pid for child in psutil.Process(root.pid).children()]
        finally:
            for child in psutil.Process(root.pid).children():
                child.kill()
            root.kill()


def cost(look: Callable[[], object], count: int) -> float:
    """Microseconds of processor time for each process and sample, with cold caches: a second lies between two samples."""
    look()
    used = 0.0
    for _ in range(_ROUNDS):
        time.sleep(1)
        before = time.process_time()
        look()
        used += time.process_time() - before
    return used / _ROUNDS / count * 1e6


def rows(counts: list[int]) -> Iterator[list[str]]:
    """The table, row by row."""
    yield ["processes", "sampler us", "% of a core at 1 Hz", "psutil oneshot us", "ratio"]
    allow_many_open_files()
    for count in counts:
        with children(count) as pids:
            readers = [ProcessReader(pid) for pid in pids]
            own = cost(lambda readers=readers: [reader.read() for reader in readers], len(pids))  # type: ignore[misc]
            for reader in readers:
                reader.close()
            processes = [psutil.Process(pid) for pid in pids]
            theirs = cost(lambda processes=processes: [_by_psutil(one) for one in processes], len(pids))  # type: ignore[misc]
        yield [f"{len(pids):,}", f"{own:.1f}", f"{own * len(pids) / 1e4:.2f}", f"{theirs:.1f}", f"{theirs / own:.1f}"]


def _by_psutil(process: psutil.Process) -> tuple[object, ...]:
    with process.oneshot():
        return process.cpu_times(), process.memory_info(), process.io_counters(), process.num_fds()
