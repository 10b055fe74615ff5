"""Writes the list of users, with fresh passwords: NATS' accounts stand in its configuration, nobody makes them later."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

_ACCOUNTS = 30
_USERS = ("ann", "ben")


def prepare(folder: Path) -> None:
    """Write it."""
    users = [(f"ACCOUNT{number:02d}", name) for number in range(_ACCOUNTS) for name in _USERS]
    given = [{"tenant": one, "user": f"{one}.{name}", "token": secrets.token_hex(24)} for one, name in users]
    (folder / "users.json").write_text(json.dumps(given), encoding="utf-8")


if __name__ == "__main__":
    prepare(Path(__file__).parent)
