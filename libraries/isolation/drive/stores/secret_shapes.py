"""What secrets look like: for finding those that nobody has on a list."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

SHAPES = {
    "signed token": re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "address with a password": re.compile(rb"(?:postgres(?:ql)?|rediss?|https?)://[^\s/:@\"'<>]*:(?!\*)[^\s/@\"'<>]+@"),
    "marker": re.compile(rb"88888888m[0-9a-z]{34}"),
    "bearer credential": re.compile(rb"Bearer [A-Za-z0-9_.-]{16,}"),
}


def content_of(path: Path) -> bytes:
    """What stands in a file, unpacked when it is packed."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def shapes_in(text: bytes) -> list[str]:
    """What kinds of secrets something looks to hold, and where."""
    return [f"{name} at byte {match.start()}" for name, shape in SHAPES.items() for match in shape.finditer(text)]
