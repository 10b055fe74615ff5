"""What the machine is like that a run measures on."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from isolation.record import Environment, MemoryKind
from process_control.groups.cgroup_mode import detect


def describe_machine(
    target: str, profile: str, run_id: str, started: str, quota_mechanism: str, memory_kind: MemoryKind
) -> Environment:
    """Read the facts that a reader needs to compare runs.

    Args:
        started: When the run began, ISO 8601.
        quota_mechanism: How the target enforces quotas, in its own words.
        memory_kind: What memory numbers of this run mean.
    """
    return Environment(
        cores=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        kernel=f"{platform.system()} {platform.release()}",
        python=sys.version.split()[0],
        cgroup_mode=detect().kind.value,
        cgroup_placement=_read("/proc/self/cgroup").replace("\n", " ").strip() or "unknown",
        autogroup={"1": True, "0": False}.get(_read("/proc/sys/kernel/sched_autogroup_enabled").strip()),
        quota_mechanism=quota_mechanism,
        memory_kind=memory_kind.value,
        user="root" if os.geteuid() == 0 else "ordinary user",
        target=target,
        profile=profile,
        run_id=run_id,
        started=started,
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
