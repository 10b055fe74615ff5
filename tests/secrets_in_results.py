"""Promise OP-7 from outside: does any file of a run hold a token, a password or a connection string? Ends with 1 if so."""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

PATTERNS = {
    "signed token": re.compile(rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "address with a password": re.compile(rb"(?:postgres(?:ql)?|rediss?|https?)://[^\s/:@\"'<>]*:(?!\*)[^\s/@\"'<>]+@"),
    "marker": re.compile(rb"88888888m[0-9a-z]{34}"),
    "bearer credential": re.compile(rb"Bearer [A-Za-z0-9_.-]{16,}"),
}


def main(folder: str) -> int:
    """Search all files below a folder."""
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    found = [
        f"{path}: {name} at byte {match.start()}"
        for path in files
        for name, pattern in PATTERNS.items()
        for match in pattern.finditer(_content(path))
    ]
    print("\n".join(found) or f"no secret in {len(files)} files")
    return 1 if found or not files else 0


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "results"))
