"""However the platform or whoever started it is killed: nothing is left."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from component.platform.platform_program import PlatformProgram, shown

Start = Callable[..., PlatformProgram]


def test_a_killed_supervisor_leaves_nothing(platform: Start) -> None:
    program = platform()
    program.wait_until_ready()
    program.end(signal.SIGKILL)
    program.wait_until_nothing_left(5)


def test_a_killed_gateway_ends_the_platform_with_a_reason(platform: Start) -> None:
    program = platform()
    program.wait_until_ready()
    gateway = next(pid for pid in program.seen if b"reference_platform.gateway" in shown(pid, "cmdline"))
    os.kill(gateway, signal.SIGKILL)
    assert program.process.wait(10) == 1
    assert program.process.stderr is not None
    assert "The gateway ended by itself" in program.process.stderr.read()
    program.wait_until_nothing_left(5)


def test_a_stop_during_the_start_leaves_nothing(platform: Start, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for patience in (0.6, 1.0, 1.6):
        program = platform(folder=tmp_path)
        time.sleep(patience)
        program.look()
        assert program.end() == 0
        program.wait_until_nothing_left(5)
    assert list(tmp_path.glob("tenant-isolation-*")) == []


_PARENT = """
import subprocess, sys, time
child = subprocess.Popen(sys.argv[1:])
time.sleep(600)
"""


def test_it_ends_with_its_killed_parent_when_asked_to(platform: Start) -> None:
    program = _started_by_a_parent(platform, "--end-with-parent")
    assert program.ready["pid"] != program.process.pid
    program.end(signal.SIGKILL)
    program.wait_until_nothing_left(8)


def test_it_outlives_its_parent_when_not_asked_to(platform: Start) -> None:
    program = _started_by_a_parent(platform)
    program.end(signal.SIGKILL)
    time.sleep(2.5)
    assert program.left()
    os.kill(program.ready["pid"], signal.SIGTERM)
    program.wait_until_nothing_left(8)


def test_it_does_not_end_with_the_thread_that_started_it(platform: Start) -> None:
    started: list[PlatformProgram] = []
    starter = threading.Thread(target=lambda: started.append(platform("--end-with-parent")))
    starter.start()
    starter.join()
    program = started[0]
    program.wait_until_ready()
    time.sleep(1.5)
    assert program.process.poll() is None
    assert program.end() == 0


def _started_by_a_parent(platform: Start, *arguments: str) -> PlatformProgram:
    program = platform(*arguments, prefix=[sys.executable, "-c", _PARENT])
    program.wait_until_ready()
    return program
