"""Shared memory that outlives its processes: segments of System V, and files of ``/dev/shm``."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from process_control.proc.sysvipc_shm import Segment, read_segments

_IPC_RMID = 0
SHARED_MEMORY_FOLDER = Path("/dev/shm")


def find_segment(segment_id: int) -> Segment | None:
    """A segment that is there, or None."""
    return next((segment for segment in read_segments() if segment.segment_id == segment_id), None)


def segments_of(user: int) -> list[Segment]:
    """The segments that a user owns."""
    return [segment for segment in read_segments() if segment.user == user]


def files_of(user: int, folder: Path = SHARED_MEMORY_FOLDER) -> list[Path]:
    """The files in shared memory that a user owns.

    Args:
        folder: Where shared memory is mounted; one that is not there has none.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return []
    found = []
    for entry in entries:
        try:
            if entry.stat(follow_symlinks=False).st_uid == user:
                found.append(Path(entry.path))
        except FileNotFoundError:
            continue
    return sorted(found)


def remove_segment(segment: Segment) -> bool:
    """Remove a segment that nobody has mapped.

    Args:
        segment: As it was read; one that has changed since is left alone.

    Returns:
        Whether it is gone.
    """
    current = find_segment(segment.segment_id)
    if current is None:
        return True
    if current != segment or current.attached:
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return int(library.shmctl(segment.segment_id, _IPC_RMID, None)) == 0
