"""The clean-up journal: whom a run has made on a platform, written down before they are made.

A suite that was killed cannot clean up. The next run reads the journal and removes what the last one left; nobody else is ever
removed. Also users of a platform that the suite starts itself are written down: its stores may live on.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from isolation.drive.platform.identities import Person


class Journal:
    """A file of users to remove, one JSON line each; only the owner can read it, and a link is not followed.

    Args:
        target: Name of the target; other targets' lines are left alone.
    """

    def __init__(self, path: Path, target: str) -> None:
        """Remember where the journal is; nothing is written yet."""
        self._path = path
        self._target = target

    def add(self, people: Iterable[Person]) -> None:
        """Write users down, before they are made."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(_line(self._target, person) for person in people)
        handle = _opened(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    def left(self) -> list[Person]:
        """Users of this target that no run has removed."""
        return [person for target, person in self._entries() if target == self._target]

    def removed(self, tenants: Iterable[str]) -> None:
        """Strike out every user of tenants that are gone."""
        gone = set(tenants)
        rest = [(t, p) for t, p in self._entries() if t != self._target or p.tenant_id not in gone]
        if not rest:
            self._path.unlink(missing_ok=True)
            return
        temporary = self._path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("".join(_line(target, person) for target, person in rest))
        os.replace(temporary, self._path)

    def _entries(self) -> list[tuple[str, Person]]:
        try:
            handle = _opened(self._path, os.O_RDONLY)
        except OSError:
            return []
        with os.fdopen(handle, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        entries = []
        for line in lines:
            try:
                entry = json.loads(line)
                person = Person(str(entry["name"]), str(entry["tenant"]), str(entry["user"]), str(entry["role"]))
                entries.append((str(entry["target"]), person))
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a run that was killed while it wrote
        return entries


def _opened(path: Path, flags: int) -> int:
    """An ordinary file and nothing else: a link would lead elsewhere, a pipe would wait for ever.

    Raises:
        OSError: It is something else, or cannot be opened.
    """
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is not an ordinary file", str(path))
    return handle


def _line(target: str, person: Person) -> str:
    entry = {"target": target, "tenant": person.tenant_id, "user": person.user_id, "role": person.role}
    return json.dumps({**entry, "name": person.name}) + "\n"
