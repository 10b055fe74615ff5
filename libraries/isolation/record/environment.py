"""The machine and the target that a number was measured on."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Environment(BaseModel):
    """What a reader must know to compare one run with another.

    Attributes:
        cores: Logical processors that the suite may use.
        memory_bytes: Physical memory.
        kernel: Operating system and release.
        python: Python version.
        cgroup_mode: ``v1``, ``v2``, ``hybrid`` or ``none``, as the suite sees the machine.
        cgroup_placement: The cgroup of the suite itself.
        autogroup: Whether the kernel groups processes by session (it can hide or create isolation); None when unknown.
        quota_mechanism: How the target says that it enforces quotas, and what that cannot guarantee.
        memory_kind: PSS or RSS: what memory numbers of this run mean.
        user: ``root`` or ``ordinary user``.
        run_id: Identifies the run in every store that it touched.
        started: Start of the run, ISO 8601 with zone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cores: int
    memory_bytes: int
    kernel: str
    python: str
    cgroup_mode: str
    cgroup_placement: str
    autogroup: bool | None
    quota_mechanism: str
    memory_kind: str
    user: str
    target: str
    profile: str
    run_id: str
    started: str
