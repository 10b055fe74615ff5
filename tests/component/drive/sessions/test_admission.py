"""Which process ids count as a target's, and which may be signalled: against real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from isolation.drive.watch.processes.admission import Admission
from isolation.drive.watch.processes.end_of_platform import notice_the_end
from isolation.drive.watch.processes.finding import Sought, find_processes
from isolation.drive.watch.processes.sampler import ProcessSampler
from isolation.drive.watch.reports.notes import Notebook
from isolation.record import ProcessRef
from isolation.record.usage.watch_notes import Trouble
from isolation.target.model.surroundings import Processes
from process_control.family import children, started_ticks

_TREE = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import sys, time\\nend = time.process_time() + 0.2\\n"
                          "while time.process_time() < end: pass\\nprint('worked', flush=True)\\ntime.sleep(60)"])
child.wait()
"""


@pytest.fixture
def target() -> Iterator[subprocess.Popen[str]]:
    """A process with one child that works for 0.2 s."""
    environment = {**os.environ, "AGENT_OF": "user-7"}
    process = subprocess.Popen(
        [sys.executable, "-c", _TREE], stdout=subprocess.PIPE, text=True, process_group=0, env=environment
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process: not of the target's tree."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
    yield process
    process.kill()
    process.wait()


def test_the_targets_own_tree_counts_and_may_be_signalled(target: subprocess.Popen[str]) -> None:
    admission = Admission(target.pid)
    (child,) = children(target.pid)
    for pid in (target.pid, child):
        assert admission.refusal(pid, started_ticks(pid)) == ""
        assert admission.may_signal(pid, started_ticks(pid)) == ""


def test_strangers_neither_count_nor_may_they_be_signalled(
    target: subprocess.Popen[str], stranger: subprocess.Popen[bytes]
) -> None:
    ticks = started_ticks(stranger.pid)
    assert Admission(target.pid).refusal(stranger.pid, ticks) != ""
    assert Admission(target.pid).may_signal(stranger.pid, ticks) != ""
    assert Admission(0, found_by_file=True).may_signal(stranger.pid, ticks) != ""


@pytest.mark.parametrize("pid", [0, 1, -1, -9, 2**22 + 1, 10**400, True, None, "12", 3.0, os.getpid(), os.getppid()])
@pytest.mark.parametrize("found_by_file", [True, False])
def test_what_is_no_process_of_a_target_never_counts(pid: object, found_by_file: bool) -> None:
    admission = Admission(0, found_by_file=found_by_file)
    assert admission.refusal(pid) != ""
    assert admission.may_signal(pid, 1) != ""


def test_a_thread_is_no_process(target: subprocess.Popen[str]) -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert thread.native_id is not None
        assert "thread" in Admission(0, found_by_file=True).refusal(thread.native_id)
    finally:
        ended.set()
        thread.join()


def test_another_start_time_is_another_process(target: subprocess.Popen[str]) -> None:
    ticks = started_ticks(target.pid)
    assert "another time" in Admission(target.pid).refusal(target.pid, ticks - 1)
    assert Admission(target.pid).may_signal(target.pid, None) != ""


def test_an_orphan_that_was_seen_stays_the_targets(target: subprocess.Popen[str]) -> None:
    admission = Admission(target.pid)
    (child,) = children(target.pid)
    ticks = started_ticks(child)
    assert admission.refusal(child, ticks) == ""
    os.kill(target.pid, signal.SIGKILL)
    target.wait()
    assert admission.refusal(child, ticks) == ""


def test_work_in_children_counts_to_the_tenant(target: subprocess.Popen[str]) -> None:
    sampler = ProcessSampler()
    sampler.follow([ProcessRef("tenant-01", "u", "a", target.pid, started_ticks(target.pid), "operator")])
    samples = sampler.sweep()
    sampler.close()
    assert {sample.tenant for sample in samples} == {"tenant-01"} and len(samples) == 2
    assert sum(sample.cpu_seconds for sample in samples) >= 0.2
    assert all((sample.peak_rss_bytes or 0) >= sample.rss_bytes for sample in samples)
    assert all(sample.shared_bytes for sample in samples)


def test_a_child_that_is_somebody_elses_is_not_counted_twice(target: subprocess.Popen[str]) -> None:
    (child,) = children(target.pid)
    sampler = ProcessSampler()
    sampler.follow(
        [
            ProcessRef("zygote", "", "", target.pid, started_ticks(target.pid), "operator"),
            ProcessRef("tenant-02", "u", "a", child, started_ticks(child), "operator"),
        ]
    )
    assert [(sample.tenant, sample.pid) for sample in sampler.sweep()] == [("zygote", target.pid), ("tenant-02", child)]
    sampler.close()


def test_processes_are_found_by_environment_and_title(target: subprocess.Popen[str]) -> None:
    users = [Sought("tenant-06", "t6", "user-6"), Sought("tenant-07", "t7", "user-7")]
    (child,) = children(target.pid)
    found = find_processes(Processes(environment={"AGENT_OF": "{user}"}), users)
    assert {(ref.tenant, ref.pid) for ref in found} == {("tenant-07", target.pid), ("tenant-07", child)}
    titled = find_processes(Processes(title="AGENT_NOBODY_{user}"), users)
    assert titled == []


@pytest.mark.asyncio
async def test_the_end_of_the_platform_is_noticed_with_its_signal(stranger: subprocess.Popen[bytes]) -> None:
    notebook, began = Notebook(), time.monotonic()
    stranger.send_signal(signal.SIGKILL)
    await notice_the_end(stranger.pid, notebook)
    (note,) = notebook.since(began)
    assert note.kind is Trouble.ENDED and "signal 9 (SIGKILL)" in note.words
