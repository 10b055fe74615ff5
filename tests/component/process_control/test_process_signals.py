"""Signals, scheduling and families of real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from component.process_control.process_programs import BURN, SLEEP, Start
from process_control import family, scheduling, signals


def _wait(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_a_child_dies_with_its_parent() -> None:
    child = (
        "from process_control.signals import die_with_parent\nimport time\n"
        "die_with_parent(); print('up', flush=True); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, os\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nprint(child.pid, flush=True)\nos._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True)
    assert _wait(lambda: not family.is_running(int(done.stdout)))


def test_a_child_whose_parent_is_already_gone_ends_itself() -> None:
    program = "from process_control.signals import die_with_parent; die_with_parent(parent=1 << 22); print('alive')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == -9 and "alive" not in done.stdout


def test_a_polite_process_ends_by_itself_and_a_stubborn_one_by_force(start: Start) -> None:
    polite = start(SLEEP)
    stubborn = start("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True)\n" + SLEEP)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    assert signals.stop(polite.pid, family.started_ticks(polite.pid))
    assert signals.stop(stubborn.pid, family.started_ticks(stubborn.pid), patience_seconds=0.2)
    assert (polite.wait(), stubborn.wait()) == (-15, -9)


def test_a_process_with_another_start_time_is_never_signalled(start: Start) -> None:
    process = start(SLEEP)
    ticks = family.started_ticks(process.pid)
    assert not signals.send(process.pid, ticks + 1, 9)
    assert family.is_running(process.pid, ticks)


def test_children_are_found_without_a_scan(start: Start) -> None:
    program = (
        "import subprocess, sys\nc = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(c.pid, flush=True)\nc.wait()"
    )
    process = start(program)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert family.children(process.pid) == [child] == family.descendants(process.pid)
    os.kill(child, 9)
    assert _wait(lambda: family.children(process.pid) == [])


def test_only_a_process_with_work_wants_the_processor(start: Start) -> None:
    busy, idle = start(BURN), start(SLEEP)
    assert _wait(lambda: not family.wants_cpu(idle.pid))
    assert family.wants_cpu(busy.pid)


def test_batch_class_and_affinity_can_be_set_and_taken_back(start: Start) -> None:
    process = start(BURN)
    usable = scheduling.usable_processors()
    assert scheduling.make_batch(process.pid) and os.sched_getscheduler(process.pid) == os.SCHED_BATCH
    assert scheduling.pin(process.pid, {max(usable)}) and os.sched_getaffinity(process.pid) == {max(usable)}
    assert scheduling.make_normal(process.pid) and os.sched_getscheduler(process.pid) == os.SCHED_OTHER
    assert scheduling.pin(process.pid, usable) and os.sched_getaffinity(process.pid) == usable


def test_the_idle_class_is_only_used_where_it_can_be_left(start: Start) -> None:
    process = start(BURN)
    assert scheduling.make_idle(process.pid) and os.sched_getscheduler(process.pid) == os.SCHED_IDLE
    assert scheduling.make_normal(process.pid) == scheduling.can_leave_idle()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
