"""What a reader says about real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from component.process_control.process_programs import BURN, SLEEP, Start
from process_control import ProcessGone, ProcessReader
from process_control.portable_reading import PortableSource
from process_control.proc.pid_stat import parse_stat


def test_processor_time_grows_only_for_the_process_that_works(start: Start) -> None:
    with ProcessReader(start(BURN).pid) as busy, ProcessReader(start(SLEEP).pid) as idle:
        before = busy.read(), idle.read()
        time.sleep(0.4)
        after = busy.read(), idle.read()
    assert after[0].cpu_seconds - before[0].cpu_seconds > 0.05
    assert after[1].cpu_seconds - before[1].cpu_seconds < 0.01


def test_processor_time_counts_all_threads(start: Start) -> None:
    program = (
        "import threading, time\n"
        "def burn():\n    end = time.monotonic() + 20\n    while time.monotonic() < end: pass\n"
        "threading.Thread(target=burn, daemon=True).start()\ntime.sleep(20)"
    )
    with ProcessReader(start(program).pid) as reader:
        before = reader.cpu_seconds()
        time.sleep(0.4)
        assert reader.cpu_seconds() - before > 0.05
        assert reader.threads() == 2


def test_memory_agrees_with_psutil_and_follows_an_allocation(start: Start) -> None:
    process = start("b = bytearray(50_000_000)\nimport time; time.sleep(30)")
    with ProcessReader(process.pid) as reader:
        end = time.monotonic() + 5
        while reader.rss_bytes() < 50_000_000 and time.monotonic() < end:
            time.sleep(0.01)
        assert reader.rss_bytes() == pytest.approx(psutil.Process(process.pid).memory_info().rss, rel=0.02)
        pss = reader.pss_bytes()
        assert pss is not None and 45_000_000 <= pss <= reader.rss_bytes() * 1.02
        assert reader.page_faults() > 0


def test_handles_are_counted_exactly(start: Start) -> None:
    process = start(
        "import time\nfiles = [open('/dev/null') for _ in range(25)]\nprint('open', flush=True)\ntime.sleep(30)"
    )
    assert process.stdout is not None
    process.stdout.readline()
    with ProcessReader(process.pid) as reader:
        assert reader.handles() == len(os.listdir(f"/proc/{process.pid}/fd"))


def test_written_bytes_are_counted(start: Start, tmp_path: object) -> None:
    program = (
        f"f = open({str(tmp_path)!r} + '/x', 'wb'); f.write(b'x' * 3_000_000); f.flush(); import os; os.fsync(f)\n"
    )
    process = start(program + "print('written', flush=True)\nimport time; time.sleep(30)")
    with ProcessReader(process.pid) as reader:
        assert process.stdout is not None
        process.stdout.readline()
        written = reader.read().written_bytes
    assert written is None or written >= 3_000_000


def test_an_ended_process_is_gone_and_an_uncollected_one_is_a_zombie(start: Start) -> None:
    process = start(SLEEP)
    reader = ProcessReader(process.pid)
    assert not reader.is_zombie()
    process.kill()
    end = time.monotonic() + 5
    while not reader.is_zombie() and time.monotonic() < end:
        time.sleep(0.01)
    assert reader.is_zombie() and reader.rss_bytes() == 0
    process.wait()
    with pytest.raises(ProcessGone):
        reader.read()
    reader.close()
    reader.close()


def test_a_process_with_another_start_time_is_refused(start: Start) -> None:
    process = start(SLEEP)
    with ProcessReader(process.pid) as reader:
        ticks = reader.started_ticks
    ProcessReader(process.pid, ticks).close()
    with pytest.raises(ProcessGone):
        ProcessReader(process.pid, ticks - 1)


def test_a_reader_closes_all_its_files(start: Start) -> None:
    process = start(SLEEP)
    before = len(os.listdir("/proc/self/fd"))
    reader = ProcessReader(process.pid)
    assert len(os.listdir("/proc/self/fd")) > before
    reader.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_portable_way_tells_the_same(start: Start) -> None:
    process = start("b = bytearray(20_000_000)\n" + SLEEP)
    source = PortableSource(process.pid)
    with ProcessReader(process.pid) as reader:
        assert source.rss_bytes() == pytest.approx(reader.rss_bytes(), rel=0.05)
        assert source.handles() == reader.handles()
        assert source.threads() == reader.threads()
        assert source.cpu_seconds() == pytest.approx(reader.cpu_seconds(), abs=0.05)
    assert not source.is_zombie()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with pytest.raises(ProcessGone):
        source.rss_bytes()


def test_a_name_with_brackets_and_spaces_does_not_confuse_the_reader() -> None:
    fields = " ".join(["S", "7", *["0"] * 5, "11", "0", "2", "0", *["0"] * 8, "4242", "0"])
    stat = parse_stat(f"12 (odd ) name) {fields}")
    assert (stat.state, stat.parent, stat.page_faults, stat.started_ticks) == ("S", 7, 13, 4242)


def test_the_limit_of_open_files_is_raised_as_far_as_allowed() -> None:
    program = (
        "import resource; from process_control.open_files import allow_many_open_files\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))\n"
        "assert allow_many_open_files() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard > 64\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
