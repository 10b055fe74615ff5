"""Notes about shared memory of servers, so that the next start can take away what a killed one left.

PostgreSQL keeps one small segment of System V to see whether its data folder is in use. The kernel keeps it when the
server is killed, and the folder in which its id stands is removed by then. So its id is noted beside the folder.

``initdb`` makes such a segment too, under a key that is the number of the data folder's inode. It is noted before ``initdb`` begins,
without the id and the creator, which nobody can know yet.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import stat
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from process_control.family import is_running, started_ticks
from process_control.proc.sysvipc_shm import Segment, read_segments
from process_control.shared_memory import remove_segment
from reference_platform.services.private_folder.folder import PREFIX as FOLDER_PREFIX

SUFFIX = ".claim"
_NOT_KNOWN = -1


@dataclass(frozen=True, slots=True)
class Claim:
    """A segment of a server that we started.

    Attributes:
        segment_id: Its id; -1 as long as it is not known.
        creator: The server that made it; 0 as long as it is not known.
        user: As whom the server runs.
        owner: The process that started the server.
        owner_ticks: When that one started (clock ticks since boot).
        noted_at: When the note was written (seconds since 1970); a segment that is not known by its id is younger.
    """

    segment_id: int
    key: int
    creator: int
    user: int
    owner: int
    owner_ticks: int
    noted_at: float = 0.0

    def finds(self) -> Segment | None:
        """The segment, when it is provably the one: same key and user, and same id and creator or younger than the note."""
        for segment in read_segments():
            if (segment.key, segment.user) != (self.key, self.user):
                continue
            if (segment.segment_id, segment.creator) == (self.segment_id, self.creator):
                return segment
            # The kernel's seconds are those of its last tick.
            if self.segment_id == _NOT_KNOWN and segment.changed_at >= int(self.noted_at) - 1:
                return segment
        return None


def expect_segment(home: Path, user: int, folder: Path) -> None:
    """Note the segment that ``initdb``, or a server before it is ready, is going to make; ``claim_segment`` replaces the note.

    Args:
        home: The data folder.
        user: As whom it runs.
        folder: The private folder; the note is kept beside it.
    """
    _write(note_beside(folder), Claim(_NOT_KNOWN, _key_of(home), 0, user, *_owner(), time.time()))


def claim_segment(postmaster_file: Path, user: int, folder: Path) -> Path | None:
    """Note the segment of a PostgreSQL server.

    Args:
        postmaster_file: The server's ``postmaster.pid``: the process id in line 1, key and id of the segment in line 7.
        user: As whom it runs.
        folder: The private folder; the note is kept beside it.

    Returns:
        The note; None when the server has no segment.
    """
    lines = postmaster_file.read_text().splitlines()
    words = lines[6].split() if len(lines) > 6 else []
    if len(words) != 2:
        return None
    note = note_beside(folder)
    _write(note, Claim(int(words[1]), int(words[0]), int(lines[0]), user, *_owner()))
    return note


def _owner() -> tuple[int, int]:
    return os.getpid(), started_ticks(os.getpid())


def _key_of(home: Path) -> int:
    """As a signed number of 32 bits, as the kernel shows it."""
    return ctypes.c_int32(home.stat().st_ino & 0xFFFFFFFF).value


def _write(note: Path, claim: Claim) -> None:
    """Whole or not at all; a note that is there already is the same start's."""
    fresh = note.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, json.dumps(asdict(claim)).encode())
    finally:
        os.close(descriptor)
    fresh.replace(note)


def note_beside(folder: Path) -> Path:
    """Where the note about the server in a private folder is."""
    return folder.with_name(folder.name + SUFFIX)


def settle_claim(note: Path) -> bool:
    """Remove a noted segment when its server has ended, and then the note.

    Only what is provably the noted one is removed, and only when nobody has mapped it.

    Returns:
        Whether a segment was removed.
    """
    claim = _read(note)
    if claim is None:
        return False
    segment = claim.finds()
    if segment is not None and segment.attached:
        return False  # the server lives; a later start looks again
    removed = segment is not None and remove_segment(segment)
    with contextlib.suppress(OSError):
        note.unlink()
    return removed


def settle_claims_of_the_dead(parent: Path) -> list[Path]:
    """Settle the notes of this user whose owners have ended.

    Args:
        parent: Where to look.

    Returns:
        The notes whose segments were removed.
    """
    settled = []
    for note in parent.glob(f"{FOLDER_PREFIX}*{SUFFIX}"):
        claim = _read(note)
        if claim is not None and not is_running(claim.owner, claim.owner_ticks) and settle_claim(note):
            settled.append(note)
    return settled


def _read(note: Path) -> Claim | None:
    try:
        descriptor = os.open(note, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_size > 4096:
            return None
        try:
            return Claim(**json.loads(file.read()))
        except (ValueError, TypeError):
            return None
