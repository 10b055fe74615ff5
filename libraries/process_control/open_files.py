"""How many files a process may hold open."""

from __future__ import annotations

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
