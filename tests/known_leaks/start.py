"""Start the release of a pair that KNOWN_LEAK_RELEASE names: ``start.py PAIR``. One JSON line when it is ready; SIGTERM ends it."""

from __future__ import annotations

import importlib
import os
import sys

from stage import Stage, ended_by_sigterm


def main() -> None:
    """Start it, and stay until it is told to end."""
    name, release = sys.argv[1], os.environ.get("KNOWN_LEAK_RELEASE", "FIXED")
    ended_by_sigterm()
    stage = Stage(name, release)
    try:
        stage.run(importlib.import_module(f"{name}.starting").start(stage))
    finally:
        stage.close()


if __name__ == "__main__":
    main()
