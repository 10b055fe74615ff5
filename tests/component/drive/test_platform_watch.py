"""Watching a real tree of processes: its processor time, its memory, and what an operator says about the pool."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from isolation.drive.watch.operator import OperatorError
from isolation.drive.watch.processes.platform_watch import PlatformWatch

_PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time\\nblock = bytearray(b'x') * 30_000_000\\n"
                          "end = time.process_time() + 0.3\\nwhile time.process_time() < end: pass\\n"
                          "print('worked', flush=True)\\ntime.sleep(60)"])
child.wait()
"""


@pytest.fixture
def tree() -> Iterator[subprocess.Popen[str]]:
    """A parent whose child works for 0.3 s and holds 30 MB."""
    process = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True, process_group=0)
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


async def pool() -> Any:
    return {"pool_used": 4, "pool_size": 7, "pool_limit": 10}


async def no_door() -> Any:
    raise OperatorError("not there")


@pytest.mark.asyncio
async def test_the_whole_tree_counts_also_processes_that_came_later(tree: subprocess.Popen[str]) -> None:
    watch = PlatformWatch(tree.pid, pool)
    await watch.start(0.05)
    assert tree.stdout is not None
    await asyncio.to_thread(tree.stdout.readline)
    samples = await watch.stop()
    assert samples[0].cpu_seconds < 0.1
    assert samples[-1].cpu_seconds >= 0.3
    assert samples[-1].processes == 2
    assert (samples[-1].memory_bytes or 0) > 30_000_000
    assert [s.cpu_seconds for s in samples] == sorted(s.cpu_seconds for s in samples)
    assert {(s.pool_used, s.pool_size, s.database_connections) for s in samples} == {(4, 10, None)}


@pytest.mark.asyncio
async def test_a_door_that_does_not_answer_leaves_the_pool_unknown(tree: subprocess.Popen[str]) -> None:
    watch = PlatformWatch(tree.pid, no_door)
    await watch.start(0.05)
    samples = await watch.stop()
    assert {(s.pool_used, s.pool_size) for s in samples} == {(None, None)}
