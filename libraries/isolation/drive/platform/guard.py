"""Ends a platform that the suite started when the suite itself is killed and cannot do it."""

from __future__ import annotations

import subprocess

from process_control.family import started_ticks

# `read` returns when the suite's end of the pipe is closed, which the kernel does for a killed one. The group is signalled only
# while its leader is the process that was started: same id, same start. What does not end within ten seconds is killed.
_SCRIPT = r"""
read -r said
[ "$said" = over ] && exit 0
same() { [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20)" = "$2" ]; }
same "$1" "$2" || exit 0
kill -s TERM -- "-$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do same "$1" "$2" || exit 0; sleep 1; done
kill -s KILL -- "-$1" 2>/dev/null
exit 0
"""


class Guard:
    """Waits for the end of the suite.

    Args:
        pid: The platform: the leader of a process group that the suite started.
    """

    def __init__(self, pid: int) -> None:
        """Begin to wait."""
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "tenant-isolation-guard", str(pid), str(started_ticks(pid))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """The suite ends the platform itself."""
        self._process.communicate(b"over\n")
