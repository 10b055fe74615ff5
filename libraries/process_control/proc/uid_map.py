"""``/proc/PID/uid_map``: which user ids exist in this user namespace (``user_namespaces(7)``)."""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")


def read_uid_ranges(proc: Path = PROC) -> list[range]:
    """The user ids that this process can name.

    Returns:
        Ranges; one of all ids where the kernel knows no namespaces.
    """
    try:
        lines = (proc / "self/uid_map").read_text("utf-8").splitlines()
    except OSError:
        return [range(2**32 - 1)]
    starts_and_lengths = [(int(words[0]), int(words[2])) for words in map(str.split, lines) if len(words) == 3]
    return [range(start, start + length) for start, length in starts_and_lengths]
