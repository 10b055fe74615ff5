"""How many files a process may hold open, and how many of those that it holds are sockets."""

from __future__ import annotations

import os
import resource


def allow_many_open_files() -> int:
    """Raise this process's own limit of open files as far as an ordinary user may; children inherit it.

    Reading counters quickly keeps several files of each watched process open, and the usual limit of 1,024 is reached
    with some sixty processes.

    Returns:
        The limit from now on.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def count_sockets(pid: int) -> int | None:
    """How many sockets a process holds open.

    Returns:
        The number; 0 for a process that has ended, None when it may not be looked into.
    """
    folder, found = f"/proc/{pid}/fd", 0
    try:
        for name in os.listdir(folder):
            try:
                found += os.readlink(f"{folder}/{name}").startswith("socket:")
            except FileNotFoundError:
                continue  # closed meanwhile
    except FileNotFoundError:
        return 0
    except OSError:
        return None
    return found
