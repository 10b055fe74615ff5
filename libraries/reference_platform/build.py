"""Which build of the platform this is: its version, and a fingerprint of its own source."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

VERSION = "1.0.0"
_SOURCE = Path(__file__).resolve().parent
_DIGITS = 12


@cache
def build() -> str:
    """Such as ``1.0.0, source 4f2a9c01d7e3``: another source is another build."""
    digest = hashlib.sha256()
    for file in sorted(_SOURCE.rglob("*.py")):
        digest.update(f"{file.relative_to(_SOURCE).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return f"{VERSION}, source {digest.hexdigest()[:_DIGITS]}"
