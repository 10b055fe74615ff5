"""The text of a log file. Only regular files are read, no link is followed, and of a long file only its end."""

from __future__ import annotations

import os
import stat

from isolation.drive.channels.channel import Refused

_MOST_BYTES = 16 * 1024 * 1024


def read_log(path: str) -> str:
    """What a file holds, at most its last 16 MiB.

    Raises:
        Refused: When the file cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"it cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise Refused("it is no regular file")
        file.seek(max(0, about.st_size - _MOST_BYTES))
        return file.read(_MOST_BYTES).decode("utf-8", "replace")
