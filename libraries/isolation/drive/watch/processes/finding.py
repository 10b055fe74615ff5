"""Finding the processes that work for a user where no operator names them: by environment, control group, title or container.

One pass over the processes of the machine finds those of all users. Who finds a process this way has the target file's
word that it is the target's; whether it counts is decided in `admission` all the same.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from isolation.record import ProcessRef
from isolation.target.model.surroundings import Processes
from process_control.family import started_ticks
from process_control.portable_reading import ProcessGone

_COMMAND_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Sought:
    """A user whose processes are sought.

    Attributes:
        tenant: How the scenario calls the tenant.
        tenant_id: Its id on the platform.
        user_id: The user's.
    """

    tenant: str
    tenant_id: str
    user_id: str

    def filled(self, text: str) -> str:
        """A pattern of the target file with the ids of this user."""
        return text.replace("{user}", self.user_id).replace("{tenant}", self.tenant_id)

    def ref(self, pid: int, found_by: str) -> ProcessRef | None:
        """A process of this user, or None when it has ended."""
        try:
            return ProcessRef(self.tenant, self.user_id, "", pid, started_ticks(pid), found_by)
        except (ProcessGone, OSError):
            return None


def find_processes(how: Processes, users: Iterable[Sought]) -> list[ProcessRef]:
    """Processes of some users, by what the target file says.

    Args:
        how: The section ``processes`` of the target file; the ways ``operator`` and ``pid_from`` are asked elsewhere.
        users: Whose processes are sought.

    Returns:
        Those that were found; each process once, for the first user that it fits.
    """
    if how.container_label or how.pod_selector:
        return _in_containers(how, users)
    sought = list(users)
    found: list[ProcessRef] = []
    for pid in _all_pids():
        user = next((one for one in sought if _fits(how, one, pid)), None)
        ref = user.ref(pid, _way(how)) if user else None
        if ref is not None:
            found.append(ref)
    return found


def _way(how: Processes) -> str:
    return "environment" if how.environment else "cgroup" if how.cgroup else "title"


def _fits(how: Processes, user: Sought, pid: int) -> bool:
    if how.environment:
        own = _environment(pid)
        return all(own.get(name) == user.filled(value) for name, value in how.environment.items())
    if how.cgroup:
        return any(fnmatch.fnmatch(group, user.filled(how.cgroup)) for group in _groups(pid))
    if how.title:
        pattern = how.title.replace("{user}", _whole(user.user_id)).replace("{tenant}", _whole(user.tenant_id))
        return re.search(pattern, _title(pid)) is not None
    return False


def _whole(id: str) -> str:
    """A pattern for an id that is no part of a longer one."""
    return rf"(?<![a-zA-Z0-9-]){re.escape(id)}(?![a-zA-Z0-9-])"


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _environment(pid: int) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in _read(pid, "environ").split("\0") if "=" in entry)


def _groups(pid: int) -> list[str]:
    return [line.split(":", 2)[2] for line in _read(pid, "cgroup").splitlines() if line.count(":") >= 2]


def _title(pid: int) -> str:
    return _read(pid, "cmdline").replace("\0", " ").strip()


def _in_containers(how: Processes, users: Iterable[Sought]) -> list[ProcessRef]:
    found: list[ProcessRef] = []
    for user in users:
        ids = _pod_containers(user.filled(how.pod_selector)) if how.pod_selector else _containers(how, user)
        # Every process of a container has its id in the path of its control group.
        pids = [pid for pid in _all_pids() if any(one in group for one in ids for group in _groups(pid))] if ids else []
        found += [ref for pid in pids if (ref := user.ref(pid, "container")) is not None]
    return found


def _containers(how: Processes, user: Sought) -> list[str]:
    filters = [f"--filter=label={name}={user.filled(value)}" for name, value in (how.container_label or {}).items()]
    return _output(["docker", "ps", "--quiet", "--no-trunc", *filters]).split()


def _pod_containers(selector: str) -> list[str]:
    text = _output(["kubectl", "get", "pods", "--selector", selector, "--output", "json"])
    pods: Mapping[str, Any] = json.loads(text) if text else {}
    states = [state for pod in pods.get("items", []) for state in pod.get("status", {}).get("containerStatuses", [])]
    return [str(state["containerID"]).rpartition("//")[2] for state in states if state.get("containerID")]


def _output(command: list[str]) -> str:
    """What a command says; nothing when it is not there or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
