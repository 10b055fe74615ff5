"""As whom the embedded servers run: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass

from reference_platform.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Identity:
    """The user that a server runs as.

    Attributes:
        user: User id.
        group: Group id; there are no further groups.
        dropped: Whether that is another user than the one who starts it.
    """

    user: int
    group: int
    dropped: bool


def server_identity() -> Identity:
    """The own user, or ``nobody`` when started by root.

    Raises:
        ServiceError: When root finds no user ``nobody``.
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid(), dropped=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ServiceError(
            "PostgreSQL does not run as root and there is no user 'nobody': start this as an ordinary user"
        ) from None
    return Identity(nobody.pw_uid, nobody.pw_gid, dropped=True)
