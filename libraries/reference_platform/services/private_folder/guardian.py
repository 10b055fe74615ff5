"""A tiny process that removes a folder when its owner ends, even when the owner is killed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from reference_platform.services.private_folder.claims import note_beside

# `read` returns when the owner's end of the pipe is closed, which the kernel does for a killed owner. The servers may
# still be writing at that moment, hence the repetition.
_SCRIPT = r"""
read -r _
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    rm -rf -- "$1" && [ ! -e "$1" ] && break
    sleep 0.1
done
# The note about shared memory stays for the next start when the segment is still there.
key=$(sed -n 's/.*"key": \(-*[0-9]*\).*/\1/p' "$2" 2>/dev/null)
[ -n "$key" ] && ! grep -q "^ *$key " /proc/sysvipc/shm && rm -f -- "$2"
exit 0
"""


class Guardian:
    """Waits for the end of the process that made it, then removes a folder."""

    def __init__(self, folder: Path) -> None:
        """Start to wait.

        Args:
            folder: What to remove.
        """
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "tenant-isolation-guardian", str(folder), str(note_beside(folder))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def dismiss(self) -> None:
        """Let it go: it removes what is left of the folder and ends."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
