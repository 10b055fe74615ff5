"""Notes about shared memory of servers, so that the next start can take away what a killed one left.

PostgreSQL keeps one small segment of System V to see whether its data folder is in use. The kernel keeps it when the
server is killed, and the folder in which its id stands is removed by then. So its id is noted beside the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

from process_control.family import is_running, started_ticks
from process_control.shared_memory import find_segment, remove_segment
from reference_platform.services.private_folder.folder import PREFIX as FOLDER_PREFIX

SUFFIX = ".claim"


@dataclass(frozen=True, slots=True)
class Claim:
    """A segment of a server that we started.

    Attributes:
        segment_id: Its id.
        key: Its key.
        creator: The server that made it.
        user: As whom the server runs.
        owner: The process that started the server.
        owner_ticks: When that one started (clock ticks since boot).
    """

    segment_id: int
    key: int
    creator: int
    user: int
    owner: int
    owner_ticks: int


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
    claim = Claim(int(words[1]), int(words[0]), int(lines[0]), user, os.getpid(), started_ticks(os.getpid()))
    note = note_beside(folder)
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.write(descriptor, json.dumps(asdict(claim)).encode())
    finally:
        os.close(descriptor)
    return note


def note_beside(folder: Path) -> Path:
    """Where the note about the server in a private folder is."""
    return folder.with_name(folder.name + SUFFIX)


def settle_claim(note: Path) -> bool:
    """Remove a noted segment when its server has ended, and then the note.

    Only what is provably the noted one is removed: same id, key, creator and user, mapped by nobody.

    Returns:
        Whether a segment was removed.
    """
    claim = _read(note)
    if claim is None:
        return False
    segment = find_segment(claim.segment_id)
    is_the_same = segment is not None and (segment.key, segment.creator, segment.user) == (
        claim.key,
        claim.creator,
        claim.user,
    )
    if segment is not None and is_the_same and segment.attached:
        return False  # the server lives; a later start looks again
    removed = segment is not None and is_the_same and remove_segment(segment)
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
