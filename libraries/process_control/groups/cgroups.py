"""Opens the private control groups that this machine allows."""

from __future__ import annotations

from process_control.groups.cgroup_mode import CgroupKind, CgroupMode, CgroupUnavailable, detect
from process_control.groups.cgroup_tree import CgroupCounters, CgroupTree
from process_control.groups.cgroup_v1 import CgroupTreeV1
from process_control.groups.cgroup_v2 import CgroupTreeV2

__all__ = ["CgroupCounters", "CgroupTree", "open_tree"]


def open_tree(mode: CgroupMode | None = None) -> CgroupTree:
    """Make the private parent, after a sweep of what dead owners left.

    Args:
        mode: How groups are mounted; found out when not given.

    Returns:
        A tree that has been proven usable by making and removing a group with quotas.

    Raises:
        CgroupUnavailable: There are no groups here, or this user may not make them.
    """
    mode = mode or detect()
    if mode.cpu is None or mode.memory is None:
        raise CgroupUnavailable("This machine has no control groups for processor time and memory.")
    tree: CgroupTree | None = None
    try:
        if mode.kind is CgroupKind.VERSION_2:
            tree = CgroupTreeV2(mode.cpu, mode.mount or mode.cpu)
        else:
            tree = CgroupTreeV1(mode.cpu, mode.memory)
        tree.create("trial")
        tree.limit_cpu("trial", 50)
        tree.limit_memory("trial", 1 << 30)
        tree.remove("trial")
    except OSError as error:
        if tree is not None:
            tree.close()
        raise CgroupUnavailable(f"Control groups may not be made here: {error}.") from error
    return tree
