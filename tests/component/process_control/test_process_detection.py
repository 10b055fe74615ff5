"""What detection needs: peaks between two samples, work in children, shared memory, sockets without a file."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from process_control.household import read_household
from process_control.portable_reading import ProcessGone
from process_control.proc.net_unix import read_unix_sockets
from process_control.proc.pid_status import read_status
from process_control.shared_memory import files_of, find_segment, remove_segment, segments_of

MEGABYTE = 1 << 20


def started(program: str) -> subprocess.Popen[str]:
    """A process that has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_memory_that_came_and_went_stands_in_the_high_water_mark() -> None:
    process = started(
        "import mmap\nm = mmap.mmap(-1, 100 << 20)\nm.write(b'x' * (100 << 20))\nm.close()\nprint('ready', flush=True)\ninput()"
    )
    try:
        status = read_status(process.pid)
        assert status is not None
        assert status.peak_bytes > 100 * MEGABYTE and status.resident_bytes < 60 * MEGABYTE
        assert status.user == os.geteuid()
    finally:
        end(process)
    assert read_status(process.pid) is None


def test_children_count_for_whoever_started_them() -> None:
    child = "import sys; x = bytearray(80 << 20); print('ready', flush=True); sys.stdin.read()"
    parent = (
        "import subprocess, sys\n"
        f"c = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "c.stdout.readline()\nprint('ready', flush=True)\ninput()\n"
    )
    process = started(parent)
    try:
        alone, together = read_status(process.pid), read_household(process.pid)
        assert alone is not None and len(together.pids) == 2 and together.pids[0] == process.pid
        assert together.rss_bytes > alone.resident_bytes + 80 * MEGABYTE
        assert together.peak_bytes >= together.rss_bytes
        assert together.handles > 3
    finally:
        end(process)


def test_work_of_children_that_have_ended_already_is_counted() -> None:
    burn = "import time\ne = time.process_time() + 0.3\nwhile time.process_time() < e: pass"
    process = started(
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\nprint('ready', flush=True)\ninput()"
    )
    try:
        assert read_household(process.pid).cpu_seconds > 0.3
    finally:
        end(process)


def test_a_household_of_nobody_is_gone() -> None:
    process = started("print('ready', flush=True)\ninput()")
    end(process)
    with pytest.raises(ProcessGone):
        read_household(process.pid)


def test_segments_and_files_of_shared_memory_are_found_by_their_owner(tmp_path: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    segment_id = library.shmget(0, 12_345, 0o1600)
    segment = find_segment(segment_id)
    assert segment is not None and segment in segments_of(os.geteuid())
    assert (segment.size, segment.creator, segment.attached) == (12_345, os.getpid(), 0)
    assert remove_segment(segment)
    assert find_segment(segment_id) is None
    (tmp_path / "mine").touch()
    assert files_of(os.geteuid(), tmp_path) == [tmp_path / "mine"]
    assert files_of(os.geteuid() + 1, tmp_path) == []
    assert files_of(os.geteuid(), tmp_path / "none") == []


def test_a_segment_in_use_is_left_alone() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    library.shmat.restype = ctypes.c_void_p
    segment_id = library.shmget(0, 4096, 0o1600)
    address = library.shmat(segment_id, None, 0)
    segment = find_segment(segment_id)
    assert segment is not None and segment.attached == 1
    assert not remove_segment(segment)
    library.shmdt(ctypes.c_void_p(address))
    later = find_segment(segment_id)
    assert later is not None and remove_segment(later)


def test_abstract_sockets_are_seen() -> None:
    name = f"@process-control-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name[1:])
        listener.listen()
        found = [each for each in read_unix_sockets() if each.name == name]
        assert [(each.is_abstract, each.listening) for each in found] == [(True, True)]
    assert name not in [each.name for each in read_unix_sockets()]
