"""A private temporary folder that tells whether its owner lives, and the sweep of folders whose owners died."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

from reference_platform.services.errors import ServiceError
from reference_platform.services.identity import Identity

PREFIX = "tenant-isolation-services-"
_LOCK = "owner.lock"


class PrivateFolder:
    """A folder that only its owner can list, locked for as long as the owner lives.

    The owner holds ``flock`` on the file ``owner.lock``. The kernel gives the lock back when the owner ends, however it
    ends, so a lock that can be taken means a dead owner.
    """

    def __init__(self, path: Path, lock: int) -> None:
        """Use ``create``; this only keeps what it made."""
        self.path = path
        self._lock = lock

    @classmethod
    def create(cls, parent: Path, guest_group: int | None = None) -> PrivateFolder:
        """Make a folder and lock it.

        Args:
            parent: Existing folder; its own permissions are left as they are.
            guest_group: Group that may pass through (not list), for servers that run as another user.

        Raises:
            ServiceError: When nothing can be made there.
        """
        try:
            path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        except OSError as error:
            raise ServiceError(
                f"No folder can be made in {parent} ({error.strerror}): set TMPDIR to another one"
            ) from None
        if guest_group is not None:
            os.chown(path, -1, guest_group)
            path.chmod(0o710)
        # Locked under another name first: a sweep never sees a lock file that is not held yet.
        lock = os.open(path / "new.lock", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.rename(path / "new.lock", path / _LOCK)
        return cls(path, lock)

    def remove(self) -> None:
        """Remove the folder with everything in it, then give the lock back."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep(parent: Path) -> list[Path]:
    """Remove the folders of this user whose owners died, and end servers that still work in them.

    Args:
        parent: Where to look.

    Returns:
        The folders that were removed.
    """
    removed = []
    for path in parent.glob(PREFIX + "*"):
        lock = _lock_of_dead_owner(path)
        if lock is None:
            continue
        _end_servers(path)
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)
        removed.append(path)
    return removed


def _lock_of_dead_owner(path: Path) -> int | None:
    try:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            return None
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _end_servers(path: Path) -> None:
    """End what the process-id files in a dead owner's folder name, if it really works inside that folder."""
    for file in (path / "postgres" / "postmaster.pid", path / "valkey" / "valkey.pid"):
        try:
            pid = int(file.read_text().split()[0])
            if Path(os.readlink(f"/proc/{pid}/cwd")) == file.parent:
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError, IndexError):
            continue


def hand_over(folder: Path, identity: Identity) -> None:
    """Give a folder, and everything in it, to another user.

    Args:
        folder: What is given; only root can.
        identity: To whom.
    """
    for path in (folder, *folder.rglob("*")):
        os.chown(path, identity.user, identity.group, follow_symlinks=False)


def passable(path: Path, user: int, group: int) -> bool:
    """Whether a user without special rights can pass through every folder down to a path, and read the path itself.

    Args:
        path: What has to be reached.
        group: Its only group id.
    """
    for step in (path, *path.parents):
        status = step.stat()
        shift = 6 if status.st_uid == user else 3 if status.st_gid == group else 0
        needed = 0o5 if step == path else 0o1
        if (status.st_mode >> shift) & needed != needed:
            return False
    return True
