"""Whose child a process is, what is only a thread, and how somebody ended."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from component.process_control.process_programs import within
from process_control.family import ancestors, exit_status, is_thread


def test_ancestors_go_up_to_the_first_process() -> None:
    found = ancestors(os.getpid())
    assert found[0] == os.getppid() and found[-1] == 1
    assert ancestors(2**22 - 1) == []


def test_a_thread_is_no_process() -> None:
    ready, done = threading.Event(), threading.Event()
    ids: list[int] = []

    def wait() -> None:
        ids.append(threading.get_native_id())
        ready.set()
        done.wait(10)

    thread = threading.Thread(target=wait)
    thread.start()
    ready.wait(10)
    try:
        assert is_thread(ids[0]) and not is_thread(os.getpid()) and not is_thread(2**22 - 1)
    finally:
        done.set()
        thread.join()


def test_how_a_process_ended_is_known_until_it_is_collected() -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    assert within(10, lambda: exit_status(process.pid) is not None)
    assert os.waitstatus_to_exitcode(exit_status(process.pid) or 0) == 3
    process.wait()
    assert exit_status(process.pid) is None
    assert exit_status(os.getpid()) is None
