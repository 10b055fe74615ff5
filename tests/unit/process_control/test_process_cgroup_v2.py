"""Version 2 on a made-up tree: which files are written, and where the groups may go."""

from __future__ import annotations

from pathlib import Path

import pytest

from process_control import CgroupUnavailable, detect
from process_control.groups.cgroup_files import read_number
from process_control.groups.cgroup_mode import CgroupKind
from process_control.groups.cgroup_v2 import CgroupTreeV2, find_base


@pytest.fixture
def mount(tmp_path: Path) -> Path:
    """A made-up version 2 hierarchy whose root hands on both controllers; this process is in ``app``."""
    root = tmp_path / "sys/fs/cgroup"
    (root / "app").mkdir(parents=True)
    (root / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    (root / "cgroup.subtree_control").write_text("cpu memory\n")
    (root / "app/cgroup.subtree_control").write_text("")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/app\n")
    (tmp_path / "proc/self/mountinfo").write_text("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n")
    return root


@pytest.fixture
def tree(mount: Path) -> CgroupTreeV2:
    """A tree with one tenant."""
    made = CgroupTreeV2(mount / "app", mount)
    made.create("acme")
    return made


def _folder(tree: CgroupTreeV2, mount: Path, group: str = "acme") -> Path:
    return mount / tree.parent_name / f"t-{group}"


def test_version_2_is_recognised(mount: Path, tmp_path: Path) -> None:
    mode = detect(tmp_path)
    assert (mode.kind, mode.cpu, mode.memory, mode.mount) == (CgroupKind.VERSION_2, mount / "app", mount / "app", mount)


def test_version_1_beside_an_empty_version_2_is_hybrid(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("4:memory:/docker/77\n2:cpu,cpuacct:/docker/77/inner\n0::/\n")
    (tmp_path / "proc/self/mountinfo").write_text(
        "30 23 0:26 /docker/77 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "31 23 0:27 /docker/77 /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "32 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    )
    mode = detect(tmp_path)
    base = tmp_path / "sys/fs/cgroup"
    assert (mode.kind, mode.cpu, mode.memory) == (CgroupKind.HYBRID, base / "cpu,cpuacct/inner", base / "memory")


def test_no_controllers_means_none(tmp_path: Path, mount: Path) -> None:
    (mount / "cgroup.controllers").write_text("hugetlb\n")
    assert detect(tmp_path).kind is CgroupKind.NONE
    assert detect(tmp_path / "nowhere").kind is CgroupKind.NONE


def test_the_parent_hands_on_both_controllers(tree: CgroupTreeV2, mount: Path) -> None:
    assert (mount / tree.parent_name / "cgroup.subtree_control").read_text() == "+cpu +memory\n"


def test_quotas_are_written_in_the_kernels_words(tree: CgroupTreeV2, mount: Path) -> None:
    tree.limit_cpu("acme", 25)
    tree.limit_memory("acme", 1 << 20)
    assert (_folder(tree, mount) / "cpu.max").read_text() == "25000 100000\n"
    assert (_folder(tree, mount) / "memory.max").read_text() == "1048576\n"
    tree.limit_cpu("acme", None)
    tree.limit_memory("acme", None)
    assert (_folder(tree, mount) / "cpu.max").read_text() == "max 100000\n"
    assert (_folder(tree, mount) / "memory.max").read_text() == "max\n"


def test_counters_come_from_cpu_stat_and_memory_events(tree: CgroupTreeV2, mount: Path) -> None:
    folder = _folder(tree, mount)
    (folder / "cpu.stat").write_text("usage_usec 9\nnr_periods 7\nnr_throttled 5\nthrottled_usec 250000\n")
    (folder / "memory.events").write_text("low 0\nmax 3\noom 2\noom_kill 1\n")
    counters = tree.counters("acme")
    assert (counters.periods, counters.throttled, counters.throttled_seconds, counters.oom_kills) == (7, 5, 0.25, 1)


def test_the_box_is_divided_and_the_tenants_own_quota_comes_back(tree: CgroupTreeV2, mount: Path) -> None:
    tree.create("other")
    tree.limit_cpu("acme", 50)
    tree.confine({"acme", "other"}, 10)
    assert (_folder(tree, mount) / "cpu.max").read_text() == "5000 100000\n"
    assert (_folder(tree, mount) / "cpu.weight").read_text() == "1\n"
    tree.limit_cpu("acme", 40)
    assert (_folder(tree, mount) / "cpu.max").read_text() == "5000 100000\n"
    tree.confine({"other"}, 10)
    assert (_folder(tree, mount) / "cpu.max").read_text() == "40000 100000\n"
    assert (_folder(tree, mount) / "cpu.weight").read_text() == "100\n"
    assert (_folder(tree, mount, "other") / "cpu.max").read_text() == "10000 100000\n"


def test_a_box_of_many_still_sums_up_to_its_quota(tree: CgroupTreeV2, mount: Path) -> None:
    names = {f"n{number}" for number in range(40)}
    for name in names:
        tree.create(name)
    tree.confine(names, 10)
    shares = [(_folder(tree, mount, name) / "cpu.max").read_text().split() for name in names]
    assert sum(int(quota) / int(period) for quota, period in shares) == pytest.approx(0.10, rel=0.01)
    assert all(int(quota) >= 1000 and int(period) <= 1_000_000 for quota, period in shares)


def test_idle_weight_is_used_where_the_kernel_has_it(tree: CgroupTreeV2, mount: Path) -> None:
    (_folder(tree, mount) / "cpu.idle").write_text("0")
    tree.confine({"acme"}, 10)
    assert (_folder(tree, mount) / "cpu.idle").read_text() == "1\n"
    tree.confine(set(), 10)
    assert (_folder(tree, mount) / "cpu.idle").read_text() == "0\n"


def test_a_group_is_killed_at_once_where_the_kernel_can(tree: CgroupTreeV2, mount: Path) -> None:
    (_folder(tree, mount) / "cgroup.kill").write_text("")
    tree.kill("acme")
    assert (_folder(tree, mount) / "cgroup.kill").read_text() == "1\n"


def test_groups_are_never_made_outside_ones_own_quota(mount: Path) -> None:
    assert find_base(mount / "app", mount) == mount
    (mount / "app/memory.max").write_text("1073741824\n")
    with pytest.raises(CgroupUnavailable, match="outside the quota"):
        find_base(mount / "app", mount)


def test_a_hierarchy_that_hands_nothing_on_is_refused(mount: Path) -> None:
    (mount / "cgroup.subtree_control").write_text("pids\n")
    with pytest.raises(CgroupUnavailable, match="hands on"):
        find_base(mount / "app", mount)


@pytest.mark.parametrize("name", ["", "../x", "a/b"])
def test_a_name_that_could_leave_its_folder_is_refused(tree: CgroupTreeV2, name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        tree.create(name)


def test_a_freed_process_goes_to_a_group_without_quotas(tree: CgroupTreeV2, mount: Path) -> None:
    leaving = mount / tree.parent_name / "leaving"
    assert tree.free(4711)
    assert (leaving / "cgroup.procs").read_text() == "4711\n"
    assert not (leaving / "cpu.max").exists()


def test_the_most_memory_that_a_group_ever_had_is_read_where_the_kernel_says_it(tmp_path: Path) -> None:
    assert read_number(tmp_path / "memory.peak") is None
    (tmp_path / "memory.peak").write_text("104857600\n")
    assert read_number(tmp_path / "memory.peak") == 100 << 20
