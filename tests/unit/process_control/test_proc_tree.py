"""Each file of the kernel is read as it is documented; the tree beside this file holds one example of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from process_control.proc.net_tcp import CLOSE_WAIT, ESTABLISHED, LISTENING, read_tcp_connections
from process_control.proc.net_unix import read_unix_sockets
from process_control.proc.pid_cgroup import read_groups
from process_control.proc.pid_children import read_children, read_threads
from process_control.proc.pid_io import parse_io
from process_control.proc.pid_mountinfo import Mount, read_mounts
from process_control.proc.pid_smaps_rollup import read_pss_bytes
from process_control.proc.pid_stat import parse_stat, read_stat
from process_control.proc.pid_status import read_status
from process_control.proc.sysvipc_shm import Segment, read_segments
from process_control.proc.uid_map import read_uid_ranges

TREE = Path(__file__).parent / "tree" / "proc"
READERS = Path(__file__).parents[3] / "libraries" / "process_control" / "proc"
NOBODY = 99


def test_every_reader_is_tried_here() -> None:
    source = Path(__file__).read_text()
    names = {file.stem for file in READERS.glob("*.py")} - {"__init__"}
    assert len(names) >= 9
    assert {name for name in names if f"process_control.proc.{name} import" not in source} == set()


def test_stat() -> None:
    found = read_stat(4242, proc=TREE)
    assert found is not None
    assert (found.state, found.parent, found.page_faults, found.started_ticks) == ("S", 17, 1234, 987654)
    assert (found.cpu_seconds, found.children_cpu_seconds) == (4.0, 1.0)
    assert not found.has_ended
    thread = read_stat(4242, 4243, TREE)
    assert thread is not None and thread.state == "R"
    assert read_stat(NOBODY, proc=TREE) is None


@pytest.mark.parametrize("name", ["plain", "with space", "with ) bracket", "a) S 1 2 3 (b", ")("])
def test_a_name_cannot_pass_for_other_fields(name: str) -> None:
    fields = " ".join(map(str, range(5, 60)))
    assert parse_stat(f"7 ({name}) R 4 {fields}").parent == 4


def test_status() -> None:
    found = read_status(4242, TREE)
    assert found is not None
    assert (found.resident_bytes, found.peak_bytes, found.user) == (20 << 20, 80 << 20, 1001)
    assert found.thread_group == 4242
    zombie = read_status(4243, TREE)
    assert zombie is not None and zombie.peak_bytes == 0
    assert read_status(NOBODY, TREE) is None


def test_children_of_all_threads() -> None:
    assert read_threads(4242, TREE) == [4242, 4243]
    assert read_children(4242, TREE) == [4243, 4299, 4300]
    assert read_children(NOBODY, TREE) == []


def test_cgroup() -> None:
    own = "/tenant-isolation-7/t-acme"
    assert read_groups(4242, TREE) == {"memory": own, "cpu": own, "cpuacct": own, "": "/init.scope"}
    assert read_groups(NOBODY, TREE) is None


def test_smaps_rollup_and_io() -> None:
    assert read_pss_bytes(4242, TREE) == 1 << 20
    assert parse_io((TREE / "4242/io").read_bytes()) == (4096, 8192)


def test_mountinfo() -> None:
    assert read_mounts(proc=TREE) == [
        Mount("/", "/sys/fs/cgroup/cpu", "cgroup", frozenset({"rw", "cpu", "cpuacct"})),
        Mount("/part", "/data disk", "ext4", frozenset({"rw", "errors=remount-ro"})),
    ]
    assert read_mounts(NOBODY, TREE) == []


def test_segments_of_system_v() -> None:
    assert read_segments(TREE) == [
        Segment(
            2163039, 327724, 56, creator=17767, attached=9, user=70001, group=70000, mode=0o600, changed_at=1795947932
        ),
        Segment(-123456789, 7, 4096, creator=12, attached=0, user=0, group=0, mode=0o1666, changed_at=1795947932),
    ]
    assert read_segments(TREE / "self") == []


def test_unix_sockets_with_a_name() -> None:
    found = read_unix_sockets(TREE)
    assert [(each.name, each.inode, each.is_abstract, each.listening) for each in found] == [
        ("@hidden meeting", 24001, True, True),
        ("/run/door.sock", 24002, False, True),
        ("@plain", 24004, True, False),
    ]
    with pytest.raises(OSError):
        read_unix_sockets(TREE / "self")


def test_tcp_connections_of_both_families() -> None:
    assert [(each.local_port, each.remote, each.state) for each in read_tcp_connections(TREE)] == [
        (8080, "00000000:0000", LISTENING),
        (8080, "0100007F:D431", ESTABLISHED),
        (8081, "00000000000000000000000001000000:D432", CLOSE_WAIT),
    ]
    with pytest.raises(OSError):
        read_tcp_connections(TREE / "self")


def test_uid_map() -> None:
    assert read_uid_ranges(TREE) == [range(500), range(1000, 1001)]
    assert 65_534 in read_uid_ranges(TREE / "net")[0]
