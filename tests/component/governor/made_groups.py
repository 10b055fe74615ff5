"""Control groups that a governor has made."""

from process_control.groups.cgroup_mode import PARENT_PREFIX, detect


def groups_of(pid: int) -> list[str]:
    """Control groups that a governor with this process id made."""
    mode = detect()
    bases = {base for base in (mode.cpu, mode.memory) if base is not None}
    return [path.name for base in bases for path in base.glob(f"{PARENT_PREFIX}{pid}-*")]
