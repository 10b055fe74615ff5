"""What detection needs: peaks between two samples, work in children, shared memory, sockets without a file."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

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
