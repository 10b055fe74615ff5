"""Tokens that were logged out: refused until they would have expired anyway."""

from __future__ import annotations

import json
import time
from pathlib import Path


class RevokedTokens:
    """The token ids that must not be accepted any more, kept over a restart in one small file.

    An entry is the pair of user and token id: token ids are chosen by whoever issues tokens, and nobody shall be able
    to log out a stranger by choosing the same id.

    Attributes:
        changes: Grows with every token that is revoked.
    """

    def __init__(self, path: Path) -> None:
        """Read what earlier processes wrote.

        Args:
            path: File of JSON lines ``[user, token_id, expires_at]``; need not exist.
        """
        self._path = path
        self._entries: dict[tuple[str, str], float] = {}
        self.changes = 0
        if path.exists():
            self._read()

    def revoke(self, user: str, token_id: str, expires_at: float) -> None:
        """Refuse a token from now on.

        Args:
            user: Whose token it is.
            token_id: Its ``jti``.
            expires_at: When it would have expired (seconds since 1970); the entry is dropped then.
        """
        self._drop_expired()
        self._entries[user, token_id] = expires_at
        self.changes += 1
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([user, token_id, expires_at]) + "\n")

    def is_revoked(self, user: str, token_id: str) -> bool:
        """Whether a token was logged out."""
        return (user, token_id) in self._entries

    def _drop_expired(self) -> None:
        now = time.time()
        self._entries = {entry: end for entry, end in self._entries.items() if end > now}

    def _read(self) -> None:
        for line in self._path.read_text(encoding="utf-8").splitlines():
            user, token_id, expires_at = json.loads(line)
            self._entries[user, token_id] = expires_at
        self._drop_expired()
        lines = [json.dumps([user, token_id, end]) for (user, token_id), end in self._entries.items()]
        self._path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
