"""Promise OP-7 from outside: does any file of a run hold a token, a password or a connection string? Ends with 1 if so."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "libraries"))

from isolation.drive.stores.secret_shapes import content_of, shapes_in


def main(folder: str) -> int:
    """Search all files below a folder."""
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    found = [f"{path}: {shape}" for path in files for shape in shapes_in(content_of(path))]
    print("\n".join(found) or f"no secret in {len(files)} files")
    return 1 if found or not files else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "results"))
