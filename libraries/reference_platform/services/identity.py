"""As whom the embedded servers run: PostgreSQL refuses to run as root, and no account is shared with anybody else."""

from __future__ import annotations

import grp
import os
import pwd
import secrets
from dataclasses import dataclass
from pathlib import Path

from process_control.proc.uid_map import read_uid_ranges
from reference_platform.services.errors import ServiceError

#: Above what administrators, packages and systemd hand out, below what containers are given.
_PREFERRED = range(65_600, 100_000)
#: Where a user namespace maps only the usual 65,536 ids.
_OTHERWISE = range(40_000, 60_000)
_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Identity:
    """The user that a server runs as.

    Attributes:
        group: Group id; there are no further groups.
        dropped: Whether that is another user than the one who starts it.
    """

    user: int
    group: int
    dropped: bool


@dataclass(frozen=True, slots=True)
class ServerIdentities:
    """As whom everything runs that the stores consist of.

    Attributes:
        postgres: PostgreSQL.
        maker: Whoever makes PostgreSQL's data folder: ``initdb`` runs only as a user that has a name. The folder is
            handed over before the server starts, and nothing that ``initdb`` was told is true any more by then.
    """

    postgres: Identity
    valkey: Identity
    maker: Identity


def server_identities() -> ServerIdentities:
    """The own user for all; for root, ids that nobody else has: one for each server, in one group.

    Raises:
        ServiceError: When root finds no such id, or no account for ``initdb``.
    """
    if os.geteuid() != 0:
        own = Identity(os.geteuid(), os.getegid(), dropped=False)
        return ServerIdentities(own, own, own)
    first, second = _unused_ids(2)
    return ServerIdentities(
        postgres=Identity(first, first, dropped=True),
        valkey=Identity(second, first, dropped=True),
        maker=Identity(_quiet_account(), first, dropped=True),
    )


def _unused_ids(number: int) -> list[int]:
    """User ids that exist here, have no name and no process; each is also the id of a group without a name."""
    busy = _users_with_processes()
    mapped = read_uid_ranges()
    for wanted in (_PREFERRED, _OTHERWISE):
        if not any(wanted.start in ids and wanted[-1] in ids for ids in mapped):
            continue
        found: list[int] = []
        for _ in range(_ATTEMPTS):
            chosen = wanted.start + secrets.randbelow(len(wanted))
            if chosen not in busy and chosen not in found and not _has_name(chosen):
                found.append(chosen)
            if len(found) == number:
                return found
    raise ServiceError(
        "PostgreSQL does not run as root, and no unused user id was found to run it as: start this as an ordinary user"
    )


def _quiet_account() -> int:
    """An account that exists, is not root's, and runs nothing at this moment."""
    busy = _users_with_processes()
    accounts = [account.pw_uid for account in pwd.getpwall() if account.pw_uid not in (0, *busy)]
    if not accounts:
        accounts = [account.pw_uid for account in pwd.getpwall() if account.pw_uid != 0]
    if not accounts:
        raise ServiceError(
            "PostgreSQL does not run as root, and there is no other account: start this as an ordinary user"
        )
    # Accounts of the system come first in the file; nobody's is the one that most others use too.
    return min(accounts)


def _users_with_processes() -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.add(entry.stat().st_uid)
            except OSError:
                continue  # it has just ended
    return found


def _has_name(number: int) -> bool:
    try:
        pwd.getpwuid(number)
    except KeyError:
        pass
    else:
        return True
    try:
        grp.getgrgid(number)
    except KeyError:
        return False
    return True
